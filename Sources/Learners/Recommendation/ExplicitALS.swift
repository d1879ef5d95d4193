public import Basics
public import Modeling

/// Expected ratings: averages of user and item plus latent factors, by alternating least squares.
///
/// `rating ≈ mean + bᵤ + cᵢ + xᵤ·yᵢ`; each user's and item's penalty grows with its number of ratings (weighted-λ
/// regularisation), and the averages are refitted after every sweep. Expected ratings stay inside those seen. Needs a
/// target; without ratings use `implicit-als`.
///
/// - Source: Zhou et al., *Large-scale parallel collaborative filtering for the Netflix prize*, AAIM 2008;
///   Koren, Bell and Volinsky, *Matrix factorization techniques for recommender systems*, Computer 42(8), 2009.
public struct ExplicitALS: IterativeEstimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "explicit-als", summary: "Expected ratings from averages and latent factors.",
    tasks: [.recommendation], capabilities: [.weights],
    hyperparameters: RecommenderSettings.columns + [
      .init(
        "factor_count", "Numbers that describe a user or an item.", .integer(1...512, logarithmic: true),
        search: .integer(4...64, logarithmic: true)),
      .init("iteration_count", "Sweeps over users and items.", .integer(1...1000, logarithmic: true)),
      .init(
        "penalty", "Strength of the L2 penalty for each rating.", .real(1e-6...1e6, logarithmic: true),
        search: .real(0.01...1, logarithmic: true)),
    ], source: "Zhou et al., Large-scale parallel collaborative filtering for the Netflix prize, AAIM 2008")

  /// Column of users; empty: found by itself.
  public var user = ""
  /// Column of items; empty: found by itself.
  public var item = ""
  /// Numbers that describe a user or an item.
  public var factorCount = 16
  /// Sweeps over users and items.
  public var iterationCount = 15
  /// Strength of the L2 penalty for each rating.
  public var penalty = 0.04

  enum CodingKeys: String, CodingKey {
    case user, item, penalty
    case factorCount = "factor_count"
    case iterationCount = "iteration_count"
  }

  /// 16 factors.
  public init() {}

  /// The same settings with exactly `count` sweeps.
  public func withIterationCount(_ count: Int) -> ExplicitALS {
    var copy = self
    copy.iterationCount = max(1, count)
    return copy
  }

  /// Alternates between users, items and averages.
  ///
  /// - Throws: `.schemaMismatch` without a user or item column, `.invalidParameter` naming a setting, `.invalidData`
  ///    without ratings or rows, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> Recommender {
    try context.checkCancellation()
    try Configuration.validate(self)
    let known = try Interactions(data, user: user, item: item, owner: Self.card.name)
    guard known.isExplicit else {
      throw MLError(
        .invalidData, "explicit-als: needs ratings; got rows without a target.", hint: "Use implicit-als or ease.")
    }
    var bias = RatingBias(known)
    let scale = max(bias.highest - bias.lowest, .leastNormalMagnitude)
    var sweep = RatingSweep(known, factorCount: factorCount, penalty: penalty, seed: context.seed)
    for iteration in 1...iterationCount {
      try context.checkCancellation()
      try sweep.run(known, bias, scale, context)
      bias.refit(known, without: sweep.explained(known).map { $0 * scale })
      context.progress(FitProgress(iteration: iteration, iterationCount: iterationCount))
    }
    let factors = LatentFactors(width: factorCount, users: sweep.users.map { $0 * scale }, items: sweep.items)
    return try Recommender(
      known, bias: bias, scorer: .ratingFactors(factors, penalty: penalty), iterationCount: iterationCount)
  }
}

/// Points of users and items, in units of the span of the ratings.
private struct RatingSweep {
  let width: Int
  let penalty: Double
  var users: [Double]
  var items: [Double]
  private let columns: (offsets: [Int], users: [Int32], places: [Int])

  init(_ known: Interactions, factorCount: Int, penalty: Double, seed: Seed) {
    (width, self.penalty) = (factorCount, penalty)
    users = [Double](repeating: 0, count: known.users.count * factorCount)
    var random = seed.derived("items").generator
    let spread = 0.3 / Double(factorCount).squareRoot()
    items = (0..<(known.items.count * factorCount)).map { _ in spread * random.normal() }
    columns = known.byItem()
  }

  mutating func run(_ known: Interactions, _ bias: RatingBias, _ scale: Double, _ context: FitContext) throws {
    let rest = Self.rest(known, bias, scale)
    let places = Array(known.columns.indices)
    users = try solved(
      (known.offsets, known.columns, places), items, rest, known.weights, context)
    items = try solved(
      (columns.offsets, columns.users, columns.places), users, rest, known.weights, context)
  }

  /// What the factors say of each pair.
  func explained(_ known: Interactions) -> [Double] {
    var out = [Double](repeating: 0, count: known.columns.count)
    for user in known.users.indices {
      for place in known.places(of: user) {
        let base = Int(known.columns[place]) * width
        var sum = 0.0
        for k in 0..<width { sum += users[user * width + k] * items[base + k] }
        out[place] = sum
      }
    }
    return out
  }

  private static func rest(_ known: Interactions, _ bias: RatingBias, _ scale: Double) -> [Double] {
    var out = known.ratings
    for user in known.users.indices {
      for place in known.places(of: user) {
        out[place] = (out[place] - bias.value(user, Int(known.columns[place]))) / scale
      }
    }
    return out
  }

  private func solved(
    _ rows: (offsets: [Int], others: [Int32], places: [Int]), _ fixed: [Double], _ rest: [Double], _ weights: [Double],
    _ context: FitContext
  ) throws -> [Double] {
    let blocks = Workers.blocks(rows.offsets.count - 1, minimum: 32)
    let parts = try context.workers.map(blocks.count) { block -> [Double] in
      try context.checkCancellation()
      return blocks[block].flatMap { row -> [Double] in
        var system = [Double](repeating: 0, count: width * width)
        var right = [Double](repeating: 0, count: width)
        var total = 0.0
        for entry in rows.offsets[row]..<rows.offsets[row + 1] {
          let (base, place) = (Int(rows.others[entry]) * width, rows.places[entry])
          total += weights[place]
          for a in 0..<width {
            let x = weights[place] * fixed[base + a]
            right[a] += x * rest[place]
            for b in 0...a { system[a * width + b] += x * fixed[base + b] }
          }
        }
        for k in 0..<width { system[k * width + k] += penalty * total }
        return Cholesky.solve(system, right)
      }
    }
    return parts.flatMap { $0 }
  }
}
