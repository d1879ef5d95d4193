import Basics
import Kernels

/// Rows on their way from JSON into columns: one slot of 64 bits a cell, row after row, turned into columns at the end.
struct RowBatch {
  let plan: RowPlan
  private let invalidPolicy: SourceOptions.InvalidCells
  private let width: Int
  /// Bits of a number, a whole number, an instant, a truth value or a code; the position of a text in `texts`.
  private(set) var slots: [UInt64] = []
  /// Slots without a value, row after row.
  private(set) var missing: [Int] = []
  private(set) var texts: [String] = []
  /// Categories that the contract does not know, by field.
  private(set) var unseen: [Int: Unseen] = [:]
  private(set) var rowCount = 0
  /// Row in which each field was last given, + 1.
  private(set) var given: [Int]
  private(set) var ignored: [String] = []
  private var ignoredSet: Set<String> = []
  private(set) var invalid: [String: Int] = [:]

  /// Categories in order of first appearance.
  struct Unseen {
    var names: [String] = []
    var codes: [String: Int32] = [:]
  }

  init(_ plan: RowPlan, _ invalidPolicy: SourceOptions.InvalidCells) {
    self.plan = plan
    self.invalidPolicy = invalidPolicy
    width = plan.kinds.count
    given = [Int](repeating: 0, count: width)
  }

  /// Makes room for a row.
  private mutating func openRow() {
    for _ in 0..<width { slots.append(0) }
  }

  private mutating func set(_ index: Int, _ bits: UInt64) { slots[rowCount * width + index] = bits }

  /// Takes a value that fits the field.
  private mutating func set(_ index: Int, _ value: CellValue) {
    switch value {
    case .missing, .invalid: missing.append(rowCount * width + index)
    case .number(let value): set(index, value.bitPattern)
    case .integer(let value), .timestamp(let value): set(index, UInt64(bitPattern: value))
    case .boolean(let value): set(index, value ? 1 : 0)
    case .text(let text):
      if plan.kinds[index] == .category {
        set(index, UInt64(code(text, index)))
      } else {
        set(index, UInt64(texts.count))
        texts.append(text)
      }
    }
  }

  private mutating func code(_ text: String, _ index: Int) -> Int32 {
    if let code = plan.codes[index][text] ?? unseen[index]?.codes[text] { return code }
    let known = plan.contract.fields[index].categories.count
    let code = Int32(known + (unseen[index]?.names.count ?? 0))
    unseen[index, default: Unseen()].names.append(text)
    unseen[index, default: Unseen()].codes[text] = code
    return code
  }

  // MARK: The fast way

  /// Takes the object at the scanner; `false`, with nothing taken, when it holds a surprise.
  mutating func append(_ scanner: inout JSONRowScanner) -> Bool {
    let start = scanner.position
    openRow()
    if object(&scanner) {
      rowCount += 1
      return true
    }
    scanner.position = start
    let end = rowCount * width
    slots.removeLast(slots.count - end)
    while let last = missing.last, last >= end { missing.removeLast() }
    for index in given.indices where given[index] > rowCount { given[index] = 0 }
    return false
  }

  private mutating func object(_ scanner: inout JSONRowScanner) -> Bool {
    guard scanner.skipSpaceAndTake(123) else { return false }
    var expected = 0
    var found = 0
    if !scanner.skipSpaceAndTake(125) {
      repeat {
        guard let key = scanner.key() else { return false }
        var index: Int? = expected
        if expected >= width || !plan.names.matches(expected, scanner.bytes, key) {
          index = plan.names.index(scanner.bytes, key)
        }
        guard let index else {
          guard skipUnknown(key, &scanner) else { return false }
          continue
        }
        guard given[index] != rowCount + 1, let token = scanner.value(), append(token, index, scanner.bytes) else {
          return false
        }
        given[index] = rowCount + 1
        expected = index + 1
        found += 1
      } while scanner.skipSpaceAndTake(44)
      guard scanner.skipSpaceAndTake(125) else { return false }
    }
    return found == width || fillOptional()
  }

  private mutating func fillOptional() -> Bool {
    for index in 0..<width where given[index] != rowCount + 1 {
      guard plan.optional[index] else { return false }
      set(index, .missing)
    }
    return true
  }

  private mutating func skipUnknown(_ key: Range<Int>, _ scanner: inout JSONRowScanner) -> Bool {
    guard let name = scanner.plainText(key), let token = scanner.value() else { return false }
    // Known under a canonically equal spelling, nested, or with escapes inside: the careful way decides.
    if plan.contract.index(of: name) != nil { return false }
    switch token {
    case .nested(let range):
      if plan.hasDottedNames || (try? JSONValue(parsing: Array(scanner.bytes[range]))) == nil { return false }
    case .string(_, hasEscapes: true): return false
    case .string(let range, _): if scanner.plainText(range) == nil { return false }
    default: break
    }
    ignore(name)
    return true
  }

