package import Basics
import Foundation

/// Numbers and times as people read them; the same text for the same number everywhere on the pages.
package enum Figures {
  /// A score or a distance: four decimals below 1, fewer above, thousands apart, e.g. `0.9271`, `565.2`, `12,408`.
  package static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    return fixed(value, decimals: decimals(for: value))
  }

  /// Value and interval with the same decimals, e.g. `0.9271 (0.9203 – 0.9335)`.
  package static func interval(_ measured: Measured?) -> String {
    guard let measured else { return "–" }
    let decimals = decimals(for: measured.value)
    guard let low = measured.low, let high = measured.high, low.isFinite, high.isFinite else {
      return number(measured.value)
    }
    return "\(number(measured.value)) (\(fixed(low, decimals: decimals)) – \(fixed(high, decimals: decimals)))"
  }

  /// A number somebody chose, such as a goal or a limit, without figures that say nothing, e.g. `0.9`, `565`.
  package static func chosen(_ value: Double?) -> String {
    var text = number(value)
    guard text.contains(".") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// A share of the whole, e.g. `12.4 %`.
  package static func percent(_ share: Double?) -> String {
    guard let share, share.isFinite else { return "–" }
    return fixed(share * 100, decimals: abs(share) < 0.1 && share != 0 ? 2 : 1) + " %"
  }

  /// A whole number with thousands apart, e.g. `12,408`.
  package static func count(_ value: Int) -> String { fixed(Double(value), decimals: 0) }

  /// One or many, e.g. `1 row`, `3 rows`.
  package static func count(_ value: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count(value)) \(value == 1 ? one : many ?? one + "s")"
  }

  /// A duration in the unit that suits it, e.g. `0.42 ms`, `1.7 s`, `3 min 20 s`.
  package static func duration(seconds: Double?) -> String {
    guard let seconds, seconds.isFinite else { return "–" }
    switch abs(seconds) {
    case ..<1e-3: return fixed(seconds * 1e6, decimals: 0) + " µs"
    case ..<1: return fixed(seconds * 1e3, decimals: seconds < 0.01 ? 2 : 1) + " ms"
    case ..<60: return fixed(seconds, decimals: 1) + " s"
    case ..<3600: return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    default: return "\(Int(seconds) / 3600) h \(Int(seconds) / 60 % 60) min"
    }
  }

  /// Day and time in UTC, e.g. `21 Nov 2026, 07:57 UTC`.
  package static func moment(_ instant: Timestamp) -> String {
    "\(day(instant)), \(clock(instant)) UTC"
  }

  /// Day in UTC, e.g. `21 Nov 2026`.
  package static func day(_ instant: Timestamp) -> String {
    let (year, month, day) = Timestamp.civil(days: Int((instant.microseconds / 86_400_000_000)))
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "\(day) \(names[month - 1]) \(year)"
  }

  /// Time in UTC, e.g. `07:57`.
  package static func clock(_ instant: Timestamp) -> String { String(instant.description.dropFirst(11).prefix(5)) }

  /// How long before `now`, e.g. `3 min ago`.
  package static func ago(_ instant: Timestamp, now: Timestamp) -> String {
    let seconds = Int(max(0, now.microseconds - instant.microseconds) / 1_000_000)
    switch seconds {
    case ..<60: return "just now"
    case ..<3600: return "\(seconds / 60) min ago"
    case ..<86_400: return "\(seconds / 3600) h ago"
    default: return Figures.count(seconds / 86_400, "day") + " ago"
    }
  }

  /// Several names in a sentence, e.g. `age, hours and 3 more`.
  package static func list(_ names: [String], limit: Int = 3) -> String {
    if names.count > limit { return names.prefix(limit).joined(separator: ", ") + " and \(names.count - limit) more" }
    guard let last = names.last, names.count > 1 else { return names.first ?? "none" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }

  /// Decimals that show about four figures.
  static func decimals(for value: Double) -> Int {
    switch abs(value) {
    case ..<1: 4
    case ..<10: 3
    case ..<100: 2
    case ..<1000: 1
    default: 0
    }
  }

  /// `value` with so many decimals and thousands apart; `−` for minus.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard abs(value) < 1e15 else { return NumberText.shortest(value) }
    let text = String(format: "%.\(decimals)f", abs(value))
    let parts = text.split(separator: ".")
    var whole = ""
    for (index, digit) in parts[0].enumerated() {
      if index > 0, (parts[0].count - index) % 3 == 0 { whole.append(",") }
      whole.append(digit)
    }
    let isZero = !text.contains { ("1"..."9").contains($0) }
    return (value < 0 && !isZero ? "−" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
  }
}
