public import Basics
public import Modeling

/// Mean F1 over the classes that occur or are decided: every class counts the same, however rare.
///
/// - Units: `0 ... 1`.
public struct MacroF1: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "macro_f1", summary: "Mean F1 over the classes that occur or are decided; every class counts the same.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "scikit-learn, metrics._classification.f1_score (average macro)")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { Self.value($0) }
  }

  static func value(_ matrix: ConfusionMatrix) -> Double? {
    matrix.macro(matrix.f1)
  }
}
