public import Basics
public import Modeling

/// Absolute error: predicts the median.
///
/// `|s − y|`; gradient the sign of `s − y`. The curvature is 0 almost everywhere; the hessian reported is 1, so that a
/// step is a gradient step.
public struct AbsoluteObjective: Objective, BoostingTraits {
  /// The card.
  public static let card = Card(
    name: "absolute-error", summary: "Absolute error: predicts the median, unmoved by outliers.", tasks: [.regression],
    source: "Friedman, Greedy function approximation: a gradient boosting machine, Ann. Statist. 29(5), 2001, § 4.3.")

  /// Makes it.
  public init() {}

  /// One score a row.
  public var scoreCount: Int { 1 }
  /// Leaves take the median of their rows' residuals.
  package var leafQuantile: Double? { 0.5 }

  /// The median.
  public func baseline(_ target: [Double], weights: [Double]?) -> [Double] {
    [Averages.quantile(target, weights, level: 0.5)]
  }

  /// Derivatives by the score.
  public func derivatives(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>
  ) {
    for row in 0..<scores.count {
      let difference = scores[row] - target[row]
      gradients[row] = difference > 0 ? 1 : difference < 0 ? -1 : 0
      hessians[row] = 1
    }
  }

  /// Mean absolute error.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(scores.count, weights) { abs(scores[$0] - target[$0]) }
  }

  /// The scores themselves.
  public func predictions(scores: [Double], classes: [String]) -> Predictions { Predictions(.values(scores)) }
}
