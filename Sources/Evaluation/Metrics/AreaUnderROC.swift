public import Basics
public import Modeling

/// Area under the receiver operating characteristic: the chance that a random positive row scores above a random
/// negative one, ties counting half. For more than two classes the mean of one-against-rest over the classes that have
/// both kinds of rows.
///
/// - Units: `0 ... 1`; 0.5 is chance, whatever the share of positives.
/// - Missing: `nil` when only one class occurs.
/// - Complexity: O(n log n) once, O(n) for each further weighting.
public struct AreaUnderROC: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "roc_auc", summary: "Chance that a positive row scores above a negative one; half a point is chance.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "Hanley and McNeil, The meaning and use of the area under a ROC curve, Radiology 143, 1982")
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
      let areas = ranked.compactMap { $0.area(weights) }
      return areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
    }
  }
}
