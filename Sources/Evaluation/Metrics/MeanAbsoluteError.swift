public import Basics
public import Modeling

/// Mean of `|prediction − truth|`.
///
/// - Units: those of the target; lower is better.
public struct MeanAbsoluteError: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "mae", summary: "Mean absolute error, in units of the target.",
    tasks: [.regression, .forecasting], capabilities: [.weights],
    source: "scikit-learn, metrics.mean_absolute_error")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// A mean over rows.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try NumberRows(predictions, target, owner: Self.card.name)
    return .mean(zip(rows.predicted, rows.truth).map { abs($0 - $1) }) { $0 }
  }
}
