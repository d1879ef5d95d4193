public import Basics
public import Modeling

/// Mean recall over classes, each counting by how often it occurs.
///
/// - Units: share, `0 ... 1`.
/// - Missing: a class without a defined value counts as 0, as in scikit-learn with `zero_division=0`.
public struct WeightedRecall: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "weighted_recall", summary: "Mean recall over classes, each counting by how often it occurs.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "scikit-learn, metrics._classification.recall_score (average weighted)")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { $0.supported($0.recall) }
  }
}
