import Basics
public import Frames
public import Modeling

/// What every recommender learnt: who had what, how popular items are, expected ratings where there were ratings, and
/// its own way to score items for a user.
///
/// `predict` says the expected rating where ratings were learnt from, else the score that `recommend` ranks by. An
/// unknown user or item counts with what is known of the other. Popularity adds a millionth of an item's share of
/// rows to every score, so that ties and users without history follow it.
public struct Recommender: RecommendingModel {
  enum Scorer: Sendable, Hashable {
    /// Popularity alone.
    case popularity
    /// Sums of weights from the user's items.
    case graph(ItemGraph)
    /// Sums of EASE's weights, all of them.
    case inverse(EaseInverse)
    /// Sums of weights times what the user's ratings differ from expectation; ranks by expected rating.
    case neighbors(ItemGraph, residuals: [Float], shrinkage: Double)
    /// Products of points, learnt from presence.
    case implicitFactors(LatentFactors, confidence: Double, penalty: Double)
    /// Products of points on top of expected ratings.
    case ratingFactors(LatentFactors, penalty: Double)
  }

  /// The columns of users and items.
  public let schema: Schema
  /// Name of the user column.
  public let userColumn: String
  /// Name of the item column.
  public let itemColumn: String
  /// Iterations of alternating least squares; `nil` for other algorithms.
  public let iterationCount: Int?

  let users: [String]
  let items: [String]
  let offsets: [Int]
  let seen: [Int32]
  /// Share of the rows' weight that each item has.
  let popularity: [Double]
  let bias: RatingBias?
  let scorer: Scorer
  let userIndex: [String: Int]
  let itemIndex: [String: Int]

  init(_ data: Interactions, bias: RatingBias?, scorer: Scorer, iterationCount: Int? = nil) throws {
    let sums = data.itemWeights()
    let total = sums.reduce(0, +)
    try self.init(
      columns: (data.userField, data.itemField), names: (data.users, data.items),
      history: (data.offsets, data.columns, sums.map { $0 / total }),
      bias: bias, scorer: scorer, iterationCount: iterationCount)
  }

