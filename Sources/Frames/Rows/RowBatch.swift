import Basics
import Kernels

/// Rows on their way from JSON into columns.
struct RowBatch {
  private let decoder: RowDecoder
  private let invalidPolicy: SourceOptions.InvalidCells
  private var builders: [CellBuilder]
  private var rowCount = 0
  /// Row in which each field was last given, + 1.
  private var given: [Int]
  private var ignored: [String] = []
  private var ignoredSet: Set<String> = []
  private var invalid: [String: Int] = [:]

  init(_ decoder: RowDecoder, _ invalidPolicy: SourceOptions.InvalidCells) {
    self.decoder = decoder
    self.invalidPolicy = invalidPolicy
    builders = decoder.contract.fields.map(CellBuilder.init)
    given = [Int](repeating: 0, count: builders.count)
  }

  /// Rows so far.
  var count: Int { rowCount }

  // MARK: The fast way

  /// Takes the object at the scanner; `false`, with nothing taken, when it holds a surprise.
  mutating func append(_ scanner: inout JSONRowScanner) -> Bool {
    let start = scanner.position
    if object(&scanner) {
      rowCount += 1
      return true
    }
    scanner.position = start
    for index in builders.indices { builders[index].truncate(to: rowCount) }
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
        if expected >= builders.count || !decoder.names.matches(expected, scanner.bytes, key) {
          index = decoder.names.index(scanner.bytes, key)
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
    return found == builders.count || fillOptional()
  }

  private mutating func fillOptional() -> Bool {
    for index in builders.indices where given[index] != rowCount + 1 {
      guard decoder.optional[index] else { return false }
      builders[index].append(.missing)
    }
    return true
  }

  private mutating func skipUnknown(_ key: Range<Int>, _ scanner: inout JSONRowScanner) -> Bool {
    guard let name = scanner.plainText(key), let token = scanner.value() else { return false }
    // Known under a canonically equal spelling, nested, or with escapes inside: the careful way decides.
    if decoder.contract.index(of: name) != nil { return false }
    switch token {
    case .nested(let range):
      if decoder.hasDottedNames || (try? JSONValue(parsing: Array(scanner.bytes[range]))) == nil { return false }
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
      if let code = decoder.categories[index]?.index(bytes, range) {
        builders[index].append(code: Int32(code))
        return true
      }
      let isText = builders[index].kind == .category || builders[index].kind == .text
      if isText, String(validating: bytes[range], as: UTF8.self) == nil { return false }
      return append(decoder.parsers[index].parse(bytes.span.extracting(range)), index)
    case .string(let range, _):
      let quoted = Array(bytes[(range.lowerBound - 1)...range.upperBound])
      guard let text = try? JSONValue(parsing: quoted).stringValue else { return false }
      return append(decoder.parsers[index].parse(text), index)
    case .null: return append(.missing, index)
    case .boolean(let flag): return append(decoder.parsers[index].boolean(flag), index)
    case .nested: return false
    }
  }

  private mutating func append(number range: Range<Int>, _ isInteger: Bool, _ index: Int, _ bytes: [UInt8]) -> Bool {
    let text = bytes.span.extracting(range)
    switch builders[index].kind {
    case .number:
      guard let value = DecimalText.number(text, allowsLeadingZeros: false) else { return false }
      builders[index].append(number: value)
      return true
    case .integer where isInteger:
      guard let value = DecimalText.integer(text, allowsLeadingZeros: false) else { return false }
      builders[index].append(integer: value)
      return true
    default:
      if isInteger, let value = DecimalText.integer(text, allowsLeadingZeros: false) {
        return append(decoder.parsers[index].integer(value), index)
      }
      guard let value = DecimalText.number(text, allowsLeadingZeros: false) else { return false }
      return append(decoder.parsers[index].number(value), index)
    }
  }

  private mutating func append(_ value: CellValue, _ index: Int) -> Bool {
    guard value != .invalid else { return false }
    builders[index].append(value, decoder.codes[index])
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
    var values = [JSONValue?](repeating: nil, count: builders.count)
    for (key, value) in pairs { assign(key, value, &values) }
    for index in builders.indices {
      let parser = decoder.parsers[index]
      guard let json = values[index] else {
        guard decoder.optional[index] else { throw lacking(parser.field.name, pairs.map(\.0), place) }
        builders[index].append(.missing)
        continue
      }
      given[index] = rowCount + 1
      let value = parser.parse(json)
      if value == .invalid {
        guard invalidPolicy == .missing else { throw Self.unfit(parser, json, place) }
        invalid[parser.field.name, default: 0] += 1
        builders[index].append(.missing)
      } else {
        builders[index].append(value, decoder.codes[index])
      }
    }
    rowCount += 1
  }

  private mutating func assign(_ key: String, _ value: JSONValue, _ values: inout [JSONValue?]) {
    if let index = decoder.contract.index(of: key) {
      values[index] = value
    } else if decoder.hasDottedNames, case .object(let inner) = value,
      inner.contains(where: { decoder.contract.index(of: "\(key).\($0.0)") != nil })
    {
      for (name, value) in inner {
        if let index = decoder.contract.index(of: "\(key).\(name)") {
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
    let close = Suggestions.closest(to: name, in: keys.filter { decoder.contract[$0] == nil })
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

  // MARK: The end

  /// The frame. A column that is optional and in no row is left out unless `keepsAll`.
  func finish(keepsAll: Bool = false) throws -> RowDecoder.Decoded {
    let fields = decoder.contract.fields
    if keepsAll || !decoder.hasOptional {
      var columns: [Column] = []
      columns.reserveCapacity(builders.count)
      for index in builders.indices { columns.append(builders[index].column(rowCount)) }
      let frame = Frame(unchecked: decoder.contract, columns, rowCount: rowCount)
      return RowDecoder.Decoded(frame: frame, ignoredKeys: ignored, extras: [], invalidCells: invalid)
    }
    let kept = fields.indices.filter { !decoder.optional[$0] || given[$0] > 0 }
    let columns = kept.map { builders[$0].column(rowCount) }
    let schema = try Schema(kept.map { fields[$0] })
    let frame = Frame(unchecked: schema, columns, rowCount: rowCount)
    return RowDecoder.Decoded(frame: frame, ignoredKeys: ignored, extras: [], invalidCells: invalid)
  }
}

/// Cells of one field, one after the other.
struct CellBuilder {
  let kind: ColumnKind
  private let categories: [String]
  private var numbers: [Double] = []
  private var integers: [Int64] = []
  private var booleans: [Bool] = []
  private var codes: [Int32] = []
  private var texts: [String] = []
  private var missing: [Int] = []
  private var unseen: [String] = []
  private var unseenCodes: [String: Int32] = [:]
  private var count = 0

  init(_ field: Field) {
    kind = field.kind
    categories = field.kind == .category ? field.categories : []
  }

  mutating func append(code: Int32) {
    codes.append(code)
    count += 1
  }

  mutating func append(number: Double) {
    numbers.append(number)
    count += 1
  }

  mutating func append(integer: Int64) {
    integers.append(integer)
    count += 1
  }

  /// Takes a value that fits the field; `known` are the codes of a category field.
  mutating func append(_ value: CellValue, _ known: [String: Int32] = [:]) {
    if value == .missing { missing.append(count) }
    count += 1
    switch kind {
    case .number: numbers.append(value.number)
    case .integer, .timestamp: integers.append(value.integer)
    case .boolean: booleans.append(value == .boolean(true))
    case .category: codes.append(value.text.map { code($0, known) } ?? 0)
    case .text, .vector: texts.append(value.text ?? "")
    }
  }

  private mutating func code(_ text: String, _ known: [String: Int32]) -> Int32 {
    if let code = known[text] ?? unseenCodes[text] { return code }
    let code = Int32(categories.count + unseen.count)
    unseenCodes[text] = code
    unseen.append(text)
    return code
  }

  mutating func truncate(to rows: Int) {
    guard count > rows else { return }
    count = rows
    func cut<T>(_ values: inout [T]) { if values.count > rows { values.removeLast(values.count - rows) } }
    cut(&numbers)
    cut(&integers)
    cut(&booleans)
    cut(&codes)
    cut(&texts)
    while let last = missing.last, last >= rows { missing.removeLast() }
  }

  func column(_ rows: Int) -> Column {
    var validity: Validity?
    if !missing.isEmpty {
      var bits = Validity(repeating: true, count: rows)
      for row in missing { bits.set(row, false) }
      validity = bits
    }
    let storage: Column.Storage =
      switch kind {
      case .number: .number(numbers)
      case .integer: .integer(integers)
      case .timestamp: .timestamp(integers)
      case .boolean: .boolean(booleans)
      case .category: category()
      case .text, .vector: .text(texts)
      }
    return Column(zeroed: storage, validity: validity)
  }

  /// Unseen categories in order of their bytes, as a file would give them.
  private func category() -> Column.Storage {
    guard !unseen.isEmpty else { return .category(codes: codes, levels: categories) }
    let base = categories.count
    let order = unseen.indices.sorted { Array(unseen[$0].utf8).lexicographicallyPrecedes(Array(unseen[$1].utf8)) }
    var map = [Int32](repeating: 0, count: unseen.count)
    for (new, old) in order.enumerated() { map[old] = Int32(base + new) }
    let levels = categories + order.map { unseen[$0] }
    return .category(codes: codes.map { Int($0) < base ? $0 : map[Int($0) - base] }, levels: levels)
  }
}

extension CellValue {
  /// The number, or 0.
  var number: Double { if case .number(let value) = self { value } else { 0 } }
  /// The whole number or the instant, or 0.
  var integer: Int64 {
    switch self {
    case .integer(let value), .timestamp(let value): value
    default: 0
    }
  }
  /// The text.
  var text: String? { if case .text(let value) = self { value } else { nil } }
}
