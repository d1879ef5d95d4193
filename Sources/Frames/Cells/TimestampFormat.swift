import Basics

/// In which order a column writes the parts of a date; `Field.timestampFormat` holds the raw value.
///
/// Times, fractions, offsets and names of months are read as they come; without an offset the instant is UTC.
public enum TimestampFormat: String, Sendable, Hashable, CaseIterable {
  /// `2020-01-31`, `2020/01/31`, ISO 8601; also what needs no order, such as `31 Jan 2020`.
  case yearMonthDay = "year-month-day"
  /// `31/01/2020`.
  case dayMonthYear = "day-month-year"
  /// `01/31/2020`.
  case monthDayYear = "month-day-year"
}

/// A text read as a date and a time of day, in the orders that make it valid.
struct TimestampText {
  /// Microseconds since 1970 for each order that gives a date; equal where the text leaves no choice.
  private(set) var yearMonthDay: Int64?
  private(set) var dayMonthYear: Int64?
  private(set) var monthDayYear: Int64?
  /// Whether the year had two digits.
  private(set) var hasShortYear = false
  /// Whether the text names an offset from UTC.
  private(set) var hasOffset = false

  /// The instant under `format`; a text that leaves no choice fits every format.
  func instant(_ format: TimestampFormat) -> Int64? {
    if let yearMonthDay { return yearMonthDay }
    switch format {
    case .yearMonthDay: return nil
    case .dayMonthYear: return dayMonthYear
    case .monthDayYear: return monthDayYear
    }
  }

  /// Whether some order gives a date.
  var isInstant: Bool { yearMonthDay != nil || dayMonthYear != nil || monthDayYear != nil }

  /// Reads `text`; no order fits when it is no instant.
  init(_ text: Span<UInt8>) {
    // The shortest is 1/1/20, the longest a full date with weekday, fraction and offset.
    guard text.count >= 6, text.count <= 48 else { return }
    var cursor = Cursor(text)
    guard let date = cursor.date(), let (time, offset) = cursor.timeOfDay(), cursor.isAtEnd else { return }
    hasOffset = offset != nil
    hasShortYear = date.hasShortYear
    func instant(_ year: Int, _ month: Int, _ day: Int) -> Int64? {
      guard (1...12).contains(month), day >= 1, day <= Self.dayCount(year, month) else { return nil }
      return Int64(Timestamp.days(year: year, month: month, day: day)) * 86_400_000_000 + time - (offset ?? 0)
    }
    switch date.parts {
    case .certain(let year, let month, let day): yearMonthDay = instant(year, month, day)
    case .numeric(let first, let second, let year):
      dayMonthYear = instant(year, second, first)
      monthDayYear = instant(year, first, second)
    }
  }

