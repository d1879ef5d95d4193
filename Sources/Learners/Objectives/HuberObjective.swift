public import Basics
public import Modeling

/// Huber's loss: squared for small residuals, absolute for large ones.
///
/// With `r = s − y`: `r² / 2` for `|r| ≤ δ`, else `δ(|r| − δ / 2)`; gradient `r` held to `±δ`. The hessian reported
/// is 1
/// everywhere, an upper bound of the curvature, so that steps on the flat parts stay bounded.
public struct HuberObjective: Objective {
  /// The card.
  public static let card = Card(
    name: "huber", summary: "Huber's loss: squared for small residuals, absolute for large ones.", tasks: [.regression],
    source: "Huber, Robust estimation of a location parameter, Ann. Math. Statist. 35(1), 1964.")

  /// Residual at which the loss turns from squared to absolute, in units of the target.
  public let delta: Double

  /// With the turn at `delta`.
  public init(delta: Double) { self.delta = delta }

  /// One score a row.
  public var scoreCount: Int { 1 }

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
      gradients[row] = min(max(scores[row] - target[row], -delta), delta)
      hessians[row] = 1
    }
  }

  /// Mean loss.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(scores.count, weights) { row in
      let r = abs(scores[row] - target[row])
      return r <= delta ? r * r / 2 : delta * (r - delta / 2)
    }
  }

  /// The scores themselves.
  public func predictions(scores: [Double], classes: [String]) -> Predictions { Predictions(.values(scores)) }
}
