public import Basics
public import Modeling

/// Share of rows decided rightly.
///
/// - Units: share, `0 ... 1`. Misleading when one class is rare; see `BalancedAccuracy`.
public struct Accuracy: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "accuracy", summary: "Share of rows decided rightly.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "scikit-learn, metrics._classification.accuracy_score")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { Self.value($0) }
  }

  static func value(_ matrix: ConfusionMatrix) -> Double? {
    matrix.total > 0 ? matrix.correct / matrix.total : nil
  }
}
