import Foundation

/// A range of numbers with round, evenly spaced ticks.
struct Axis: Equatable {
  let low: Double
  let high: Double
  let ticks: [Double]
  let decimals: Int

  /// Covers `values` with about `count` steps; `fromZero` keeps the origin. Something sensible for no values or equal
  /// ones.
  init(covering values: [Double], fromZero: Bool = false, count: Int = 4) {
    let finite = values.filter(\.isFinite)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if fromZero {
      low = min(0, low)
      high = max(0, high)
    }
    if high - low <= abs(high) * 1e-9 {
      let margin = fromZero || low == 0 ? max(1, abs(high)) : abs(low) * 0.05
      high += margin
      if !fromZero { low -= margin }
    }
    let rough = (high - low) / Double(count)
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 2.5, 5, 10].first { $0 * power >= rough * 0.999 } ?? 10)
    let first = floor(low / step + 1e-9)
    let last = max(first + 1, ceil(high / step - 1e-9))
    self.low = first * step
    self.high = last * step
    ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
    let exponent = Int(floor(log10(step) + 1e-9))
    let isWhole = step / pow(10, Double(exponent)) != 2.5
    decimals = max(0, -exponent + (isWhole ? 0 : 1))
  }

  /// Place of a value, `0` at the low end to `1` at the high end, kept inside.
  func position(_ value: Double) -> Double {
    guard value.isFinite else { return 0 }
    return min(1, max(0, (value - low) / (high - low)))
  }

  /// Text of a tick.
  func label(_ tick: Double) -> String { Figures.fixed(tick, decimals: decimals) }
}

/// Text of a coordinate: two decimals at most.
func coordinate(_ value: Double) -> String {
  let text = String(format: "%.2f", value)
  var trimmed = text[...]
  while trimmed.last == "0" { trimmed.removeLast() }
  if trimmed.last == "." { trimmed.removeLast() }
  return trimmed == "-0" ? "0" : String(trimmed)
}
