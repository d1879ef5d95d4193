public import Basics
public import Modeling

/// Pinball loss: predicts a quantile; level 0.5 predicts the median and is half the absolute error.
///
/// `(y − s)(q − [y < s])`; gradient `1 − q` above the target, `−q` below, 0 on it. The curvature is 0 almost
/// everywhere; the hessian reported is 1, so that a step is a gradient step.
public struct QuantileObjective: Objective, BoostingTraits {
  /// The card.
  public static let card = Card(
    name: "quantile", summary: "Pinball loss: predicts a quantile.", tasks: [.regression],
    source: "Koenker and Bassett, Regression quantiles, Econometrica 46(1), 1978.")

  /// The quantile, in `0 ... 1`.
  public let level: Double

  /// For quantile `level`.
  public init(level: Double) { self.level = level }

  /// One score a row.
  public var scoreCount: Int { 1 }
  /// Leaves take the quantile of their rows' residuals.
  package var leafQuantile: Double? { level }

  /// The quantile of the target.
  public func baseline(_ target: [Double], weights: [Double]?) -> [Double] {
    [Averages.quantile(target, weights, level: level)]
  }

  /// Derivatives by the score.
  public func derivatives(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>
  ) {
    for row in 0..<scores.count {
      let difference = scores[row] - target[row]
      gradients[row] = difference > 0 ? 1 - level : difference < 0 ? -level : 0
      hessians[row] = 1
    }
  }

  /// Mean pinball loss.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(scores.count, weights) { row in
      let left = target[row] - scores[row]
      return max(level * left, (level - 1) * left)
    }
  }

  /// The scores themselves.
  public func predictions(scores: [Double], classes: [String]) -> Predictions { Predictions(.values(scores)) }
}
