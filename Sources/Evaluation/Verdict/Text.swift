import Basics

/// Numbers as sentences show them.
enum Text {
  /// Four significant digits, without trailing zeros: `0.8734`, `540.2`, `12350`.
  static func number(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "undefined" }
    var scale = 1.0
    var size = abs(value)
    while size < 1000, scale < 1e12 {
      size *= 10
      scale *= 10
    }
    let rounded = (value * scale).rounded() / scale
    return NumberText.shortest(rounded)
  }

  /// A share in per cent with up to three digits: `2.5 %`.
  static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return "\(NumberText.shortest(tenths)) %"
  }
}
