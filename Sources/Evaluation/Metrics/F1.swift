public import Basics
public import Modeling

/// Harmonic mean of precision and recall, `2·TP / (2·TP + FP + FN)`; for more than two classes as `MacroF1`.
///
/// - Units: `0 ... 1`.
/// - Missing: `nil` when no row is positive nor decided so.
public struct F1: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "f1", summary: "Harmonic mean of precision and recall of the positive class; mean over classes for more than two.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "scikit-learn, metrics._classification.f1_score (average binary, macro)")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { Self.value($0) }
  }

  static func value(_ matrix: ConfusionMatrix) -> Double? {
    matrix.classes.count == 2 ? matrix.f1(1) : matrix.macro(matrix.f1)
  }
}