  private mutating func ignore(_ name: String) {
    if ignoredSet.insert(name).inserted { ignored.append(name) }
  }

  private mutating func append(_ token: JSONRowScanner.Token, _ index: Int, _ bytes: [UInt8]) -> Bool {
    switch token {
    case .number(let range, let isInteger): return append(number: range, isInteger, index, bytes)
    case .string(let range, hasEscapes: false):
      if let code = plan.categories[index]?.index(bytes, range) {
        set(index, UInt64(code))
        return true
      }
      let isText = plan.kinds[index] == .category || plan.kinds[index] == .text
      if isText, String(validating: bytes[range], as: UTF8.self) == nil { return false }
      return append(plan.parsers[index].parse(bytes.span.extracting(range)), index)
    case .string(let range, _):
      let quoted = Array(bytes[(range.lowerBound - 1)...range.upperBound])
      guard let text = try? JSONValue(parsing: quoted).stringValue else { return false }
      return append(plan.parsers[index].parse(text), index)
    case .null: return append(.missing, index)
    case .boolean(let flag): return append(plan.parsers[index].boolean(flag), index)
    case .nested: return false
    }
  }

  private mutating func append(number range: Range<Int>, _ isInteger: Bool, _ index: Int, _ bytes: [UInt8]) -> Bool {
    let text = bytes.span.extracting(range)
    switch plan.kinds[index] {
    case .number:
      guard let value = DecimalText.number(text, allowsLeadingZeros: false) else { return false }
      set(index, value.bitPattern)
      return true
    case .integer where isInteger:
      guard let value = DecimalText.integer(text, allowsLeadingZeros: false) else { return false }
      set(index, UInt64(bitPattern: value))
      return true
    default:
      if isInteger, let value = DecimalText.integer(text, allowsLeadingZeros: false) {
        return append(plan.parsers[index].integer(value), index)
      }
      guard let value = DecimalText.number(text, allowsLeadingZeros: false) else { return false }
      return append(plan.parsers[index].number(value), index)
    }
  }

  private mutating func append(_ value: CellValue, _ index: Int) -> Bool {
    guard value != .invalid else { return false }
    set(index, value)
    return true
  }

  // MARK: The careful way

  /// Takes a row; `place` names it in messages.
  ///
  /// - Throws: `.schemaMismatch` or `.invalidData`, with the field.
  mutating func append(_ row: JSONValue, place: String) throws {
    guard case .object(let pairs) = row else {
      throw MLError(
        .invalidData, "\(place): must be an object of columns and values.", hint: "Send {\"column\": value, …}.")
    }
    var values = [JSONValue?](repeating: nil, count: width)
    for (key, value) in pairs { assign(key, value, &values) }
    openRow()
    for index in 0..<width {
      let parser = plan.parsers[index]
      guard let json = values[index] else {
        guard plan.optional[index] else { throw lacking(parser.field.name, pairs.map(\.0), place) }
        set(index, .missing)
        continue
      }
      given[index] = rowCount + 1
      let value = parser.parse(json)
      if value == .invalid {
        guard invalidPolicy == .missing else { throw Self.unfit(parser, json, place) }
        invalid[parser.field.name, default: 0] += 1
        set(index, .missing)
      } else {
        set(index, value)
      }
    }
    rowCount += 1
  }

  private mutating func assign(_ key: String, _ value: JSONValue, _ values: inout [JSONValue?]) {
    if let index = plan.contract.index(of: key) {
      values[index] = value
    } else if plan.hasDottedNames, case .object(let inner) = value,
      inner.contains(where: { plan.contract.index(of: "\(key).\($0.0)") != nil })
    {
      for (name, value) in inner {
        if let index = plan.contract.index(of: "\(key).\(name)") {
          values[index] = value
        } else {
          ignore("\(key).\(name)")
        }
      }
    } else {
      ignore(key)
    }
  }

  private func lacking(_ name: String, _ keys: [String], _ place: String) -> MLError {
    let close = Suggestions.closest(to: name, in: keys.filter { plan.contract[$0] == nil })
    return MLError(
      .schemaMismatch, "\(place): lacks '\(name)'.",
      hint: close.first.map { "Did you mean '\(name)' by '\($0)'?" } ?? "Send the key; its value may be null.",
      field: name)
  }

  private static func unfit(_ parser: CellParser, _ json: JSONValue, _ place: String) -> MLError {
    let got: String =
      switch json {
      case .null: "null"
      case .boolean: "true or false"
      case .integer, .number: parser.field.kind == .integer ? "a number with a fraction" : "a number"
      case .string: "a text that is none"
      case .array: "an array"
      case .object: "an object"
      }
    return MLError(
      .invalidData, "\(place): '\(parser.field.name)' must be \(parser.expectation); got \(got).",
      hint: "Send \(parser.expectation), or null when it is not known.", field: parser.field.name)
  }
}
