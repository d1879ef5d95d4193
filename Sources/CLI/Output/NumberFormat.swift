import Foundation

/// Numbers as a person reads them, with the precision that the data supports.
package enum NumberFormat {
  /// A count with separators: `8,143`.
  package static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
      out.append(digit)
    }
    return value < 0 ? "-" + out : out
  }

  /// A count and its noun: `1 row`, `8,143 rows`.
  package static func count(_ value: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(count(value)) \(value == 1 ? singular : plural ?? singular + "s")"
  }

  /// A number with `digits` significant digits, without trailing zeros past the point: `0.9271`, `547.3`, `18,240`.
  package static func number(_ value: Double?, digits: Int = 4) -> String {
    guard let value else { return "–" }
    guard value.isFinite else { return value.isNaN ? "–" : value > 0 ? "∞" : "-∞" }
    if value == 0 { return "0" }
    let magnitude = Int(floor(log10(abs(value))))
    if magnitude < -5 || magnitude > 14 { return String(format: "%.\(max(0, digits - 1))g", value) }
    return trimmed(fixed(value, decimals: max(0, min(12, digits - 1 - magnitude))))
  }

  /// A value and its interval: as many decimals as the width of the interval supports, `0.927 (0.923 … 0.931)`.
  package static func interval(_ value: Double?, low: Double?, high: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    guard let low, let high, low.isFinite, high.isFinite, high > low else { return number(value) }
    let decimals = decimals(low: low, high: high)
    let ends = [low, high].map { fixed($0, decimals: decimals) }
    return "\(fixed(value, decimals: decimals)) (\(ends[0]) … \(ends[1]))"
  }

  /// Decimals at which an interval's ends differ in their last digits: one significant digit of its width.
  package static func decimals(low: Double, high: Double) -> Int {
    guard high > low else { return 3 }
    return max(0, min(9, -Int(floor(log10(high - low)))))
  }

  /// Exactly `decimals` decimals, with separators; never `-0`.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return number(value) }
    guard abs(value) < 1e15 else { return String(format: "%.\(decimals)g", value) }
    let text = String(format: "%.\(decimals)f", abs(value))
    let parts = text.split(separator: ".", maxSplits: 1)
    let whole = Int(parts[0]).map(count) ?? String(parts[0])
    let body = parts.count > 1 ? "\(whole).\(parts[1])" : whole
    let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
    return value < 0 && !isZero ? "-" + body : body
  }

  /// A share as per cent: `48.1 %`, `100 %`.
  package static func percent(_ share: Double?, decimals: Int = 1) -> String {
    guard let share, share.isFinite else { return "–" }
    return trimmed(fixed(100 * share, decimals: decimals)) + " %"
  }

  /// A duration: `85 µs`, `12 ms`, `0.1 s`, `12 s`, `1 min 20 s`, `2 h 5 min`, `3 d 4 h`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "–" }
    if seconds == 0 { return "0 s" }
    if seconds < 0.000_999_5 { return "\(Int((seconds * 1e6).rounded())) µs" }
    if seconds < 0.0995 { return "\(Int((seconds * 1e3).rounded())) ms" }
    if seconds < 9.95 { return fixed(seconds, decimals: 1) + " s" }
    let whole = Int(min(seconds, 1e15).rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return pair(whole / 60, "min", whole % 60, "s") }
    let minutes = (whole + 30) / 60
    if minutes < 1440 { return pair(minutes / 60, "h", minutes % 60, "min") }
    let hours = (minutes + 30) / 60
    return pair(hours / 24, "d", hours % 24, "h")
  }

  /// A size in decimal units: `512 B`, `73.2 MB`.
  package static func bytes(_ count: Int) -> String {
    if count < 1000 { return "\(count) B" }
    var value = Double(count)
    for unit in ["kB", "MB", "GB", "TB"] {
      value /= 1000
      if value < 999.95 || unit == "TB" { return number(value, digits: 3) + " " + unit }
    }
    return "\(count) B"
  }

  private static func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
    small == 0 ? "\(count(large)) \(largeUnit)" : "\(count(large)) \(largeUnit) \(small) \(smallUnit)"
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var out = text
    while out.hasSuffix("0") { out.removeLast() }
    if out.hasSuffix(".") { out.removeLast() }
    return out
  }
}
