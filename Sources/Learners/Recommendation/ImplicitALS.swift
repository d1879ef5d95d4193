public import Basics
public import Modeling

/// Latent factors from what users had, by alternating least squares with confidence weights.
///
/// Minimises `Σ (1 + confidence · wᵤᵢ [had]) · ([had] − xᵤ·yᵢ)² + penalty · (Σ‖xᵤ‖² + Σ‖yᵢ‖²)` over all pairs; each
/// point takes a few steps of conjugate gradients from where it was, so a sweep costs little more than reading the
/// rows.
///
/// With ratings as target, `predict` expects ratings by user and item averages and `recommend` ranks as without.
///
/// - Source: Hu, Koren and Volinsky, *Collaborative filtering for implicit feedback datasets*, ICDM 2008;
///   Takács, Pilászy and Tikk, *Applications of the conjugate gradient method for implicit feedback*, RecSys 2011.
public struct ImplicitALS: IterativeEstimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "implicit-als", summary: "Latent factors from what users had: for many users and items.",
    tasks: [.recommendation], capabilities: [.weights],
    hyperparameters: RecommenderSettings.columns + [
      .init(
        "factor_count", "Numbers that describe a user or an item.", .integer(1...1024, logarithmic: true),
        search: .integer(8...256, logarithmic: true)),
      .init("iteration_count", "Sweeps over users and items.", .integer(1...1000, logarithmic: true)),
      .init(
        "confidence", "What having an item adds to the confidence of 1.", .real(0...1e6, logarithmic: false),
        search: .real(1...100, logarithmic: true)),
      .init(
        "penalty", "Strength of the L2 penalty.", .real(1e-6...1e9, logarithmic: true),
        search: .real(0.1...1000, logarithmic: true)),
    ], source: "Hu, Koren and Volinsky, Collaborative filtering for implicit feedback datasets, ICDM 2008")

  /// Column of users; empty: found by itself.
  public var user = ""
  /// Column of items; empty: found by itself.
  public var item = ""
  /// Numbers that describe a user or an item.
  public var factorCount = 32
  /// Sweeps over users and items.
  public var iterationCount = 15
  /// What having an item adds to the confidence of 1.
  public var confidence = 2.0
  /// Strength of the L2 penalty.
  public var penalty = 10.0

  enum CodingKeys: String, CodingKey {
    case user, item, confidence, penalty
    case factorCount = "factor_count"
    case iterationCount = "iteration_count"
  }

  /// 32 factors.
  public init() {}

  /// The same settings with exactly `count` sweeps.
  public func withIterationCount(_ count: Int) -> ImplicitALS {
    var copy = self
    copy.iterationCount = max(1, count)
    return copy
  }

  /// Alternates between users and items.
  ///
  /// - Throws: `.schemaMismatch` without a user or item column, `.invalidParameter` naming a setting, `.invalidData`
  ///   for classes or no rows, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> Recommender {
    try context.checkCancellation()
    try Configuration.validate(self)
    let known = try Interactions(data, user: user, item: item, owner: Self.card.name)
    let columns = known.byItem()
    let byUser = InteractionRows(offsets: known.offsets, indices: known.columns, values: known.weights)
    let byItem = InteractionRows(
      offsets: columns.offsets, indices: columns.users, values: columns.places.map { known.weights[$0] })
    var points = [Double](repeating: 0, count: known.users.count * factorCount)
    var random = context.seed.derived("items").generator
    let spread = 0.1 / Double(factorCount).squareRoot()
    var items = (0..<(known.items.count * factorCount)).map { _ in spread * random.normal() }
    for iteration in 1...iterationCount {
      try context.checkCancellation()
      points = try swept(points, against: items, byUser, context)
      items = try swept(items, against: points, byItem, context)
      context.progress(FitProgress(iteration: iteration, iterationCount: iterationCount))
    }
    let factors = LatentFactors(width: factorCount, users: points, items: items)
    return try Recommender(
      known, bias: known.isExplicit ? RatingBias(known) : nil,
      scorer: .implicitFactors(factors, confidence: confidence, penalty: penalty), iterationCount: iterationCount)
  }

  /// Points after one sweep, each by conjugate gradients against the other side's fixed points.
  private func swept(
    _ points: [Double], against fixed: [Double], _ rows: InteractionRows, _ context: FitContext
  ) throws -> [Double] {
    var gram = LatentFactors.gram(fixed, factorCount)
    for k in 0..<factorCount { gram[k * factorCount + k] += penalty }
    let system = gram
    let blocks = Workers.blocks(rows.count, minimum: 32)
    let parts = try context.workers.map(blocks.count) { block -> [Double] in
      try context.checkCancellation()
      var solver = ConfidenceSolver(width: factorCount, confidence: confidence)
      return blocks[block].flatMap { solver.solve($0, from: points, fixed, system, rows) }
    }
    return parts.flatMap { $0 }
  }
}

/// Compressed rows with a weight for each entry.
struct InteractionRows: Sendable {
  let offsets: [Int]
  let indices: [Int32]
  let values: [Double]
  var count: Int { offsets.count - 1 }
}

/// Three steps of conjugate gradients on `(YᵀY + penalty · I + Σ confidence · w · y·yᵀ) x = Σ (1 + confidence · w)
/// y`.
private struct ConfidenceSolver {
  let width: Int
  let confidence: Double
  private var x: [Double]
  private var residual: [Double]
  private var direction: [Double]
  private var image: [Double]

  init(width: Int, confidence: Double) {
    (self.width, self.confidence) = (width, confidence)
    x = [Double](repeating: 0, count: width)
    (residual, direction, image) = (x, x, x)
  }

  mutating func solve(
    _ row: Int, from points: [Double], _ fixed: [Double], _ system: [Double], _ rows: InteractionRows
  ) -> [Double] {
    for k in 0..<width { x[k] = points[row * width + k] }
    multiply(x, row, fixed, system, rows)
    for k in 0..<width { residual[k] = -image[k] }
    for place in rows.offsets[row]..<rows.offsets[row + 1] {
      let (base, weight) = (Int(rows.indices[place]) * width, 1 + confidence * rows.values[place])
      for k in 0..<width { residual[k] += weight * fixed[base + k] }
    }
    direction = residual
    var size = Self.dot(residual, residual)
    for _ in 0..<3 where size > 1e-20 {
      multiply(direction, row, fixed, system, rows)
      let length = size / Self.dot(direction, image)
      for k in 0..<width {
        x[k] += length * direction[k]
        residual[k] -= length * image[k]
      }
      let next = Self.dot(residual, residual)
      for k in 0..<width { direction[k] = residual[k] + next / size * direction[k] }
      size = next
    }
    return x
  }

  private mutating func multiply(
    _ vector: [Double], _ row: Int, _ fixed: [Double], _ system: [Double], _ rows: InteractionRows
  ) {
    for a in 0..<width {
      var sum = 0.0
      for b in 0..<width { sum += system[a * width + b] * vector[b] }
      image[a] = sum
    }
    for place in rows.offsets[row]..<rows.offsets[row + 1] {
      let base = Int(rows.indices[place]) * width
      var product = 0.0
      for k in 0..<width { product += fixed[base + k] * vector[k] }
      let weight = confidence * rows.values[place] * product
      for k in 0..<width { image[k] += weight * fixed[base + k] }
    }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for k in a.indices { sum += a[k] * b[k] }
    return sum
  }
}
