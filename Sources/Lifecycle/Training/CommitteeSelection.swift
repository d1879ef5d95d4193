import Basics
import Evaluation
import Modeling

/// Chooses members of a committee by their out-of-fold predictions.
///
/// - Source: Caruana et al., *Ensemble selection from libraries of models*, ICML 2004 (greedy, with replacement).
enum CommitteeSelection {
  /// Picks, one of which may repeat.
  static let stepCount = 12
  /// Rows up to which a committee is worth its time.
  static let maximumRowCount = 60_000

  /// Members with their shares, best first: `start` alone unless a mixture is better out of fold.
  ///
  /// Greedy search on the rows it is judged by flatters itself a little; a mixture must therefore gain at least a
  /// quarter
  /// of the standard error of the best candidate's folds.
  ///
  /// - Parameter allows: whether these members together keep what a model must keep to.
  static func choose(
    _ predictions: [(index: Int, outOfFold: Predictions)], start: Int, standardError: Double?, target: Target,
    weights: [Double]? = nil, metric: any Metric, allows: (Set<Int>) -> Bool = { _ in true }
  ) throws -> [(index: Int, weight: Double)] {
    guard let first = predictions.first(where: { $0.index == start }),
      let alone = try metric.value(first.outOfFold, target, weights: weights), predictions.count > 1,
      target.count <= maximumRowCount
    else { return [(start, 1)] }
    var picks = [first.index]
    var sum = Sum(first.outOfFold)
    var best = (value: alone, picks: picks)
    for _ in 1..<stepCount {
      var step: (value: Double, index: Int)?
      for candidate in predictions where allows(Set(picks + [candidate.index])) {
        let mixed = sum.adding(candidate.outOfFold).mean
        guard let value = try metric.value(mixed, target, weights: weights) else { continue }
        if step.map({ metric.improvement(value, over: $0.value) > 0 }) ?? true { step = (value, candidate.index) }
      }
      guard let step, let chosen = predictions.first(where: { $0.index == step.index }) else { break }
      sum = sum.adding(chosen.outOfFold)
      picks.append(step.index)
      if metric.improvement(step.value, over: best.value) > 0 { best = (step.value, picks) }
    }
    guard metric.improvement(best.value, over: alone) > 0.25 * (standardError ?? 0), Set(best.picks).count > 1 else {
      return [(start, 1)]
    }
    let counts = Dictionary(grouping: best.picks, by: { $0 }).mapValues(\.count)
    let greedy = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { (index: $0.key, weight: Double($0.value) / Double(best.picks.count)) }
    guard let stacked = try Stacking.weights(predictions, target, rowWeights: weights),
      allows(Set(stacked.map(\.index))),
      let value = try metric.value(
        Committee.mean(
          stacked.map { member in predictions.first { $0.index == member.index }?.outOfFold ?? first.outOfFold },
          stacked.map(\.weight)), target, weights: weights),
      metric.improvement(value, over: best.value) > 0.25 * (standardError ?? 0)
    else { return greedy }
    return stacked
  }

  /// Sum of predictions of the same rows.
  private struct Sum {
    var values: [Double]
    var count: Double
    let like: Predictions

    init(_ predictions: Predictions) {
      like = predictions
      values = Self.numbers(predictions)
      count = 1
    }

    static func numbers(_ predictions: Predictions) -> [Double] {
      switch predictions.storage {
      case .values(let values): values
      case .probabilities(let values, _): values
      }
    }

    func adding(_ other: Predictions) -> Sum {
      var copy = self
      let numbers = Self.numbers(other)
      for index in numbers.indices { copy.values[index] += numbers[index] }
      copy.count += 1
      return copy
    }

    var mean: Predictions {
      let means = values.map { $0 / count }
      return like.classes.isEmpty
        ? Predictions(.values(means)) : Predictions(.probabilities(means, classes: like.classes))
    }
  }
}
