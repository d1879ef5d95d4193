public import Basics
public import Modeling

/// Mean of `|prediction − truth| / |truth|`.
///
/// - Units: share, so 0.1 is 10 %; lower is better.
/// - Missing: rows whose truth is 0 are left out (scikit-learn divides by `2.2e-16` instead); `nil` when none is left.
public struct MeanAbsolutePercentageError: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "mape", summary: "Mean absolute error relative to the truth; rows whose truth is 0 are left out.",
    tasks: [.regression, .forecasting], capabilities: [.weights],
    source: "scikit-learn, metrics.mean_absolute_percentage_error")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// A mean over the rows whose truth is not 0.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try NumberRows(predictions, target, owner: Self.card.name)
    let terms = zip(rows.predicted, rows.truth).map { $1 == 0 ? 0 : abs($0 - $1) / abs($1) }
    let counts = rows.truth.map { $0 == 0 ? 0.0 : 1.0 }
    return .general { weights in WeightedStatistic.mean(of: terms, zip(weights, counts).map { $0 * $1 }) }
  }
}
