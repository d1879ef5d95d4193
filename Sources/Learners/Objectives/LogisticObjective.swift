public import Basics
import Kernels
public import Modeling

/// Logarithmic loss of two classes.
///
/// `log(1 + exp(s)) − y s` for `y` in 0, 1; gradient `σ(s) − y`, hessian `σ(s)(1 − σ(s))`.
public struct LogisticObjective: Objective {
  /// The card.
  public static let card = Card(
    name: "logistic", summary: "Logarithmic loss of two classes: predicts probabilities.", tasks: [.classification],
    source: "Friedman, Hastie, Tibshirani, Additive logistic regression, Ann. Statist. 28(2), 2000.")

  /// Makes it.
  public init() {}

  /// One score a row: the log-odds of the second class.
  public var scoreCount: Int { 1 }

  /// The log-odds of the mean, held to ±34.
  public func baseline(_ target: [Double], weights: [Double]?) -> [Double] {
    let mean = min(max(Averages.mean(target, weights), 1e-15), 1 - 1e-15)
    return [Mathematics.log(mean / (1 - mean))]
  }

  /// Derivatives by the score.
  public func derivatives(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>
  ) {
    VectorMath.logistic(scores: scores, target: target, gradients: &gradients, hessians: &hessians)
  }

  /// Mean logarithmic loss, natural logarithm.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(scores.count, weights) { row in
      let s = scores[row]
      return max(s, 0) - target[row] * s + Mathematics.log1p(Mathematics.exp(-abs(s)))
    }
  }

  /// Probabilities of both classes, row after row.
  public func predictions(scores: [Double], classes: [String]) -> Predictions {
    Predictions(.probabilities(VectorMath.logisticPairs(scores), classes: classes))
  }
}
