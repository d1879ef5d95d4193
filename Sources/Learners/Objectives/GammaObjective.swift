public import Basics
import Kernels
public import Modeling

/// Gamma deviance with a logarithmic link: predicts the mean of positive amounts whose spread grows with their size.
///
/// `s + y exp(−s)`, up to a term without `s`; gradient `1 − y exp(−s)`, hessian `y exp(−s)`. The target must be
/// positive.
public struct GammaObjective: Objective, BoostingTraits {
  /// The card.
  public static let card = Card(
    name: "gamma", summary: "Gamma deviance with a logarithmic link: predicts the mean of positive amounts.",
    tasks: [.regression],
    source: "McCullagh and Nelder, Generalized linear models, 2nd ed., 1989, ch. 8.")

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
    for row in 0..<scores.count { gradients[row] = -LogLink.held(scores[row]) }
    VectorMath.exponentiate(&gradients)
    for row in 0..<scores.count {
      hessians[row] = target[row] * gradients[row]
      gradients[row] = 1 - hessians[row]
    }
  }

  /// Mean of `s + y exp(−s)`.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(scores.count, weights) { row in
      let s = LogLink.held(scores[row])
      return s + target[row] * Mathematics.exp(-s)
    }
  }

  /// Means.
  public func predictions(scores: [Double], classes: [String]) -> Predictions {
    Predictions(.values(LogLink.means(scores)))
  }
}

/// What objectives with a logarithmic link share.
enum LogLink {
  /// The score, held to where exponentials and their products with a target stay finite.
  static func held(_ score: Double) -> Double { min(max(score, -500), 500) }

  /// Means of scores.
  static func means(_ scores: [Double]) -> [Double] {
    var means = scores.map { min($0, 700) }
    var span = means.mutableSpan
    VectorMath.exponentiate(&span)
    return means
  }
}
