public import Basics
public import Modeling

/// Mean recall over the classes that occur.
///
/// - Units: share, `0 ... 1`; `1 / classes` is chance.
public struct BalancedAccuracy: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "balanced_accuracy", summary: "Mean recall over the classes that occur; half a point is chance on two classes.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "Brodersen et al., The balanced accuracy and its posterior distribution, ICPR 2010")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { Self.value($0) }
  }

  static func value(_ matrix: ConfusionMatrix) -> Double? {
    let recalls = matrix.classes.indices.compactMap(matrix.recall)
    return recalls.isEmpty ? nil : recalls.reduce(0, +) / Double(recalls.count)
  }
}
