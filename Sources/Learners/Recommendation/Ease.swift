public import Basics
import Kernels
public import Modeling

/// Embarrassingly shallow autoencoder: a linear model from a user's items to every other item, in closed form.
///
/// `B = I − P · diag(1 / diag P)` with `P = (XᵀX + penalty · I)⁻¹` and `X` = who had what (1 or 0; how it was rated
/// does not count). Where there are fewer users than items, `P` comes from the inverse of `X·Xᵀ + penalty · I` by
/// Woodbury's identity: the same weights from the smaller matrix. The archive keeps that inverse, 4 bytes a number;
/// with `neighbor_count` the strongest weights into each item instead, which costs accuracy. Items beyond the
/// `item_limit` most frequent ones are recommended by popularity only.
///
/// With ratings as target, `predict` expects ratings by user and item averages and `recommend` ranks as without.
///
/// - Complexity: O(min(users, items)³) time, O(min(users, items)²) memory.
/// - Source: Steck, *Embarrassingly shallow autoencoders for sparse data*, WWW 2019.
public struct Ease: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "ease", summary: "Item-to-item weights in closed form: the strongest simple recommender.",
    tasks: [.recommendation], capabilities: [.weights],
    hyperparameters: RecommenderSettings.columns + [
      .init(
        "penalty", "Strength of the L2 penalty, in rows.", .real(1e-3...1e9, logarithmic: true),
        search: .real(10...2000, logarithmic: true)),
      .init(
        "neighbor_count", "Strongest weights kept into each item; 0: all, exactly.",
        .integer(0...100_000, logarithmic: false)),
      .init("item_limit", "Most frequent items that take part.", .integer(1...30_000, logarithmic: true)),
    ], source: "Steck, Embarrassingly shallow autoencoders for sparse data, WWW 2019")

  /// Column of users; empty: found by itself.
  public var user = ""
  /// Column of items; empty: found by itself.
  public var item = ""
  /// Strength of the L2 penalty, in rows.
  public var penalty = 200.0
  /// Strongest weights kept into each item; 0 = all.
  public var neighborCount = 0
  /// Most frequent items that take part.
  public var itemLimit = 10_000

  enum CodingKeys: String, CodingKey {
    case user, item, penalty
    case neighborCount = "neighbor_count"
    case itemLimit = "item_limit"
  }

  /// Penalty 200.
  public init() {}

  /// Inverts the smaller of the two Gram matrices.
  ///
  /// - Throws: `.schemaMismatch` without a user or item column, `.invalidParameter` naming a setting, `.invalidData`
  ///   for classes or no rows, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> Recommender {
    try context.checkCancellation()
    try Configuration.validate(self)
    let known = try Interactions(data, user: user, item: item, owner: Self.card.name)
    let counts = known.itemWeights()
    let order = known.items.indices.sorted { counts[$0] == counts[$1] ? $0 < $1 : counts[$0] > counts[$1] }
    let chosen = order.prefix(itemLimit).sorted()
    let presence = Presence(known, items: chosen)
    let isByUser = known.users.count < chosen.count
    let inverse = try isByUser ? dual(presence, chosen, context) : primal(presence, chosen, context)
    let scorer: Recommender.Scorer =
      neighborCount == 0
      ? .inverse(inverse) : .graph(try graph(inverse, known, chosen, context))
    return try Recommender(known, bias: known.isExplicit ? RatingBias(known) : nil, scorer: scorer)
  }

  /// The inverse of the items' Gram matrix.
  private func primal(_ presence: Presence, _ chosen: [Int], _ context: FitContext) throws -> EaseInverse {
    let n = presence.itemCount
    var gram = presence.itemGram()
    for item in 0..<n { gram[item * n + item] += penalty }
    try context.checkCancellation()
    let inverse = try inverted(gram, n, context)
    return EaseInverse(
      isByUser: false, penalty: penalty, members: chosen.map(Int32.init), matrix: inverse, count: n,
      diagonal: (0..<n).map { inverse[$0 * n + $0] })
  }

  /// The same from the inverse of the users' Gram matrix.
  private func dual(_ presence: Presence, _ chosen: [Int], _ context: FitContext) throws -> EaseInverse {
    let n = presence.userCount
    var gram = presence.userGram()
    for user in 0..<n { gram[user * n + user] += penalty }
    try context.checkCancellation()
    let inverse = try inverted(gram, n, context)
    let diagonal = try context.workers.map(presence.itemCount) { item -> Double in
      var sum = 0.0
      let users = presence.users(of: item)
      for a in users {
        for b in users { sum += inverse[Int(max(a, b)) * n + Int(min(a, b))] }
      }
      return max(1e-12, 1 - sum) / penalty
    }
    return EaseInverse(
      isByUser: true, penalty: penalty, members: chosen.map(Int32.init), matrix: inverse, count: n, diagonal: diagonal)
  }

  /// The strongest weights into each item, from the scores of baskets of one item each.
  private func graph(
    _ inverse: EaseInverse, _ known: Interactions, _ chosen: [Int], _ context: FitContext
  ) throws -> ItemGraph {
    let outgoing = try context.workers.map(chosen.count) { place -> [Float] in
      if place % 64 == 0 { try context.checkCancellation() }
      var scores = [Double](repeating: 0, count: known.items.count)
      inverse.add([chosen[place]], history: (known.offsets, known.columns), to: &scores)
      return chosen.map { Float($0 == chosen[place] ? 0 : scores[$0]) }
    }
    var incoming = [[(source: Int32, weight: Float)]](repeating: [], count: known.items.count)
    for target in chosen.indices {
      let candidates = chosen.indices.filter { outgoing[$0][target] != 0 }.map {
        (source: Int32(chosen[$0]), weight: outgoing[$0][target])
      }
      incoming[chosen[target]] = ItemGraph.strongest(candidates, neighborCount)
    }
    return ItemGraph(incoming: incoming)
  }

  private func inverted(_ gram: [Double], _ n: Int, _ context: FitContext) throws -> [Double] {
    var matrix = gram
    guard SymmetricInverse.invert(&matrix, count: n, workers: context.workers) else {
      throw MLError(.invalidData, "ease: the Gram matrix has no inverse.", hint: "Raise 'penalty'.", field: "penalty")
    }
    try context.checkCancellation()
    return matrix
  }
}

