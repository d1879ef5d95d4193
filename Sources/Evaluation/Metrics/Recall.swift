public import Basics
public import Modeling

/// Share of positive rows decided positive; for more than two classes the mean over classes.
///
/// - Units: share, `0 ... 1`.
/// - Missing: `nil` on two classes when no row is positive; in the mean over classes a class that is decided but never
///   true counts as 0.
public struct Recall: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "recall", summary: "Share of positive rows decided positive; mean over classes for more than two.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "scikit-learn, metrics._classification.recall_score (average binary, macro)")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { Self.value($0) }
  }

  static func value(_ matrix: ConfusionMatrix) -> Double? {
    matrix.classes.count == 2 ? matrix.recall(1) : matrix.macro(matrix.recall)
  }
}
