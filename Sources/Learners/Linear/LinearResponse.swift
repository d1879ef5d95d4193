import Basics
import Kernels

/// What the scores of a linear model are held against: the objective and its derivatives by the scores.
enum LinearResponse: Sendable {
  /// Half the squared distance to a number.
  case squared([Double])
  /// Log loss of the second of two classes; 0 or 1 a row.
  case logistic([Double])
  /// Log loss of `classCount` classes.
  case softmax([Int32], classCount: Int)
  /// Half the Tweedie deviance of `power` in 1…3 under a log link, up to a constant: 1 is Poisson, 2 is gamma.
  case tweedie([Double], power: Double)
  /// Squared hinge of the margin; -1 or 1 a row.
  case squaredHinge([Double])
  /// Derivatives as they are; nothing is summed.
  case given(first: [Double], second: [Double])
  /// Half the square within `delta` of a number, growing evenly beyond.
  case huber([Double], delta: Double)

  /// Scores a row has.
  var scoreCount: Int { if case .softmax(_, let count) = self { count } else { 1 } }
  /// Second derivatives a row has: one for each pair of scores, the lower one second.
  var pairCount: Int { scoreCount * (scoreCount + 1) / 2 }
  /// Whether every second derivative is the row's weight.
  var isSquared: Bool { if case .squared = self { true } else { false } }

  /// Weighted objective of `rows` at the scores of `block`; fills its first and, if asked, second derivatives.
  func derivatives(
    _ rows: Range<Int>, weights: [Double]?, block: inout LinearBlock, wantsSecond: Bool
  ) -> Double {
    switch self {
    case .squared(let target): return Self.squared(target, rows, weights, &block)
    case .logistic(let target): return Self.logistic(target, rows, weights, &block)
    case .softmax(let codes, _): return Self.softmax(codes, rows, weights, &block, wantsSecond)
    case .tweedie(let target, let power): return Self.tweedie(target, power, rows, weights, &block)
    case .squaredHinge(let target): return Self.squaredHinge(target, rows, weights, &block)
    case .given(let first, let second):
      for (i, row) in rows.enumerated() {
        block.first[i] = first[row]
        if wantsSecond { block.second[i] = second[row] }
      }
      return 0
    case .huber(let target, let delta): return Self.huber(target, delta, rows, weights, &block)
    }
  }
}

/// Scores and derivatives of a chunk of rows; score `k` of row `i` stands at `k · stride + i`.
struct LinearBlock {
  let stride: Int
  var scores: [Double]
  var first: [Double]
  /// By pair of scores.
  var second: [Double]
  /// Room for exponentials, two a row.
  var work: [Double]

  init(stride: Int, response: LinearResponse) {
    self.stride = stride
    scores = [Double](repeating: 0, count: stride * response.scoreCount)
    first = scores
    second = [Double](repeating: 0, count: stride * response.pairCount)
    work = [Double](repeating: 0, count: stride * max(2, response.scoreCount))
  }
}

extension LinearResponse {
  private static func squared(
    _ target: [Double], _ rows: Range<Int>, _ weights: [Double]?, _ block: inout LinearBlock
  ) -> Double {
    var sum = 0.0
    let truth = target.span
    for (i, row) in rows.enumerated() {
      let weight = weights?[row] ?? 1
      let distance = block.scores[i] - truth[row]
      block.first[i] = weight * distance
      block.second[i] = weight
      sum += weight * distance * distance
    }
    return sum / 2
  }

  private static func logistic(
    _ target: [Double], _ rows: Range<Int>, _ weights: [Double]?, _ block: inout LinearBlock
  ) -> Double {
    LinearKernels.logLoss(
      scores: block.scores, target: target, weights: weights, rows, first: &block.first, second: &block.second)
  }