/// Who had which of some items, by user and by item.
struct Presence: Sendable {
  let userCount: Int
  let itemCount: Int
  private let rowOffsets: [Int]
  private let rowItems: [Int32]
  private let columnOffsets: [Int]
  private let columnUsers: [Int32]

  /// Keeps the pairs of `items`, ascending, numbered by their place there.
  init(_ data: Interactions, items: [Int]) {
    var place = [Int32](repeating: -1, count: data.items.count)
    for (index, item) in items.enumerated() { place[item] = Int32(index) }
    var (offsets, kept) = ([0], [Int32]())
    for user in data.users.indices {
      for pair in data.places(of: user) where place[Int(data.columns[pair])] >= 0 {
        kept.append(place[Int(data.columns[pair])])
      }
      offsets.append(kept.count)
    }
    var columnOffsets = [Int](repeating: 0, count: items.count + 1)
    for item in kept { columnOffsets[Int(item) + 1] += 1 }
    for item in items.indices { columnOffsets[item + 1] += columnOffsets[item] }
    var next = columnOffsets
    var columnUsers = [Int32](repeating: 0, count: kept.count)
    for user in data.users.indices {
      for pair in offsets[user]..<offsets[user + 1] {
        columnUsers[next[Int(kept[pair])]] = Int32(user)
        next[Int(kept[pair])] += 1
      }
    }
    (userCount, itemCount) = (data.users.count, items.count)
    (rowOffsets, rowItems) = (offsets, kept)
    (self.columnOffsets, self.columnUsers) = (columnOffsets, columnUsers)
  }

  func items(of user: Int) -> ArraySlice<Int32> { rowItems[rowOffsets[user]..<rowOffsets[user + 1]] }
  func users(of item: Int) -> ArraySlice<Int32> { columnUsers[columnOffsets[item]..<columnOffsets[item + 1]] }

  /// In how many users' lists two items stand together; lower triangle `[items, items]`.
  func itemGram() -> [Double] { Self.gram(itemCount, lists: (0..<userCount).map { items(of: $0) }) }

  /// How many items two users share; lower triangle `[users, users]`.
  func userGram() -> [Double] { Self.gram(userCount, lists: (0..<itemCount).map { users(of: $0) }) }

  private static func gram(_ n: Int, lists: [ArraySlice<Int32>]) -> [Double] {
    var out = [Double](repeating: 0, count: n * n)
    var sums = out.mutableSpan
    for list in lists {
      for a in list.indices {
        let base = Int(list[a]) * n
        for b in list.startIndex...a { sums[base + Int(list[b])] += 1 }
      }
    }
    return out
  }
}