  private static func dayCount(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension TimestampText {
  /// A date with or without a choice of order.
  private struct Date {
    enum Parts {
      case certain(year: Int, month: Int, day: Int)
      case numeric(first: Int, second: Int, year: Int)
    }
    var parts: Parts
    var hasShortYear = false
  }

  /// Reads a text from left to right.
  private struct Cursor {
    let text: [UInt8]
    var position = 0

    init(_ text: Span<UInt8>) { self.text = text.indices.map { text[$0] } }

    var isAtEnd: Bool { position == text.count }
    var next: UInt8? { position < text.count ? text[position] : nil }

    mutating func skip(_ byte: UInt8) -> Bool {
      guard next == byte else { return false }
      position += 1
      return true
    }

    /// Digits from here on, at most `most`; `nil` when there are none or more.
    mutating func digits(_ most: Int) -> (value: Int, count: Int)? {
      var value = 0
      var count = 0
      while let byte = next, byte >= 48, byte <= 57 {
        guard count < most else { return nil }
        value = value * 10 + Int(byte - 48)
        count += 1
        position += 1
      }
      return count > 0 ? (value, count) : nil
    }

    /// Letters from here on, lower-case, the first three and how many there are.
    mutating func word() -> (key: UInt32, count: Int) {
      var key: UInt32 = 0
      var count = 0
      while let byte = next, (65...90).contains(byte & 0xDF) {
        if count < 3 { key = key << 8 | UInt32(byte | 0x20) }
        count += 1
        position += 1
      }
      return (key, count)
    }

    mutating func date() -> Date? {
      guard let first = next else { return nil }
      if !(48...57).contains(first) { return namedDate() }
      guard let (a, count) = digits(8) else { return nil }
      if count == 8 {
        guard next == 84 else { return nil }
        return Date(parts: .certain(year: a / 10000, month: a / 100 % 100, day: a % 100))
      }
      guard let separator = next else { return nil }
      if count == 4 { return yearFirst(a, separator) }
      guard count <= 2 else { return nil }
      let start = position
      if separator == 45 || separator == 47 || separator == 46 {
        position += 1
        if let (b, width) = digits(2), width <= 2, skip(separator), let (year, short) = self.year() {
          return Date(parts: .numeric(first: a, second: b, year: year), hasShortYear: short)
        }
      }
      position = start
      return dayThenName(a)
    }

    private mutating func yearFirst(_ year: Int, _ separator: UInt8) -> Date? {
      guard separator == 45 || separator == 47 || separator == 46 else { return nil }
      position += 1
      guard let (month, _) = digits(2), skip(separator), let (day, _) = digits(2) else { return nil }
      return Date(parts: .certain(year: year, month: month, day: day))
    }

    private mutating func year() -> (value: Int, isShort: Bool)? {
      guard let (value, count) = digits(4), count == 4 || count == 2 else { return nil }
      // POSIX: 69 … 99 are 1969 … 1999, 00 … 68 are 2000 … 2068.
      return count == 4 ? (value, false) : (value + (value < 69 ? 2000 : 1900), true)
    }

    /// `31 Jan 2020`, `31-Jan-20`.
    private mutating func dayThenName(_ day: Int) -> Date? {
      guard skip(32) || skip(45) || skip(47), let month = month() else { return nil }
      _ = skip(46)
      guard skip(32) || skip(45) || skip(47) || skip(44) else { return nil }
      _ = skip(32)
      guard let (year, short) = year() else { return nil }
      return Date(parts: .certain(year: year, month: month, day: day), hasShortYear: short)
    }

    /// `Jan 31, 2020`, with or without a weekday before it.
    private mutating func namedDate() -> Date? {
      let start = position
      let (key, count) = word()
      if count >= 3, count <= 9, Self.weekdays.contains(key), skip(44) || next == 32 {
        _ = skip(32)
        return next == nil ? nil : date()
      }
      position = start
      guard let month = month() else { return nil }
      _ = skip(46)
      guard skip(32), let (day, _) = digits(2), skip(44) || next == 32 else { return nil }
      _ = skip(32)
      guard let (year, short) = year() else { return nil }
      return Date(parts: .certain(year: year, month: month, day: day), hasShortYear: short)
    }

    private mutating func month() -> Int? {
      let (key, count) = word()
      guard count >= 3, count <= 9, let index = Self.months.firstIndex(of: key) else { return nil }
      return index + 1
    }

    /// Microseconds into the day and of the offset; zero when the text ends after the date.
    mutating func timeOfDay() -> (time: Int64, offset: Int64?)? {
      if isAtEnd { return (0, nil) }
      guard skip(84) || skip(116) || skip(32) || (skip(44) && skip(32)) else { return nil }
      guard let clock = clock() else { return nil }
      guard let offset = offset() else { return nil }
      return (clock, offset.isThere ? offset.microseconds : nil)
    }

    private mutating func clock() -> Int64? {
      guard let (first, width) = digits(6) else { return nil }
      var hour = first
      var minute = 0
      var second = 0
      var fraction: Int64 = 0
      if width == 6 || width == 4 {
        (hour, minute, second) =
          width == 6 ? (first / 10000, first / 100 % 100, first % 100) : (first / 100, first % 100, 0)
      } else {
        guard width <= 2, skip(58), let (m, mWidth) = digits(2), mWidth == 2 else { return nil }
        minute = m
        if skip(58) {
          guard let (s, sWidth) = digits(2), sWidth == 2 else { return nil }
          second = s
        }
      }
      if next == 46 || next == 44 {
        position += 1
        guard let micros = self.fraction() else { return nil }
        fraction = micros
      }
      guard let adjusted = halfDay(hour), adjusted < 24 || (adjusted == 24 && minute == 0 && second == 0), minute < 60,
        second < 60
      else { return nil }
      return Int64((adjusted * 60 + minute) * 60 + second) * 1_000_000 + fraction
    }

    /// Digits after the point as microseconds; more than six are cut.
    private mutating func fraction() -> Int64? {
      var value: Int64 = 0
      var count = 0
      while let byte = next, byte >= 48, byte <= 57 {
        if count < 6 { value = value * 10 + Int64(byte - 48) }
        count += 1
        position += 1
      }
      guard count > 0, count <= 12 else { return nil }
      for _ in 0..<max(0, 6 - count) { value *= 10 }
      return value
    }

    private mutating func halfDay(_ hour: Int) -> Int? {
      let start = position
      _ = skip(32)
      guard let letter = next, letter | 0x20 == 97 || letter | 0x20 == 112 else {
        position = start
        return hour
      }
      let (key, count) = word()
      guard count == 2, key & 0xFF == 109, (1...12).contains(hour) else { return nil }
      return key >> 8 == 97 ? hour % 12 : hour % 12 + 12
    }

    private mutating func offset() -> (isThere: Bool, microseconds: Int64)? {
      if isAtEnd { return (false, 0) }
      _ = skip(32)
      if skip(90) || skip(122) { return (true, 0) }
      if let byte = next, byte == 43 || byte == 45 {
        position += 1
        guard let (value, width) = digits(4), width != 3 else { return nil }
        var hours = value
        var minutes = 0
        if width == 4 {
          (hours, minutes) = (value / 100, value % 100)
        } else if skip(58) {
          guard let (m, mWidth) = digits(2), mWidth == 2 else { return nil }
          minutes = m
        }
        guard hours <= 15, minutes < 60 else { return nil }
        let size = Int64(hours * 60 + minutes) * 60_000_000
        return (true, byte == 45 ? -size : size)
      }
      let (key, count) = word()
      return count == 3 && (key == 0x757463 || key == 0x676D74) ? (true, 0) : nil
    }

    private static let months: [UInt32] = [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    .map(key)
    private static let weekdays: [UInt32] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(key)
    private static func key(_ text: String) -> UInt32 { text.utf8.reduce(0) { $0 << 8 | UInt32($1) } }
  }
}
