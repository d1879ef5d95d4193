public import Basics

/// Held-out items among the first places, discounted by `log₂(place + 1)`, against the best possible order.
///
/// - Units: share, `0 ... 1`.
public struct DiscountedGain: RankingMetric {
  /// What it is.
  public static let card = Card(
    name: "ndcg_at_k",
    summary: "Held-out items among the first places, early places counting more, against the best possible order.",
    tasks: [.recommendation],
    source: "Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4), 2002")
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
    let discount = { (place: Int) in Mathematics.log(2) / Mathematics.log(Double(place) + 2) }
    var gain = 0.0
    for (place, item) in recommended.prefix(count).enumerated() where relevant.contains(item) {
      gain += discount(place)
    }
    return gain / (0..<min(count, relevant.count)).reduce(0) { $0 + discount($1) }
  }
}
