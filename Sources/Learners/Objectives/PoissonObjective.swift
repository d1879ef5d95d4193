public import Basics
public import Modeling

/// Poisson deviance with a logarithmic link: predicts the mean of counts.
///
/// `exp(s) − y s`, up to a term without `s`; gradient `exp(s) − y`, hessian `exp(s)`. The target must not be negative.
public struct PoissonObjective: Objective, BoostingTraits {
  /// The card.
  public static let card = Card(
    name: "poisson", summary: "Poisson deviance with a logarithmic link: predicts the mean of counts.",
    tasks: [.regression],
    source: "McCullagh and Nelder, Generalized linear models, 2nd ed., 1989, ch. 6.")

  /// Makes it.
  public init() {}

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
      let mean = Self.mean(scores[row])
      gradients[row] = mean - target[row]
      hessians[row] = mean
    }
  }

  /// Mean of `exp(s) − y s`.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(scores.count, weights) { Self.mean(scores[$0]) - target[$0] * scores[$0] }
  }

  /// Means.
  public func predictions(scores: [Double], classes: [String]) -> Predictions {
    Predictions(.values(scores.map(Self.mean)))
  }

  private static func mean(_ score: Double) -> Double { Mathematics.exp(min(score, 700)) }
}
