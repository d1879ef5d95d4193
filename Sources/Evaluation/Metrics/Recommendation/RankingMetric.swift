public import Basics

/// What was recommended to users and what they turned out to want.
public struct RankedLists: Sendable {
  /// Items for each user, best first, none twice.
  public let recommended: [[String]]
  /// Held-out items of each user, in any order; users without any are left out of means.
  public let relevant: [Set<String>]
  /// User weights.
  public let weights: [Double]

  /// - Throws: `.shapeMismatch` when counts differ, `.invalidData` for an item recommended twice to a user.
  public init(recommended: [[String]], relevant: [Set<String>], weights: [Double]? = nil) throws {
    guard recommended.count == relevant.count else {
      throw MLError(
        .shapeMismatch,
        "ranking: lists and held-out items must be of the same users; got \(recommended.count) and \(relevant.count).")
    }
    if let user = recommended.firstIndex(where: { Set($0).count != $0.count }) {
      throw MLError(.invalidData, "ranking: list \(user + 1) recommends an item twice.")
    }
    self.recommended = recommended
    self.relevant = relevant
    self.weights = try RowWeights.checked(weights, rowCount: recommended.count, owner: "ranking")
  }

  /// Value of every user, `nil` for those without held-out items; resampled by user for intervals.
  func values(_ value: ([String], Set<String>) -> Double) -> [Double?] {
    zip(recommended, relevant).map { $1.isEmpty ? nil : value($0, $1) }
  }
}

/// A number that judges recommended lists; a mean over users.
public protocol RankingMetric: Described, Sendable {
  /// Whether more is better.
  static var higherIsBetter: Bool { get }
  /// Places of a list that count.
  var count: Int { get }
  /// The first ten places.
  init()
  /// The first `count` places, at least 1.
  init(count: Int) throws
  /// Value of one user's list; `relevant` is not empty.
  func value(_ recommended: [String], _ relevant: Set<String>) -> Double
}

extension RankingMetric {
  /// Weighted mean over users with held-out items; `nil` without any.
  public func value(_ lists: RankedLists) -> Double? {
    var (sum, total) = (0.0, 0.0)
    for (user, value) in lists.values({ self.value($0, $1) }).enumerated() {
      guard let value, lists.weights[user] > 0 else { continue }
      sum += lists.weights[user] * value
      total += lists.weights[user]
    }
    return total > 0 ? sum / total : nil
  }

  /// Mean with its bootstrap interval over users.
  ///
  /// - Parameter userKeys: content keys of the users; without them the place in the lists seeds the draws.
  public func interval(
    _ lists: RankedLists, userKeys: [UInt64]? = nil, options: BootstrapOptions = BootstrapOptions()
  ) throws -> MetricValue? {
    guard let value = value(lists) else { return nil }
    let terms = lists.values { self.value($0, $1) }
    let keys = RowIdentity.distinct(userKeys, target: nil, rowCount: terms.count)
    let weights = zip(terms, lists.weights).map { $0 == nil ? 0 : $1 }
    let numbers = terms.map { $0 ?? 0 }
    let replicates = try Bootstrap(
      rowKeys: keys, truth: nil, rowCount: keys.count, weights: weights, options: options
    ).run(width: 1) { drawn, out in
      out[0] = WeightedStatistic.mean(of: numbers, drawn) ?? .nan
    }
    let ends = Bootstrap.interval(replicates[0], confidence: options.confidence)
    return MetricValue(value: value, low: ends?.low, high: ends?.high)
  }

  static func checked(_ count: Int) throws -> Int {
    guard count >= 1 else {
      throw MLError(.invalidParameter, "\(card.name): 'count' must be at least 1; got \(count).", field: "count")
    }
    return count
  }
}
