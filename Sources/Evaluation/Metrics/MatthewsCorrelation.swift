public import Basics
public import Modeling

/// Correlation between true and decided classes.
///
/// `(c·s − Σₖ tₖ·pₖ) / √((s² − Σ pₖ²)(s² − Σ tₖ²))` with `c` right rows, `s` rows, `tₖ` true and `pₖ` decided counts.
///
/// - Units: `-1 ... 1`; 0 is chance.
/// - Missing: `nil` when only one class occurs or is decided (scikit-learn says 0).
public struct MatthewsCorrelation: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "mcc", summary: "Correlation between true and decided classes; 0 is chance, 1 is perfect.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "Gorodkin, Comparing two K-category assignments by a K-category correlation coefficient, 2004")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Depends on the weighted confusion matrix.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    .confusion(try DecidedRows(predictions, target, owner: Self.card.name)) { Self.value($0) }
  }

  static func value(_ matrix: ConfusionMatrix) -> Double? {
    let total = matrix.total
    var agreement = matrix.correct * total
    var spreadTrue = total * total
    var spreadDecided = total * total
    for k in matrix.classes.indices {
      let (truth, decided) = (matrix.trueCount(k), matrix.decidedCount(k))
      agreement -= truth * decided
      spreadTrue -= truth * truth
      spreadDecided -= decided * decided
    }
    let scale = (spreadTrue.squareRoot() * spreadDecided.squareRoot())
    return spreadTrue > 0 && spreadDecided > 0 ? agreement / scale : nil
  }
}
