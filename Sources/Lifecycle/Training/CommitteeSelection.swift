import Basics
import Evaluation
import Modeling

/// Chooses members of a committee by their out-of-fold predictions.
///
/// - Source: Caruana et al., *Ensemble selection from libraries of models*, ICML 2004 (with replacement, bagged).
struct CommitteeSelection {
  /// Candidates with their predictions of the same rows.
  let predictions: [(index: Int, outOfFold: Predictions)]
  let target: Target
  var weights: [Double]?
  let metric: any Metric
  let seed: Seed
  let workers: Workers
  /// Whether these members together keep what a model must keep to.
  var allows: @Sendable (Set<Int>) -> Bool = { _ in true }

  /// Picks, one of which may repeat.
  static let stepCount = 12
  /// Rows up to which a committee is worth its time.
  static let maximumRowCount = 60_000
  /// Rows up to which the search is repeated on halves of the candidates, because one search fits itself to few rows.
  static let baggedRowCount = 5000
  static let bagCount = 20
  /// Members lighter than this are left out.
  static let smallestShare = 0.02

  /// A mixture under trial: candidates by their places, as often as they were picked.
  private struct Mixture {
    var value: Double
    var picks: [Int]
  }

  /// Members with their shares, best first: `start` alone unless a mixture is better out of fold.
  ///
  /// Greedy search on the rows it is judged by flatters itself a little; its mixture must therefore gain at least a
  /// quarter of the standard error of the best candidate's folds. The mean of many searches need only be better.
  func members(start: Int, standardError: Double?) throws -> [(index: Int, weight: Double)] {
    guard let first = predictions.firstIndex(where: { $0.index == start }),
      let alone = try metric.value(predictions[first].outOfFold, target, weights: weights), predictions.count > 1,
      target.count <= Self.maximumRowCount
    else { return [(start, 1)] }
    if target.count <= Self.baggedRowCount, predictions.count > 3, let bagged = try bagged(),
      let value = try value(bagged), metric.improvement(value, over: alone) > 0
    {
      return bagged
    }
    let margin = 0.25 * (standardError ?? 0)
    guard let best = try greedy(from: first, among: Array(predictions.indices)),
      metric.improvement(best.value, over: alone) > margin, Set(best.picks).count > 1
    else { return [(start, 1)] }
    let greedy = shares([best])
    guard let stacked = try Stacking.weights(predictions, target, rowWeights: weights),
      allows(Set(stacked.map(\.index))), let value = try value(stacked),
      metric.improvement(value, over: best.value) > margin
    else { return greedy }
    return stacked
  }

  /// Adds the best candidate again and again; the best mixture on the way.
  private func greedy(from first: Int, among places: [Int]) throws -> Mixture? {
    guard let alone = try metric.value(predictions[first].outOfFold, target, weights: weights) else { return nil }
    var picks = [first]
    var sum = Sum(predictions[first].outOfFold)
    var best = Mixture(value: alone, picks: picks)
    for _ in 1..<Self.stepCount {
      var step: (value: Double, place: Int)?
      for place in places where allows(Set((picks + [place]).map { predictions[$0].index })) {
        let mixed = sum.adding(predictions[place].outOfFold).mean
        guard let value = try metric.value(mixed, target, weights: weights) else { continue }
        if step.map({ metric.improvement(value, over: $0.value) > 0 }) ?? true { step = (value, place) }
      }
      guard let step else { break }
      sum = sum.adding(predictions[step.place].outOfFold)
      picks.append(step.place)
      if metric.improvement(step.value, over: best.value) > 0 { best = Mixture(value: step.value, picks: picks) }
    }
    return best
  }

  /// The mean of greedy mixtures of random halves of the candidates; `nil` when it may not be.
  private func bagged() throws -> [(index: Int, weight: Double)]? {
    let values = try predictions.map { try metric.value($0.outOfFold, target, weights: weights) }
    let mixtures = try workers.map(Self.bagCount) { bag -> Mixture? in
      let salt = seed.derived("committee").derived(bag).value
      let order = predictions.indices.sorted {
        (StableHash.combine(UInt64($0), salt), $0) < (StableHash.combine(UInt64($1), salt), $1)
      }
      let half = order.prefix((order.count + 1) / 2).filter { values[$0] != nil }.sorted()
      let best = half.max { a, b in
        guard let first = values[a], let second = values[b] else { return false }
        return metric.improvement(second, over: first) > 0
      }
      return try best.flatMap { try greedy(from: $0, among: half) }
    }
    let found = shares(mixtures.compactMap { $0 }).filter { $0.weight >= Self.smallestShare }
    guard found.count > 1, allows(Set(found.map(\.index))) else { return nil }
    let total = found.reduce(0) { $0 + $1.weight }
    return found.map { ($0.index, $0.weight / total) }
  }

  /// Shares of the candidates in the mean of mixtures, largest first.
  private func shares(_ mixtures: [Mixture]) -> [(index: Int, weight: Double)] {
    var sums: [Int: Double] = [:]
    for mixture in mixtures {
      for place in mixture.picks { sums[place, default: 0] += 1 / Double(mixture.picks.count * mixtures.count) }
    }
    return sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { (index: predictions[$0.key].index, weight: $0.value) }
  }

  private func value(_ members: [(index: Int, weight: Double)]) throws -> Double? {
    let parts = members.compactMap { member in predictions.first { $0.index == member.index }?.outOfFold }
    return try metric.value(Committee.mean(parts, members.map(\.weight)), target, weights: weights)
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
