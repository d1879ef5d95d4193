import Basics
import Synchronization

/// The date of replies (RFC 9110 § 5.6.7), written once a second.
enum HTTPDate {
  private static let cached = Mutex<(second: Int64, text: String)>((-1, ""))

  /// The present date, e.g. `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func now() -> String {
    let second = SystemClock().now().microseconds / 1_000_000
    return cached.withLock { entry in
      if entry.second != second { entry = (second, text(second: second)) }
      return entry.text
    }
  }

  /// The date of a second since the epoch.
  static func text(second: Int64) -> String {
    let days = Int(second / 86400)
    let (year, month, day) = Timestamp.civil(days: days)
    let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let time = [second / 3600 % 24, second / 60 % 60, second % 60].map { two($0) }.joined(separator: ":")
    return "\(names[days % 7]), \(two(Int64(day))) \(months[month - 1]) \(year) \(time) GMT"
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
}
