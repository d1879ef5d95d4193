public import Basics
import Kernels
public import Modeling

/// Logarithmic loss of several classes.
///
/// `log Σₖ exp(sₖ) − s_y`; gradient `pₖ − [k = y]`, hessian (diagonal) `pₖ (1 − pₖ)`.
public struct SoftmaxObjective: Objective {
  /// The card.
  public static let card = Card(
    name: "softmax", summary: "Logarithmic loss of several classes: predicts probabilities.", tasks: [.classification],
    capabilities: [.multiclass],
    source: "Friedman, Greedy function approximation: a gradient boosting machine, Ann. Statist. 29(5), 2001, § 4.6.")

  /// Classes.
  public let classCount: Int

  /// For `classCount` classes.
  public init(classCount: Int) { self.classCount = classCount }

  /// One score a class.
  public var scoreCount: Int { classCount }

  /// Logarithms of the class shares.
  public func baseline(_ target: [Double], weights: [Double]?) -> [Double] {
    var sums = [Double](repeating: 0, count: classCount)
    for (row, code) in target.enumerated() { sums[Int(code)] += weights?[row] ?? 1 }
    let total = sums.reduce(0, +)
    return sums.map { Mathematics.log(max(total > 0 ? $0 / total : 0, 1e-15)) }
  }

  /// Derivatives by each score, row-major.
  public func derivatives(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>
  ) {
    for row in 0..<target.count {
      let start = row * classCount
      var largest = scores[start]
      for k in 1..<classCount { largest = max(largest, scores[start + k]) }
      for k in 0..<classCount { gradients[start + k] = scores[start + k] - largest }
    }
    VectorMath.exponentiate(&gradients)
    for row in 0..<target.count {
      let start = row * classCount
      var sum = 0.0
      for k in 0..<classCount { sum += gradients[start + k] }
      let inverse = 1 / sum
      for k in 0..<classCount {
        let p = gradients[start + k] * inverse
        gradients[start + k] = p
        hessians[start + k] = p * (1 - p)
      }
      gradients[start + Int(target[row])] -= 1
    }
  }

  /// Mean logarithmic loss, natural logarithm.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    Averages.mean(target.count, weights) { row in
      let start = row * classCount
      var largest = scores[start]
      for k in 1..<classCount { largest = max(largest, scores[start + k]) }
      var sum = 0.0
      for k in 0..<classCount { sum += Mathematics.exp(scores[start + k] - largest) }
      return largest + Mathematics.log(sum) - scores[start + Int(target[row])]
    }
  }

  /// Probabilities of all classes, row after row.
  public func predictions(scores: [Double], classes: [String]) -> Predictions {
    var out = scores
    for start in stride(from: 0, to: scores.count, by: classCount) {
      var largest = scores[start]
      for k in 1..<classCount { largest = max(largest, scores[start + k]) }
      for k in 0..<classCount { out[start + k] -= largest }
    }
    var span = out.mutableSpan
    VectorMath.exponentiate(&span)
    for start in stride(from: 0, to: scores.count, by: classCount) {
      var sum = 0.0
      for k in 0..<classCount { sum += out[start + k] }
      for k in 0..<classCount { out[start + k] /= sum }
    }
    return Predictions(.probabilities(out, classes: classes))
  }
}
