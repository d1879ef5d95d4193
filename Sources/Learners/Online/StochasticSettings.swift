import Basics

/// What a stochastic linear learner minimises and how it steps.
struct StochasticSettings: Sendable, Hashable, Codable {
  /// The objective of one row.
  enum Loss: String, Sendable, Hashable, Codable, CaseIterable {
    case logistic, hinge, squared, huber
  }
  /// Registered name of the estimator.
  var owner: String
  var loss: Loss
  /// Strength of the penalty on the mean objective, in standardised units.
  var penalty: Double
  var l1Ratio: Double
  var learningRate: Double
  var batchSize: Int
  /// Whether predictions use the mean of all weights along the way.
  var isAveraged: Bool

  enum CodingKeys: String, CodingKey {
    case owner, loss, penalty
    case l1Ratio = "l1_ratio"
    case learningRate = "learning_rate"
    case batchSize = "batch_size"
    case isAveraged = "is_averaged"
  }

  /// Whether the numbers can be what an estimator of this family was given.
  var isSound: Bool {
    penalty >= 0 && penalty.isFinite && (0...1).contains(l1Ratio) && learningRate > 0 && learningRate.isFinite
      && batchSize >= 1
  }

  /// Derivative of the loss by the score; `truth` is 1 or 0 for classes, a standardised number otherwise.
  func slope(score: Double, truth: Double) -> Double {
    switch loss {
    case .logistic: return Mathematics.logistic(score) - truth
    case .hinge:
      let side = truth == 1 ? 1.0 : -1.0
      return side * score < 1 ? -side : 0
    case .squared: return score - truth
    case .huber: return max(-1, min(1, score - truth))
    }
  }

  /// Loss at a score.
  func value(score: Double, truth: Double) -> Double {
    switch loss {
    case .logistic: return max(score, 0) + Mathematics.log1p(Mathematics.exp(-abs(score))) - truth * score
    case .hinge: return max(0, 1 - (truth == 1 ? score : -score))
    case .squared: return (score - truth) * (score - truth) / 2
    case .huber:
      let distance = abs(score - truth)
      return distance <= 1 ? distance * distance / 2 : distance - 0.5
    }
  }
}
