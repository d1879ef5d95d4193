import Basics

/// What a report reads from its documents: absent, `null`, of another type and not finite all mean "not there".
extension JSONValue {
  /// A number that can be drawn; magnitudes beyond 1e100 count as not there, below 1e-100 as 0.
  var plain: Double? {
    guard let value = doubleValue, abs(value) < 1e100 else { return nil }
    return abs(value) < 1e-100 ? 0 : value
  }

  /// A text, number or truth as a person reads it.
  var words: String? {
    switch self {
    case .string(let text): text
    case .integer(let value): String(value)
    case .number(let value): value.isFinite ? NumberText.shortest(value) : nil
    case .boolean(let value): value ? "yes" : "no"
    default: nil
    }
  }

  /// The part under `key`, `null` where there is none.
  func part(_ key: String) -> JSONValue { self[key] ?? .null }
  /// The elements under `key`.
  func list(_ key: String) -> [JSONValue] { self[key]?.arrayValue ?? [] }
  /// The members under `key`.
  func members(_ key: String) -> [(String, JSONValue)] { self[key]?.objectValue ?? [] }
  /// The number under `key`.
  func number(_ key: String) -> Double? { self[key]?.plain }
  /// The text under `key`.
  func text(_ key: String) -> String? { self[key]?.words }
  /// The texts under `key`, those that are some.
  func texts(_ key: String) -> [String] { list(key).compactMap(\.words) }
  /// The numbers under `key`; `nil` unless all are some.
  func numbers(_ key: String) -> [Double]? {
    guard let values = self[key]?.arrayValue else { return nil }
    let numbers = values.compactMap(\.plain)
    return numbers.count == values.count ? numbers : nil
  }
  /// The whole number under `key`.
  func count(_ key: String) -> Int? { self[key]?.integerValue.flatMap { Int(exactly: $0) } }
  /// The number with its interval under `key`.
  func measured(_ key: String) -> Measured? { self[key]?.measured }

  /// `{"value", "low", "high"}`, or a bare number.
  var measured: Measured? {
    if let value = plain { return Measured(value) }
    return number("value").map { Measured($0, low: number("low"), high: number("high")) }
  }
}
