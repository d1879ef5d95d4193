public import Basics
public import Modeling

/// Mean of `−ln p(true class)`, with `p` kept within `2.2e-16` of 0 and 1.
///
/// - Units: nats; lower is better; `ln classes` is an even guess.
public struct LogLoss: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "log_loss", summary: "Mean negative logarithm of the probability given to the true class.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "Good, Rational decisions, J. R. Statist. Soc. B 14, 1952; scikit-learn, metrics.log_loss")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// A mean over rows.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try ClassRows(predictions, target, owner: Self.card.name)
    let tiny = Double.ulpOfOne
    let terms = rows.truth.indices.map { row -> Double in
      let probability = rows.probabilities[row * rows.classCount + Int(rows.truth[row])]
      return -Mathematics.log(min(max(probability, tiny), 1 - tiny))
    }
    return .mean(terms) { $0 }
  }
}
