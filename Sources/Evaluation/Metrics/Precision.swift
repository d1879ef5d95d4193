public import Basics
public import Modeling

/// Share of rows decided positive that are positive; for more than two classes the mean over classes.
///
/// - Units: share, `0 ... 1`.
/// - Missing: `nil` on two classes when no row was decided positive (scikit-learn says 0); in the mean over classes
///   such a class counts as 0.
public struct Precision: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "precision", summary: "Share of rows decided positive that are positive; mean over classes for more than two.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "scikit-learn, metrics._classification.precision_score (average binary, macro)")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { Self.value($0) }
  }

  static func value(_ matrix: ConfusionMatrix) -> Double? {
    matrix.classes.count == 2 ? matrix.precision(1) : matrix.macro(matrix.precision)
  }
}
