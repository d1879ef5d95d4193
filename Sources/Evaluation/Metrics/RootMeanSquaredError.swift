public import Basics
public import Modeling

/// Root of the mean squared error.
///
/// - Units: those of the target; lower is better.
public struct RootMeanSquaredError: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "rmse", summary: "Root of the mean squared error, in units of the target; large errors count most.",
    tasks: [.regression, .forecasting], capabilities: [.weights],
    source: "scikit-learn, metrics.root_mean_squared_error")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// A mean over rows, then its root.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try NumberRows(predictions, target, owner: Self.card.name)
    let terms = zip(rows.predicted, rows.truth).map { ($0 - $1) * ($0 - $1) }
    return .mean(terms) { $0.squareRoot() }
  }
}
