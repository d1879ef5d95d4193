public import Basics
public import Modeling

/// Mean recall over the classes that occur or are decided; every class counts the same, also for two classes.
///
/// - Units: share, `0 ... 1`.
/// - Missing: a class without a defined value counts as 0, as in scikit-learn with `zero_division=0`.
public struct MacroRecall: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "macro_recall", summary: "Mean recall over classes; every class counts the same, also for two.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "scikit-learn, metrics._classification.recall_score (average macro)")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { $0.macro($0.recall) }
  }
}
