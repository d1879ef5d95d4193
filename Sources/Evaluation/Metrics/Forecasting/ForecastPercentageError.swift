public import Basics

/// Mean of `2·|prediction − truth| / (|prediction| + |truth|)`; a row where both are 0 counts as 0.
///
/// - Units: share, `0 ... 2`.
/// - Missing: `nil` without rows.
public struct ForecastPercentageError: ForecastMetric {
  /// What it is.
  public static let card = Card(
    name: "smape", summary: "Mean absolute error relative to the mean size of prediction and truth.",
    tasks: [.forecasting], source: "Makridakis and Hibon, The M3-competition, Int. J. Forecasting 16(4), 2000")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// The mean over rows.
  public func value(_ rows: ForecastRows) -> Double? {
    rows.mean { SymmetricPercentageError.term(rows.predicted[$0], rows.truth[$0]) }
  }
}
