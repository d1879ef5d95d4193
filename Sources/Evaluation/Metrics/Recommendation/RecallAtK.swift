public import Basics

/// Share of the held-out items among the first places, averaged over users.
///
/// - Units: share, `0 ... 1`.
public struct RecallAtK: RankingMetric {
  /// What it is.
  public static let card = Card(
    name: "recall_at_k", summary: "Share of the held-out items among the first places, averaged over users.",
    tasks: [.recommendation],
    source: "Herlocker et al., Evaluating collaborative filtering recommender systems, ACM TOIS 22(1), 2004")
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
    Double(recommended.prefix(count).count { relevant.contains($0) }) / Double(relevant.count)
  }
}