  init(
    columns: (user: Field, item: Field), names: (users: [String], items: [String]),
    history: (offsets: [Int], seen: [Int32], popularity: [Double]), bias: RatingBias?, scorer: Scorer,
    iterationCount: Int?
  ) throws {
    schema = try Schema([columns.user, columns.item].map { Field($0.name, $0.kind) })
    (userColumn, itemColumn) = (columns.user.name, columns.item.name)
    (users, items) = names
    (offsets, seen, popularity) = history
    self.bias = bias
    self.scorer = scorer
    self.iterationCount = iterationCount
    userIndex = Dictionary(names.users.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    itemIndex = Dictionary(names.items.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Expected ratings, or scores.
  public func predict(_ frame: Frame) throws -> Predictions {
    let given = try (frame.column(userColumn).texts, frame.column(itemColumn).texts)
    let pairs = zip(given.0, given.1).map { user, item in
      (user: user.flatMap { userIndex[$0] }, item: item.flatMap { itemIndex[$0] })
    }
    guard bias == nil, case .inverse = scorer else {
      return Predictions(.values(pairs.map { value($0.user, $0.item) }))
    }
    // All scores of a user come at once.
    var out = [Double](repeating: 0, count: pairs.count)
    let rows = pairs.indices.sorted { ((pairs[$0].user ?? -1), $0) < ((pairs[$1].user ?? -1), $1) }
    var (last, all) = (-2, [Double]())
    for row in rows {
      if pairs[row].user ?? -1 != last { (last, all) = (pairs[row].user ?? -1, scores(pairs[row].user)) }
      out[row] = pairs[row].item.map { all[$0] } ?? 0
    }
    return Predictions(.values(out))
  }

  /// Best items for each user.
  public func recommend(users wanted: [String], count: Int, excludingSeen: Bool) throws -> [[Recommendation]] {
    try Self.check(count)
    return wanted.map { name in
      let user = userIndex[name]
      let had = user.map { seen[offsets[$0]..<offsets[$0 + 1]].map(Int.init) } ?? []
      return best(count, of: scores(user), excluding: excludingSeen ? had : [])
    }
  }

  /// Best further items for someone who has these; items never seen in training do not count.
  public func recommend(basket: [String], count: Int) throws -> [Recommendation] {
    try Self.check(count)
    let had = Set(basket.compactMap { itemIndex[$0] }).sorted()
    return best(count, of: scores(basket: had), excluding: had)
  }

  private static func check(_ count: Int) throws {
    guard count >= 0 else {
      throw MLError(.invalidParameter, "recommend: 'count' must not be negative; got \(count).", field: "count")
    }
  }

  private func best(_ count: Int, of scores: [Double], excluding excluded: [Int]) -> [Recommendation] {
    var isLeftOut = [Bool](repeating: false, count: items.count)
    for item in excluded { isLeftOut[item] = true }
    let order = scores.indices.filter { !isLeftOut[$0] }.sorted {
      scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
    }
    return order.prefix(count).map { Recommendation(item: items[$0], score: scores[$0]) }
  }
}

extension Recommender {
  static let popularityShare = 1e-6

  /// What `predict` says of a pair; `nil` = unknown.
  func value(_ user: Int?, _ item: Int?) -> Double {
    guard let bias else {
      guard let item else { return 0 }
      return user.map { score($0, item) } ?? popularityScore(item)
    }
    var rating = bias.value(user, item)
    if let user, let item { rating += ratingShift(user, item) }
    return bias.clipped(rating)
  }

  /// Scores of all items for a known or unknown user.
  func scores(_ user: Int?) -> [Double] {
    guard let user else { return items.indices.map(popularityScore) }
    switch scorer {
    case .popularity: return items.indices.map(popularityScore)
    case .graph(let graph): return graphScores(graph, seen[offsets[user]..<offsets[user + 1]].map(Int.init))
    case .inverse(let inverse): return inverseScores(inverse, seen[offsets[user]..<offsets[user + 1]].map(Int.init))
    case .neighbors: return items.indices.map { score(user, $0) }
    case .implicitFactors(let factors, _, _):
      return zip(factors.scores(factors.user(user)), items.indices).map { $0 + popularityScore($1) }
    case .ratingFactors(let factors, _):
      let base = bias?.items ?? []
      return zip(factors.scores(factors.user(user)), items.indices).map { $0 + base[$1] + popularityScore($1) }
    }
  }

  /// Scores of all items for someone who has `basket`.
  func scores(basket: [Int]) -> [Double] {
    guard !basket.isEmpty else { return scores(nil) }
    switch scorer {
    case .popularity: return scores(nil)
    case .graph(let graph): return graphScores(graph, basket)
    case .inverse(let inverse): return inverseScores(inverse, basket)
    case .neighbors(let graph, _, _): return graphScores(graph, basket)
    case .implicitFactors(let factors, let confidence, let penalty):
      let point = factors.folded(basket, confidence: confidence, penalty: penalty)
      return zip(factors.scores(point), items.indices).map { $0 + popularityScore($1) }
    case .ratingFactors(let factors, let penalty):
      let point = factors.folded(basket, confidence: 1, penalty: penalty)
      let base = bias?.items ?? []
      return zip(factors.scores(point), items.indices).map { $0 + base[$1] + popularityScore($1) }
    }
  }

  private func popularityScore(_ item: Int) -> Double {
    if case .popularity = scorer { return popularity[item] }
    return Self.popularityShare * popularity[item]
  }

  private func graphScores(_ graph: ItemGraph, _ sources: [Int]) -> [Double] {
    var out = [Double](repeating: 0, count: items.count)
    for source in sources { graph.add(source, to: &out) }
    for item in items.indices { out[item] += popularityScore(item) }
    return out
  }

  private func inverseScores(_ inverse: EaseInverse, _ basket: [Int]) -> [Double] {
    var out = [Double](repeating: 0, count: items.count)
    inverse.add(basket, history: (offsets, seen), to: &out)
    for item in items.indices { out[item] += popularityScore(item) }
    return out
  }

  /// The score of one item, by the same sums in the same order as `scores`.
  private func score(_ user: Int, _ item: Int) -> Double {
    switch scorer {
    case .popularity: return popularityScore(item)
    case .graph(let graph):
      var sum = 0.0
      for place in offsets[user]..<offsets[user + 1] { sum += graph.weight(from: Int(seen[place]), to: item) }
      return sum + popularityScore(item)
    case .inverse: return scores(user)[item]
    case .neighbors: return (bias?.items[item] ?? 0) + ratingShift(user, item) + popularityScore(item)
    case .implicitFactors(let factors, _, _): return factors.product(user, item) + popularityScore(item)
    case .ratingFactors(let factors, _):
      return factors.product(user, item) + (bias?.items[item] ?? 0) + popularityScore(item)
    }
  }

  /// What is known of this pair beyond the two biases.
  private func ratingShift(_ user: Int, _ item: Int) -> Double {
    switch scorer {
    case .popularity, .graph, .inverse, .implicitFactors: return 0
    case .ratingFactors(let factors, _): return factors.product(user, item)
    case .neighbors(let graph, let residuals, let shrinkage):
      var (sum, size) = (0.0, shrinkage)
      for place in offsets[user]..<offsets[user + 1] {
        let weight = graph.weight(from: Int(seen[place]), to: item)
        sum += weight * Double(residuals[place])
        size += abs(weight)
      }
      return size > 0 ? sum / size : 0
    }
  }
}
