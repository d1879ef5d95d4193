public import Basics
import Kernels
public import Modeling

/// Tweedie deviance with a logarithmic link: predicts the mean of amounts of which many are exactly zero.
///
/// With power `1 < p < 2`: `exp((2 − p) s) / (2 − p) − y exp((1 − p) s) / (1 − p)`; gradient
/// `exp((2 − p) s) − y exp((1 − p) s)`, hessian `(2 − p) exp((2 − p) s) − (1 − p) y exp((1 − p) s)`.
/// The target must not be negative.
public struct TweedieObjective: Objective, BoostingTraits {
  /// The card.
  public static let card = Card(
    name: "tweedie",
    summary: "Tweedie deviance with a logarithmic link: predicts the mean of amounts of which many are zero.",
    tasks: [.regression],
    source: "Jørgensen, Exponential dispersion models, J. R. Stat. Soc. B 49(2), 1987.")

  /// How the variance grows with the mean: `meanᵖ`; near 1 like counts, near 2 like gamma amounts.
  public let power: Double

  /// With variance power `power`, between 1 and 2.
  public init(power: Double) { self.power = power }

  /// One score a row: the logarithm of the mean.
  public var scoreCount: Int { 1 }
  /// A mean changes at most by a factor of two a step.
  package var largestStep: Double? { 0.7 }

  /// The logarithm of the mean.
  public func baseline(_ target: [Double], weights: [Double]?) -> [Double] {
    [Mathematics.log(max(Averages.mean(target, weights), 1e-15))]
  }

  /// Derivatives by the score.
  public func derivatives(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>
  ) {
    for row in 0..<scores.count {
      let score = LogLink.held(scores[row])
      gradients[row] = (2 - power) * score
      hessians[row] = (1 - power) * score
    }
    VectorMath.exponentiate(&gradients)
    VectorMath.exponentiate(&hessians)
    for row in 0..<scores.count {
      let (up, down) = (gradients[row], target[row] * hessians[row])
      gradients[row] = up - down
      hessians[row] = (2 - power) * up - (1 - power) * down
    }
  }

  /// Mean deviance, up to a term without scores and a factor of two.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(scores.count, weights) { row in
      let score = LogLink.held(scores[row])
      return Mathematics.exp((2 - power) * score) / (2 - power)
        - target[row] * Mathematics.exp((1 - power) * score) / (1 - power)
    }
  }

  /// Means.
  public func predictions(scores: [Double], classes: [String]) -> Predictions {
    Predictions(.values(LogLink.means(scores)))
  }
}
