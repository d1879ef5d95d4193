public import Basics

/// Precision at each place that holds a held-out item, summed over the first places and divided by
/// `min(count, held-out items)`; averaged over users.
///
/// - Units: share, `0 ... 1`.
public struct MeanAveragePrecisionAtK: RankingMetric {
  /// What it is.
  public static let card = Card(
    name: "map_at_k", summary: "Precision at each hit among the first places, averaged over held-out items and users.",
    tasks: [.recommendation],
    source: "Manning, Raghavan and Schütze, Introduction to information retrieval, ch. 8, 2008")
  /// More is better.
  public static let higherIsBetter = true
  /// Places of a list that count.
  public let count: Int
  /// The first ten places.
  public init() { count = 10 }
  /// The first `count` places, at least 1.
  ///
  /// - Throws: `.invalidParameter` below 1.
  public init(count: Int) throws { self.count = try Self.checked(count) }

  /// Value of one user's list.
  public func value(_ recommended: [String], _ relevant: Set<String>) -> Double {
    var (hits, sum) = (0.0, 0.0)
    for (place, item) in recommended.prefix(count).enumerated() where relevant.contains(item) {
      hits += 1
      sum += hits / Double(place + 1)
    }
    return sum / Double(min(count, relevant.count))
  }
}
