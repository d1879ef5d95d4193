import Foundation

extension Figures {
  /// A number as `number` writes it, in powers of ten where that would show only zeros, e.g. `7.02e−13`.
  static func precise(_ value: Double?) -> String {
    guard let value, value != 0, abs(value) < 0.001, value.isFinite else { return number(value) }
    return String(format: "%.2e", value).replacing("-", with: "−")
  }

  /// Value and interval as `interval` writes them, in powers of ten where it must.
  static func precise(_ measured: Measured?) -> String {
    guard let measured, measured.value != 0, abs(measured.value) < 0.001 else { return interval(measured) }
    return precise(measured.value) + (range(measured).map { " (\($0))" } ?? "")
  }

  /// The interval alone.
  static func range(_ measured: Measured?) -> String? {
    guard let measured, let low = measured.low, let high = measured.high else { return nil }
    if abs(measured.value) < 0.001, measured.value != 0 { return "\(precise(low)) – \(precise(high))" }
    let decimals = decimals(for: measured.value)
    return "\(fixed(low, decimals: decimals)) – \(fixed(high, decimals: decimals))"
  }

  /// A difference with its sign.
  static func signed(_ value: Double?) -> String {
    guard let value else { return "–" }
    return (value > 0 ? "+" : "") + precise(value)
  }

  /// Bytes in the unit that suits them, e.g. `45.4 MiB`.
  static func bytes(_ count: Double?) -> String {
    guard let count, count >= 0 else { return "–" }
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var (value, unit) = (count, 0)
    while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    return fixed(value, decimals: unit == 0 ? 0 : 1) + " " + units[unit]
  }

  /// A name of a file format as words, e.g. `roc_auc` as `roc auc`.
  static func words(_ name: String) -> String { name.replacing("_", with: " ").replacing("-", with: " ") }
}
