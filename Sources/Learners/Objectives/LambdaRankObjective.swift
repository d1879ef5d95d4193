public import Basics
package import Kernels
public import Modeling

/// LambdaMART: pairs of rows of a group, weighted by what swapping them would change in NDCG.
///
/// For a pair with target `yᵢ > yⱼ`, scores `sᵢ, sⱼ` and ranks `rᵢ, rⱼ` (from 0): `ρ = 1 / (1 + exp(sᵢ − sⱼ))`,
/// `Δ = (2^yᵢ − 2^yⱼ) |1 / log₂(2 + rᵢ) − 1 / log₂(2 + rⱼ)| / maxDCG / (0.01 + |sᵢ − sⱼ|)`; gradient of `i` falls by
/// `ρ Δ`, that of `j` rises by it, both hessians grow by `ρ (1 − ρ) Δ`. Only pairs with one row among the first
/// `truncation` count; lambdas of a group are scaled by `log₂(1 + Σ|λ|) / Σ|λ|`, as in LightGBM.
///
/// The value reported is one minus the mean NDCG of the groups, which is not what the gradients integrate to: NDCG is
/// flat almost everywhere.
/// - Source: Burges, *From RankNet to LambdaRank to LambdaMART: an overview*, Microsoft Research TR 2010-82, 2010.
public struct LambdaRankObjective: Objective, GroupedObjective {
  /// The card.
  public static let card = Card(
    name: "lambdarank", summary: "LambdaMART: orders the rows of each group so that NDCG is high.",
    tasks: [.regression],
    source: "Burges, From RankNet to LambdaRank to LambdaMART: an overview, Microsoft Research TR 2010-82, 2010.")

  /// Which rows are ranked against each other.
  public let groups: RankingGroups
  /// How many places count.
  public let truncation: Int

  /// For rows in `groups`, the first `truncation` places of each.
  public init(groups: RankingGroups, truncation: Int = 30) {
    self.groups = groups
    self.truncation = truncation
  }

  /// The same with rows of equal scores ranked by `keys`, one a row, and no longer by where they stand.
  func ordered(by keys: [UInt64]) -> LambdaRankObjective {
    LambdaRankObjective(groups: groups.ordered(by: keys), truncation: truncation)
  }

  /// One score a row.
  public var scoreCount: Int { 1 }
  /// Groups.
  package var groupCount: Int { groups.count }

  /// Zero: a constant changes no order.
  public func baseline(_ target: [Double], weights: [Double]?) -> [Double] { [0] }

  /// Derivatives by the score; all rows of the groups at once.
  public func derivatives(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>
  ) {
    for group in 0..<groups.count {
      let rows = groups.members(group).map { Int($0) }
      let lambdas = Lambdas(rows.map { scores[$0] }, rows.map { target[$0] }, truncation)
      for (place, row) in rows.enumerated() {
        gradients[row] = lambdas.gradients[place]
        hessians[row] = lambdas.hessians[place]
      }
    }
  }

  /// Derivatives of the rows of one group.
  package func derivatives(
    group: Int, scores: SharedDoubles, target: SharedDoubles, gradients: SharedDoubles, hessians: SharedDoubles
  ) {
    let rows = groups.members(group).map { Int($0) }
    let lambdas = Lambdas(rows.map { scores[$0] }, rows.map { target[$0] }, truncation)
    for (place, row) in rows.enumerated() {
      gradients[row] = lambdas.gradients[place]
      hessians[row] = lambdas.hessians[place]
    }
  }

  /// One minus the mean NDCG of the groups at `truncation`; a group without any positive target counts as perfect.
  public func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double {
    var sum = 0.0
    for group in 0..<groups.count {
      let rows = groups.members(group).map { Int($0) }
      let targets = rows.map { target[$0] }
      let best = Ranking.gain(targets.sorted(by: >), truncation)
      let order = Ranking.order(rows.map { scores[$0] })
      sum += best > 0 ? Ranking.gain(order.map { targets[$0] }, truncation) / best : 1
    }
    return groups.count > 0 ? 1 - sum / Double(groups.count) : 0
  }

  /// The scores themselves.
  public func predictions(scores: [Double], classes: [String]) -> Predictions { Predictions(.values(scores)) }
}

/// An objective whose rows depend on other rows of their group.
package protocol GroupedObjective: Objective {
  /// Groups.
  var groupCount: Int { get }
  /// Writes the derivatives of the rows of one group; groups share no row.
  func derivatives(
    group: Int, scores: SharedDoubles, target: SharedDoubles, gradients: SharedDoubles, hessians: SharedDoubles)
}

/// Discounts and gains.
enum Ranking {
  /// What place `rank`, from 0, is worth.
  static func discount(_ rank: Int) -> Double { Mathematics.log(2) / Mathematics.log(Double(rank) + 2) }

  /// What a target is worth at the first place.
  static func worth(_ target: Double) -> Double { Mathematics.pow(2, target) - 1 }

  /// Discounted cumulative gain of targets in ranked order.
  static func gain(_ targets: [Double], _ truncation: Int) -> Double {
    targets.prefix(truncation).enumerated().reduce(0) { $0 + worth($1.element) * discount($1.offset) }
  }

  /// Places by descending score, earlier rows first among equals.
  static func order(_ scores: [Double]) -> [Int] {
    scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
  }
}

/// Lambdas of one group.
struct Lambdas {
  private(set) var gradients: [Double]
  private(set) var hessians: [Double]

  init(_ scores: [Double], _ targets: [Double], _ truncation: Int) {
    gradients = [Double](repeating: 0, count: scores.count)
    hessians = gradients
    let best = Ranking.gain(targets.sorted(by: >), truncation)
    guard best > 0 else { return }
    let order = Ranking.order(scores)
    let worths = targets.map(Ranking.worth)
    let discounts = order.indices.map(Ranking.discount)
    let areEqual = scores[order[0]] == scores[order[order.count - 1]]
    var sum = 0.0
    for i in 0..<min(truncation, order.count) {
      for j in (i + 1)..<max(i + 1, order.count) where targets[order[i]] != targets[order[j]] {
        let isOrdered = targets[order[i]] > targets[order[j]]
        let high = isOrdered ? order[i] : order[j]
        let low = isOrdered ? order[j] : order[i]
        let lead = scores[high] - scores[low]
        var change = (worths[high] - worths[low]) * (discounts[i] - discounts[j]) / best
        if !areEqual { change /= 0.01 + abs(lead) }
        let share = Mathematics.logistic(-lead)
        let lambda = share * change
        gradients[high] -= lambda
        gradients[low] += lambda
        hessians[high] += share * (1 - share) * change
        hessians[low] += share * (1 - share) * change
        sum += 2 * lambda
      }
    }
    guard sum > 0 else { return }
    let factor = Mathematics.log1p(sum) / Mathematics.log(2) / sum
    for row in scores.indices {
      gradients[row] *= factor
      hessians[row] *= factor
    }
  }
}
