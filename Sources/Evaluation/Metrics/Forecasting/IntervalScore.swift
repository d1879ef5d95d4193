public import Basics

/// Mean width of the intervals plus `2 / (1 − coverage)` times how far truths lie outside: rewards narrow intervals
/// that hold.
///
/// - Units: those of the target.
/// - Missing: `nil` without intervals.
public struct IntervalScore: ForecastMetric {
  /// What it is.
  public static let card = Card(
    name: "interval_score", summary: "Mean width of the intervals plus a penalty for truths outside them.",
    tasks: [.forecasting], source: "Gneiting and Raftery, Strictly proper scoring rules, JASA 102, 2007")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// The mean over rows.
  public func value(_ rows: ForecastRows) -> Double? {
    guard let intervals = rows.intervals else { return nil }
    let penalty = 2 / (1 - intervals.coverage)
    return rows.mean { row in
      let outside = max(intervals.low[row] - rows.truth[row], rows.truth[row] - intervals.high[row], 0)
      return intervals.high[row] - intervals.low[row] + penalty * outside
    }
  }
}
