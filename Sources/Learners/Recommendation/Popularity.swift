public import Basics
public import Modeling

/// Recommends what most rows are about; expects ratings by user and item averages alone. What any recommender must
/// beat.
public struct Popularity: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "popularity", summary: "Recommends the most frequent items: what a recommender must beat.",
    tasks: [.recommendation], capabilities: [.weights], hyperparameters: RecommenderSettings.columns,
    source: "Ratings: Koren, Factorization meets the neighborhood, KDD 2008, equation 1")

  /// Column of users; empty: found by itself.
  public var user = ""
  /// Column of items; empty: found by itself.
  public var item = ""

  enum CodingKeys: String, CodingKey { case user, item }

  /// Columns found by themselves.
  public init() {}

  /// Counts.
  ///
  /// - Throws: `.schemaMismatch` without a user or item column, `.invalidData` for classes or no rows, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> Recommender {
    try context.checkCancellation()
    let known = try Interactions(data, user: user, item: item, owner: Self.card.name)
    return try Recommender(known, bias: known.isExplicit ? RatingBias(known) : nil, scorer: .popularity)
  }
}
