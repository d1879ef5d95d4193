public import Basics

/// Mean absolute error against that of repeating the season before, on the past.
///
/// - Units: none; below 1 beats the naive forecast.
/// - Missing: `nil` without a past of more than one season or where the past never changes.
public struct ScaledError: ForecastMetric {
  /// What it is.
  public static let card = Card(
    name: "mase", summary: "Mean absolute error against that of repeating the season before; below 1 beats it.",
    tasks: [.forecasting],
    source: "Hyndman and Koehler, Another look at measures of forecast accuracy, Int. J. Forecasting 22(4), 2006")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// The mean over rows, each by the scale of its series.
  public func value(_ rows: ForecastRows) -> Double? {
    rows.mean { row in rows.scales[row] > 0 ? abs(rows.predicted[row] - rows.truth[row]) / rows.scales[row] : nil }
  }
}
