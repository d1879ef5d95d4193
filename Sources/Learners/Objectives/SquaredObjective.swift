public import Basics
public import Modeling

/// Half the squared error: predicts the mean.
///
/// `(s − y)² / 2`; gradient `s − y`, hessian 1.
public struct SquaredObjective: Objective {
  /// The card.
  public static let card = Card(
    name: "squared-error", summary: "Half the squared error: predicts the mean.", tasks: [.regression],
    source: "Friedman, Greedy function approximation: a gradient boosting machine, Ann. Statist. 29(5), 2001.")

  /// Makes it.
  public init() {}

  /// One score a row.
  public var scoreCount: Int { 1 }

  /// The mean.
  public func baseline(_ target: [Double], weights: [Double]?) -> [Double] { [Averages.mean(target, weights)] }

  /// Derivatives by the score.
  public func derivatives(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>
  ) {
    for row in 0..<scores.count {
      gradients[row] = scores[row] - target[row]
      hessians[row] = 1
    }
  }

  /// Mean of `(s − y)² / 2`.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(scores.count, weights) { (scores[$0] - target[$0]) * (scores[$0] - target[$0]) / 2 }
  }

  /// The scores themselves.
  public func predictions(scores: [Double], classes: [String]) -> Predictions { Predictions(.values(scores)) }
}
