public import Basics

/// Share of truths inside their intervals. Good when near the coverage asked for, neither below nor far above it.
///
/// - Units: share, `0 ... 1`.
/// - Missing: `nil` without intervals.
public struct IntervalCoverage: ForecastMetric {
  /// What it is.
  public static let card = Card(
    name: "interval_coverage",
    summary: "Share of truths inside their intervals, to be held against the coverage asked for.",
    tasks: [.forecasting], source: "Gneiting and Raftery, Strictly proper scoring rules, JASA 102, 2007")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// The mean over rows.
  public func value(_ rows: ForecastRows) -> Double? {
    guard let intervals = rows.intervals else { return nil }
    return rows.mean { intervals.low[$0] <= rows.truth[$0] && rows.truth[$0] <= intervals.high[$0] ? 1 : 0 }
  }
}
