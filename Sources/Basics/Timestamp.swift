/// An instant: microseconds since 1970-01-01T00:00:00Z, proleptic Gregorian, no leap seconds.
public struct Timestamp: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// Microseconds since the epoch.
  public var microseconds: Int64

  /// Makes an instant.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// Earlier before later.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

  /// Written as an ISO 8601 string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Read from an ISO 8601 string as `description` writes it.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let instant = Timestamp(iso8601: text) else {
      throw MLError(.invalidData, "timestamp: must be ISO 8601 in UTC, such as 2026-01-31T12:00:00.000000Z.")
    }
    self = instant
  }

  /// Parses exactly what `description` writes (fraction of 0 to 6 digits, `Z`).
  public init?(iso8601 text: String) {
    let b = Array(text.utf8)
    func digits(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= b.count else { return nil }
      var value = 0
      for i in range {
        guard (48...57).contains(b[i]) else { return nil }
        value = value * 10 + Int(b[i] - 48)
      }
      return value
    }
    guard b.count >= 20, b[4] == 45, b[7] == 45, b[10] == 84, b[13] == 58, b[16] == 58, b[b.count - 1] == 90,
      let year = digits(0..<4), let month = digits(5..<7), let day = digits(8..<10), let hour = digits(11..<13),
      let minute = digits(14..<16), let second = digits(17..<19), (1...12).contains(month), (1...31).contains(day),
      hour < 24, minute < 60, second < 60
    else { return nil }
    var fraction = 0
    if b.count > 20 {
      guard b[19] == 46, (22...27).contains(b.count), let value = digits(20..<(b.count - 1)) else { return nil }
      fraction = value
      for _ in 0..<(6 - (b.count - 21)) { fraction *= 10 }
    }
    let days = Self.days(year: year, month: month, day: day)
    guard Self.civil(days: days).day == day else { return nil }
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
  }

  /// ISO 8601 in UTC with six decimals, e.g. `2026-01-31T12:00:00.000000Z`.
  public var description: String {
    let (date, time) = Self.floorDivide(microseconds, 86_400_000_000)
    let (year, month, day) = Self.civil(days: Int(date))
    let seconds = time / 1_000_000
    func pad(_ value: Int64, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(pad(Int64(year), 4))-\(pad(Int64(month), 2))-\(pad(Int64(day), 2))T"
      + "\(pad(seconds / 3600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2)).\(pad(time % 1_000_000, 6))Z"
  }

  /// Days since 1970-01-01 of a civil date.
  ///
  /// - Source: Hinnant, *chrono-compatible low-level date algorithms*, `days_from_civil`.
  public static func days(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// Civil date of days since 1970-01-01 (the inverse of `days`).
  public static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  static func floorDivide(_ a: Int64, _ b: Int64) -> (quotient: Int64, remainder: Int64) {
    let q = a / b, r = a % b
    return r < 0 ? (q - 1, r + b) : (q, r)
  }
}

/// Where the time comes from; tests pass a fixed one.
public protocol WallClock: Sendable {
  /// The present instant.
  func now() -> Timestamp
}
