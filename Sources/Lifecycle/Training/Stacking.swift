import Basics
import Modeling

/// Weights of a mixture, learnt from out-of-fold predictions: not negative, summing to 1, of least log loss or squared
/// error.
///
/// - Source: Wolpert, *Stacked generalization*, Neural Networks 5, 1992; Breiman, *Stacked regressions*, Machine
///   Learning 24, 1996 (weights that are not negative); Kivinen and Warmuth, *Exponentiated gradient*, 1997.
enum Stacking {
  static let stepCount = 300
  /// Members lighter than this are left out.
  static let smallestWeight = 0.03

  /// Members with their weights, heaviest first; `nil` for fewer than two.
  ///
  /// - Throws: `.shapeMismatch` when predictions are not of the target's rows.
  static func weights(
    _ members: [(index: Int, outOfFold: Predictions)], _ target: Target, rowWeights: [Double]? = nil
  ) throws -> [(index: Int, weight: Double)]? {
    guard members.count > 1 else { return nil }
    let columns = try members.map { try said($0.outOfFold, target) }
    var logs = [Double](repeating: 0, count: members.count)
    var weights = [Double](repeating: 1 / Double(members.count), count: members.count)
    let scale = scale(target)
    for step in 0..<stepCount {
      let gradient = gradient(columns, weights, target, scale, rowWeights)
      let rate = 2 / (1 + 0.02 * Double(step))
      for index in logs.indices { logs[index] -= rate * gradient[index] }
      let top = logs.max() ?? 0
      let raised = logs.map { Mathematics.exp($0 - top) }
      let total = raised.reduce(0, +)
      weights = raised.map { $0 / total }
    }
    let kept = weights.indices.filter { weights[$0] >= smallestWeight }
    let total = kept.reduce(0) { $0 + weights[$1] }
    return kept.sorted { (weights[$1], $0) < (weights[$0], $1) }.map { (members[$0].index, weights[$0] / total) }
  }

  /// What each row's loss depends on: the probability of the true class, or the number.
  private static func said(_ predictions: Predictions, _ target: Target) throws -> [Double] {
    switch (predictions.storage, target) {
    case (.probabilities(let values, let classes), .classes(let codes, _)) where predictions.rowCount == codes.count:
      return codes.indices.map { values[$0 * classes.count + Int(codes[$0])] }
    case (.values(let values), .values(let truth)) where values.count == truth.count: return values
    default: throw MLError(.shapeMismatch, "stacking: predictions must be of the target's rows and kind.")
    }
  }

  private static func scale(_ target: Target) -> Double {
    guard case .values(let truth) = target, !truth.isEmpty else { return 1 }
    let mean = truth.reduce(0, +) / Double(truth.count)
    return max(1e-300, truth.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(truth.count))
  }

  /// Mean derivative of the loss by each weight.
  private static func gradient(
    _ columns: [[Double]], _ weights: [Double], _ target: Target, _ scale: Double,
    _ rowWeights: [Double]?
  ) -> [Double] {
    let rowCount = target.count
    var slopes = [Double](repeating: 0, count: rowCount)
    for (column, weight) in zip(columns, weights) { for row in 0..<rowCount { slopes[row] += weight * column[row] } }
    if case .values(let truth) = target {
      for row in 0..<rowCount { slopes[row] = 2 * (slopes[row] - truth[row]) / scale }
    } else {
      for row in 0..<rowCount { slopes[row] = -1 / max(1e-15, slopes[row]) }
    }
    var total = Double(max(1, rowCount))
    if let rowWeights {
      for row in 0..<rowCount { slopes[row] *= rowWeights[row] }
      total = max(1e-300, rowWeights.reduce(0, +))
    }
    return columns.map { column in
      var sum = 0.0
      for row in 0..<rowCount { sum += slopes[row] * column[row] }
      return sum / total
    }
  }
}
