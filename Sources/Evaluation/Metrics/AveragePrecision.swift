public import Basics
public import Modeling

/// Area under the precision-recall curve by steps: `Σ (Rₙ − Rₙ₋₁)·Pₙ` over falling thresholds, tied rows together. For
/// more than two classes the mean of one-against-rest over the classes that occur.
///
/// - Units: `0 ... 1`; the share of positives is chance.
/// - Missing: `nil` when no row is positive.
/// - Complexity: O(n log n) once, O(n) for each further weighting.
public struct AveragePrecision: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "average_precision", summary: "Precision averaged over the positive rows as the threshold falls; share of positives is chance.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "scikit-learn, metrics._ranking.average_precision_score")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Sorted once; each weighting is one pass.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try ClassRows(predictions, target, owner: Self.card.name)
    let classes = rows.classCount == 2 ? [1] : Array(0..<rows.classCount)
    let ranked = classes.map { k in RankedRows(scores: rows.column(k)) { rows.truth[$0] == Int32(k) } }
    return .general { weights in
      let areas = ranked.compactMap { $0.averagePrecision(weights) }
      return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
    }
  }
}
