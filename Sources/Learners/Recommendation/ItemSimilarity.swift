public import Basics
import Frames
public import Modeling

/// Items are alike when the same users had them: cosine similarity, shrunken where few users had both.
///
/// Without ratings: `cᵢⱼ / (√(nᵢ·nⱼ) + shrinkage)` from the users that had both. With ratings: the cosine of what
/// ratings differ from user and item averages over the users that rated both, times `cᵢⱼ / (cᵢⱼ + shrinkage)`; an
/// expected rating is the average plus the similarity-weighted mean of the user's own differences.
///
/// - Source: Sarwar et al., *Item-based collaborative filtering recommendation algorithms*, WWW 2001;
///   Koren, *Factorization meets the neighborhood*, KDD 2008, for shrinkage and averages.
public struct ItemSimilarity: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "item-similarity", summary: "Recommends what is like the user's items: simple, quick, easy to explain.",
    tasks: [.recommendation], capabilities: [.weights],
    hyperparameters: RecommenderSettings.columns + [
      .init(
        "shrinkage", "Users' worth of doubt about a similarity.", .real(0...1e6, logarithmic: false),
        search: .real(1...100, logarithmic: true)),
      RecommenderSettings.neighborCount("Most similar items kept for each item."),
    ],
    source: "Sarwar et al., Item-based collaborative filtering recommendation algorithms, WWW 2001")

  /// Column of users; empty: found by itself.
  public var user = ""
  /// Column of items; empty: found by itself.
  public var item = ""
  /// Users' worth of doubt about a similarity.
  public var shrinkage = 50.0
  /// Most similar items kept for each item.
  public var neighborCount = 100

  enum CodingKeys: String, CodingKey {
    case user, item, shrinkage
    case neighborCount = "neighbor_count"
  }

  /// Shrinkage 50.
  public init() {}

  /// Compares items over the users they share.
  ///
  /// - Throws: `.schemaMismatch` without a user or item column, `.invalidParameter` naming a setting, `.invalidData`
  ///   for classes or no rows, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> Recommender {
    try context.checkCancellation()
    try Configuration.validate(self)
    let known = try Interactions(data, user: user, item: item, owner: Self.card.name)
    let bias = known.isExplicit ? RatingBias(known) : nil
    var values = [Double](repeating: 1, count: known.columns.count)
    if let bias {
      for user in known.users.indices {
        for place in known.places(of: user) {
          values[place] = known.ratings[place] - bias.value(user, Int(known.columns[place]))
        }
      }
    }
    let largest = values.reduce(0) { max($0, abs($1)) }
    let scaled = largest > 0 ? values.map { $0 / largest } : values
    let graph = try ItemGraph(incoming: neighbors(known, scaled, context))
    guard let bias else { return try Recommender(known, bias: nil, scorer: .graph(graph)) }
    return try Recommender(
      known, bias: bias, scorer: .neighbors(graph, residuals: values.map(Float.init), shrinkage: 1))
  }

  private func neighbors(
    _ known: Interactions, _ values: [Double], _ context: FitContext
  ) throws -> [[(source: Int32, weight: Float)]] {
    let columns = known.byItem()
    let blocks = Workers.blocks(known.items.count, minimum: 64)
    return try context.workers.map(blocks.count) { block in
      try context.checkCancellation()
      var sums = Similarities(itemCount: known.items.count)
      return blocks[block].map { item in
        sums.clear()
        for place in columns.offsets[item]..<columns.offsets[item + 1] {
          let own = columns.places[place]
          for other in known.places(of: Int(columns.users[place])) {
            let weight = known.isExplicit ? (known.weights[own] * known.weights[other]).squareRoot() : 1
            sums.add(Int(known.columns[other]), values[own], values[other], weight)
          }
        }
        let size = columns.offsets[item + 1] - columns.offsets[item]
        let found = sums.touched.filter { $0 != item }.sorted().compactMap { other -> (source: Int32, weight: Float)? in
          let otherSize = columns.offsets[other + 1] - columns.offsets[other]
          let score =
            known.isExplicit
            ? sums.cosine(other, shrinkage) : sums.product(other) / (Double(size * otherSize).squareRoot() + shrinkage)
          return score != 0 ? (Int32(other), Float(score)) : nil
        }
        return ItemGraph.strongest(found, neighborCount)
      }
    }.flatMap { $0 }
  }
}

/// Sums over common users of one item with all others.
private struct Similarities {
  /// Four sums an item: products, own squares, other squares, weights.
  private var sums: [Double]
  var touched: [Int] = []

  init(itemCount: Int) { sums = [Double](repeating: 0, count: 4 * itemCount) }

  mutating func clear() {
    for item in touched { for k in 0..<4 { sums[4 * item + k] = 0 } }
    touched.removeAll(keepingCapacity: true)
  }

  mutating func add(_ item: Int, _ own: Double, _ other: Double, _ weight: Double) {
    if sums[4 * item + 3] == 0 { touched.append(item) }
    sums[4 * item] += weight * own * other
    sums[4 * item + 1] += weight * own * own
    sums[4 * item + 2] += weight * other * other
    sums[4 * item + 3] += weight
  }

  func product(_ item: Int) -> Double { sums[4 * item] }

  /// Cosine over common users, shrunken by how few they are.
  func cosine(_ item: Int, _ shrinkage: Double) -> Double {
    let size = (sums[4 * item + 1] * sums[4 * item + 2]).squareRoot()
    guard size > 0 else { return 0 }
    return sums[4 * item] / size * sums[4 * item + 3] / (sums[4 * item + 3] + shrinkage)
  }
}