  private static func softmax(
    _ codes: [Int32], _ rows: Range<Int>, _ weights: [Double]?, _ block: inout LinearBlock, _ wantsSecond: Bool
  ) -> Double {
    let stride = block.stride
    let count = block.scores.count / stride
    normalize(&block, rows.count)
    var sum = 0.0
    for (i, row) in rows.enumerated() {
      let weight = weights?[row] ?? 1
      let code = Int(codes[row])
      // ln Σ exp(s − largest) − (s − largest) of the row's class.
      sum += weight * (Mathematics.log(block.scores[i]) - block.first[code * stride + i])
      for k in 0..<count {
        let probability = block.work[k * stride + i] / block.scores[i]
        block.work[k * stride + i] = probability
        block.first[k * stride + i] = weight * (probability - (k == code ? 1 : 0))
      }
    }
    guard wantsSecond else { return sum }
    var pair = 0
    for k in 0..<count {
      for l in 0...k {
        for (i, row) in rows.enumerated() {
          let own = block.work[k * stride + i]
          let other = block.work[l * stride + i]
          block.second[pair * stride + i] = (weights?[row] ?? 1) * own * ((k == l ? 1 : 0) - other)
        }
        pair += 1
      }
    }
    return sum
  }

  /// `first` gets scores less the row's largest, `work` their exponentials, the first score of a row the sum of them.
  private static func normalize(_ block: inout LinearBlock, _ rowCount: Int) {
    let stride = block.stride
    let count = block.scores.count / stride
    for i in 0..<rowCount {
      var largest = block.scores[i]
      for k in 1..<count { largest = max(largest, block.scores[k * stride + i]) }
      for k in 0..<count {
        let shifted = block.scores[k * stride + i] - largest
        block.first[k * stride + i] = shifted
        block.work[k * stride + i] = shifted
      }
    }
    var exponentials = block.work.mutableSpan
    VectorMath.exponentiate(&exponentials)
    for i in 0..<rowCount {
      var total = 0.0
      for k in 0..<count { total += block.work[k * stride + i] }
      block.scores[i] = total
    }
  }

  /// For mean `m = exp(s)` and `1 < p < 2`: `m^(2−p) / (2−p) − y m^(1−p) / (1−p)`; Poisson and gamma are its limits.
  private static func tweedie(
    _ target: [Double], _ power: Double, _ rows: Range<Int>, _ weights: [Double]?, _ block: inout LinearBlock
  ) -> Double {
    let stride = block.stride
    for i in 0..<rows.count {
      block.work[i] = (2 - power) * block.scores[i]
      block.work[stride + i] = (1 - power) * block.scores[i]
    }
    var exponentials = block.work.mutableSpan
    VectorMath.exponentiate(&exponentials)
    var sum = 0.0
    for (i, row) in rows.enumerated() {
      let weight = weights?[row] ?? 1
      let upper = block.work[i]
      let lower = target[row] * block.work[stride + i]
      let score = block.scores[i]
      let rise = power == 2 ? score : upper / (2 - power)
      let fall = power == 1 ? target[row] * score : lower / (1 - power)
      sum += weight * (rise - fall)
      block.first[i] = weight * (upper - lower)
      // Beyond gamma the objective is not convex in the score: the expected curvature stands in.
      block.second[i] = weight * (power > 2 ? upper : (2 - power) * upper + (power - 1) * lower)
    }
    return sum
  }

  private static func squaredHinge(
    _ target: [Double], _ rows: Range<Int>, _ weights: [Double]?, _ block: inout LinearBlock
  ) -> Double {
    var sum = 0.0
    for (i, row) in rows.enumerated() {
      let weight = weights?[row] ?? 1
      let lack = 1 - target[row] * block.scores[i]
      let isInside = lack > 0
      block.first[i] = isInside ? -2 * weight * target[row] * lack : 0
      block.second[i] = isInside ? 2 * weight : 0
      if isInside { sum += weight * lack * lack }
    }
    return sum
  }

  private static func huber(
    _ target: [Double], _ delta: Double, _ rows: Range<Int>, _ weights: [Double]?, _ block: inout LinearBlock
  ) -> Double {
    var sum = 0.0
    for (i, row) in rows.enumerated() {
      let weight = weights?[row] ?? 1
      let distance = block.scores[i] - target[row]
      let isNear = abs(distance) <= delta
      block.first[i] = weight * (isNear ? distance : distance > 0 ? delta : -delta)
      block.second[i] = isNear ? weight : 0
      sum += weight * (isNear ? distance * distance / 2 : delta * (abs(distance) - delta / 2))
    }
    return sum
  }
}
