/// An item for a user, and how well it fits.
public struct Recommendation: Sendable, Hashable {
  /// Item.
  public var item: String
  /// Higher fits better; comparable within one user.
  public var score: Double

  /// Makes one.
  public init(item: String, score: Double) {
    self.item = item
    self.score = score
  }
}

/// Learns from rows `user, item[, rating][, time]`. `predict` on rows of user and item says `.values`: the expected
/// rating (explicit) or the score (implicit); unknown users and items fall back to what is known, never fail.
public protocol RecommendingModel: FittedModel {
  /// Name of the user column.
  var userColumn: String { get }
  /// Name of the item column.
  var itemColumn: String { get }
  /// Best items for each user, best first, ties by item name; fewer when there are fewer. A user never seen gets the
  /// fall-back (popularity).
  ///
  /// - Parameter excludingSeen: leaves out what the user had in training.
  func recommend(users: [String], count: Int, excludingSeen: Bool) throws -> [[Recommendation]]
  /// Best further items for someone without history who has these items.
  func recommend(basket: [String], count: Int) throws -> [Recommendation]
}
