public import Basics
import Kernels

/// What a cell holds, typed by its field.
public enum CellValue: Sendable, Hashable {
  case missing
  case number(Double)
  case integer(Int64)
  case boolean(Bool)
  /// Of a category or a text field.
  case text(String)
  /// Microseconds since 1970 UTC.
  case timestamp(Int64)
  /// Something else than the field expects.
  case invalid
}

/// Turns the text of a cell, or a JSON value, into a value of one field.
///
/// Every way into the program comes through here or agrees with it bit for bit: a CSV cell `12`, a JSON `12` and a JSON
/// `"12"` give the same value.
public struct CellParser: Sendable {
  /// What the cells are to be.
  public let field: Field
  private let format: TimestampFormat
  private let known: Set<String>

  /// A parser for cells of `field`.
  public init(_ field: Field) {
    self.field = field
    format = field.timestampFormat.flatMap(TimestampFormat.init(rawValue:)) ?? .yearMonthDay
    // Only categories that look like a marker of a missing value need to be known here.
    known = Set(field.categories.filter { DecimalText.marker(Array($0.utf8).span) == .always })
  }

  /// The value of a text. Spaces around numbers, booleans and instants do not count; those around categories and
  /// texts do.
  public func parse(_ text: Span<UInt8>) -> CellValue {
    if field.kind == .category || field.kind == .text { return textValue(text) }
    var start = 0
    var end = text.count
    while start < end, text[start] == 32 || text[start] == 9 { start += 1 }
    while end > start, text[end - 1] == 32 || text[end - 1] == 9 { end -= 1 }
    return scalar(text.extracting(start..<end))
  }

  /// The value of a text.
  public func parse(_ text: String) -> CellValue { parse(Array(text.utf8).span) }

  /// The value of a JSON value; arrays and objects are invalid.
  public func parse(_ json: JSONValue) -> CellValue {
    switch json {
    case .null: .missing
    case .string(let text): parse(text)
    case .boolean(let value): boolean(value)
    case .integer(let value): integer(value)
    case .number(let value): number(value)
    case .array, .object: .invalid
    }
  }

  /// What the field expects, for messages: `a number`, `a date such as 2020-01-31`, …
  public var expectation: String {
    switch field.kind {
    case .number: return "a number"
    case .integer: return "a whole number"
    case .boolean: return "true or false"
    case .category: return "a text, one of the categories"
    case .text: return "a text"
    case .timestamp:
      switch format {
      case .yearMonthDay: return "a date and time such as 2020-01-31T12:00:00Z"
      case .dayMonthYear: return "a date such as 31/01/2020 or 2020-01-31"
      case .monthDayYear: return "a date such as 01/31/2020 or 2020-01-31"
      }
    case .vector: return "nothing: vectors are made by transforms"
    }
  }

  func boolean(_ value: Bool) -> CellValue {
    switch field.kind {
    case .boolean: .boolean(value)
    case .category, .text: .text(value ? "true" : "false")
    default: .invalid
    }
  }

  func integer(_ value: Int64) -> CellValue {
    switch field.kind {
    case .number: .number(Double(value))
    case .integer: .integer(value)
    case .boolean: value == 0 || value == 1 ? .boolean(value == 1) : .invalid
    case .category, .text: .text(String(value))
    default: .invalid
    }
  }

  func number(_ value: Double) -> CellValue {
    guard value.isFinite else { return .missing }
    switch field.kind {
    case .number: return .number(value)
    case .integer: return Int64(exactly: value).map(CellValue.integer) ?? .invalid
    case .boolean: return value == 0 || value == 1 ? .boolean(value == 1) : .invalid
    case .category, .text: return .text(NumberText.shortest(value))
    default: return .invalid
    }
  }

  private func textValue(_ text: Span<UInt8>) -> CellValue {
    let string = Self.string(text)
    if DecimalText.marker(text) == .always, !known.contains(string) { return .missing }
    return .text(string)
  }

  private func scalar(_ text: Span<UInt8>) -> CellValue {
    let value = present(text)
    if value == .invalid, DecimalText.marker(text) != .none { return .missing }
    return value
  }

  private func present(_ text: Span<UInt8>) -> CellValue {
    switch field.kind {
    case .number: return numeric(text).map(CellValue.number) ?? .invalid
    case .integer:
      if let value = DecimalText.integer(text, allowsLeadingZeros: true) { return .integer(value) }
      return numeric(text).flatMap { Int64(exactly: $0) }.map(CellValue.integer) ?? .invalid
    case .boolean: return Self.boolean(text).map(CellValue.boolean) ?? .invalid
    case .timestamp: return TimestampText(text).instant(format).map(CellValue.timestamp) ?? .invalid
    case .category, .text, .vector: return .invalid
    }
  }

  private func numeric(_ text: Span<UInt8>) -> Double? {
    if let value = DecimalText.number(text, allowsLeadingZeros: true) { return value }
    guard let styled = StyledNumber(text), styled.currency == nil || styled.currency == field.unit else { return nil }
    return styled.value
  }

  /// `true`, `false` in any case, and `1`, `0`.
  static func boolean(_ text: Span<UInt8>) -> Bool? {
    if text.count == 1 { return text[0] == 49 ? true : text[0] == 48 ? false : nil }
    return spelledBoolean(text)
  }

  /// `true`, `false` in any case.
  static func spelledBoolean(_ text: Span<UInt8>) -> Bool? {
    func matches(_ word: [UInt8]) -> Bool {
      guard text.count == word.count else { return false }
      for index in word.indices where text[index] | 0x20 != word[index] { return false }
      return true
    }
    if matches(trueWord) { return true }
    return matches(falseWord) ? false : nil
  }

  private static let trueWord = Array("true".utf8)
  private static let falseWord = Array("false".utf8)

  /// UTF-8, or Latin-1 where it is not.
  static func string(_ text: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    for index in text.indices { bytes.append(text[index]) }
    return String(validating: bytes, as: UTF8.self) ?? latin1(bytes)
  }

  static func latin1(_ bytes: some Sequence<UInt8>) -> String {
    String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
