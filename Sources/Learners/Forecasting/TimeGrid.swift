import Basics

/// Evenly spaced moments, or whole calendar months, that a series is put on.
struct TimeGrid: Sendable, Hashable, Codable {
  /// First moment, microseconds since 1970 UTC.
  var origin: Int64
  /// Usual distance, microseconds.
  var step: Int64
  /// Calendar months in a step; 0 = the distance is fixed.
  var months: Int

  enum CodingKeys: String, CodingKey { case origin, step, months }

  private static let day: Int64 = 86_400_000_000

  /// Grid of `moments` by series, each ascending and distinct: calendar months, quarters or years where the distances
  /// vary as those do, else the most frequent distance, or a longer one where that would leave most of the grid
  /// empty.
  init(_ moments: [[Int64]]) {
    origin = moments.compactMap(\.first).min() ?? 0
    let gaps = moments.flatMap { list in zip(list, list.dropFirst()).map { $1 &- $0 } }.sorted()
    months = Self.months(gaps)
    guard let shortest = gaps.first else {
      step = Self.day
      return
    }
    let spans = moments.map { Double($0.last ?? 0) - Double($0.first ?? 0) }
    let rowCount = moments.reduce(0) { $0 + $1.count }
    let mean = Int64(max(1, (spans.reduce(0, +) / Double(gaps.count)).rounded()))
    let choices = [Self.mostFrequent(gaps) ?? shortest, gaps[gaps.count / 2], mean]
    step =
      choices.first { choice in
        spans.reduce(0) { $0 + $1 / Double(choice) } <= Double(8 * rowCount + 100)
      } ?? mean
  }

  private static func mostFrequent(_ sorted: [Int64]) -> Int64? {
    var best: (value: Int64, count: Int)?
    var start = 0
    while start < sorted.count {
      var end = start
      while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
      if end - start > best?.count ?? 0 { best = (sorted[start], end - start) }
      start = end
    }
    return best?.value
  }

  private static func months(_ sorted: [Int64]) -> Int {
    guard sorted.count >= 3, sorted.first != sorted.last else { return 0 }
    for (count, range) in [(1, 28...31), (3, 90...92), (12, 365...366)] {
      let fits = sorted.count { range.contains(Int($0 / day)) && $0 % day == 0 }
      if fits * 10 >= sorted.count * 9 { return count }
    }
    return 0
  }

  /// Nearest position of `moment`, held within ±2³⁰.
  func index(of moment: Int64) -> Int {
    let limit = Double(1 << 30)
    if months > 0 {
      let (a, b) = (Self.monthNumber(origin), Self.monthNumber(moment))
      return Int(max(-limit, min(limit, (Double(b - a) / Double(months)).rounded())))
    }
    return Int(max(-limit, min(limit, ((Double(moment) - Double(origin)) / Double(max(1, step))).rounded())))
  }

  /// Moment of position `index`.
  func moment(at index: Int) -> Int64 {
    guard months > 0 else {
      let (distance, overflow) = step.multipliedReportingOverflow(by: Int64(index))
      return overflow ? (index < 0 ? .min / 4 : .max / 4) : origin &+ distance
    }
    let (date, rest) = Self.split(origin)
    let first = Timestamp.civil(days: date)
    let number = first.year * 12 + first.month - 1 + index * months
    let year = number >= 0 ? number / 12 : (number - 11) / 12
    let month = number - year * 12 + 1
    let start = Timestamp.days(year: year, month: month, day: 1)
    let next =
      month == 12
      ? Timestamp.days(year: year + 1, month: 1, day: 1) : Timestamp.days(year: year, month: month + 1, day: 1)
    return Int64(start + min(first.day, next - start) - 1) &* Self.day &+ rest
  }

  /// Whole days since 1970 and microseconds into the day.
  static func split(_ moment: Int64) -> (days: Int, rest: Int64) {
    let days = moment >= 0 ? moment / day : (moment - day + 1) / day
    return (Int(days), moment - days * day)
  }

  private static func monthNumber(_ moment: Int64) -> Int {
    let date = Timestamp.civil(days: split(moment).days)
    return date.year * 12 + date.month
  }
}
