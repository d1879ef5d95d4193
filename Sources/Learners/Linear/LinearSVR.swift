public import Basics
public import Modeling
import Frames

/// Linear support vector regression: errors within `epsilon` cost nothing, larger ones their excess.
///
/// Minimises `Σᵢ wᵢ max(0, |yᵢ − xᵢ·β − b| − epsilon) + penalty / 2 · ‖β‖²` over raw columns; `penalty` is `1 / C`.
/// Up to 500 features by an interior-point method, intercept free; beyond, by dual coordinate descent, where the
/// intercept is the penalised weight of a constant 1 as in liblinear (the target is centred first).
///
/// - Source: Drucker and others, *Support vector regression machines*, 1996; scikit-learn LinearSVR.
public struct LinearSVR: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "linear-svr", summary: "Linear regression that outliers hardly move: small errors are free, large ones even.",
    tasks: [.regression], capabilities: [.handlesVectors, .weights],
    hyperparameters: [
      .init(
        "penalty", "Strength of the L2 penalty (1 / C).", .real(1e-10...1e9, logarithmic: true),
        search: .real(1e-3...1e3, logarithmic: true)),
      .init(
        "epsilon", "Errors up to this cost nothing.", .real(0...1e300, logarithmic: false),
        search: .real(0...1, logarithmic: false)),
      .init("maximum_iterations", "Sweeps at most for many features.", .integer(1...100_000, logarithmic: true)),
    ], source: "Drucker et al. 1996; Ho and Lin 2012; scikit-learn LinearSVR", searchRowLimit: 0)

  /// Strength of the L2 penalty.
  public var penalty: Double
  /// Errors up to this cost nothing; in units of the target.
  public var epsilon: Double
  /// Sweeps at most for many features.
  public var maximumIterations: Int

  enum CodingKeys: String, CodingKey {
    case penalty, epsilon
    case maximumIterations = "maximum_iterations"
  }

  /// Penalty 1, epsilon 0: least absolute errors.
  public init() { self.init(penalty: 1) }

  /// With settings.
  public init(penalty: Double, epsilon: Double = 0, maximumIterations: Int = 1000) {
    self.penalty = penalty
    self.epsilon = epsilon
    self.maximumIterations = maximumIterations
  }

  /// Finds the weights.
  ///
  /// - Throws: `.invalidData` for classes, missing or infinite cells, no rows; `.schemaMismatch` for categories, texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> LinearModel {
    try context.checkCancellation()
    let owner = Self.card.name
    let target = try LinearTarget.numbers(data, owner: owner)
    let matrix = try DesignMatrix(
      data.frame, schema: data.frame.schema, weights: data.weights, owner: owner, workers: context.workers)
    let (centered, mean, totalWeight) = try LinearTarget.centered(target, data.weights, owner: owner)
    let weights = data.weights ?? [Double](repeating: 1, count: target.count)
    var squares = 0.0
    for row in centered.indices { squares += weights[row] / totalWeight * centered[row] * centered[row] }
    // In units of the target's spread: absolute errors scale once, squared weights twice.
    let unit = squares > 0 ? squares.squareRoot() : 1
    let width = centered.count
    let sides = [Double](repeating: 1, count: width) + [Double](repeating: -1, count: width)
    let bounds = centered.map { ($0 - epsilon) / unit } + centered.map { (-$0 - epsilon) / unit }
    let solution: [Double]
    if matrix.featureCount <= 500 {
      let pass = LinearPass(matrix: matrix, response: .squared(centered), weights: nil, workers: context.workers)
      let problem = MarginProblem(
        pass: pass, penalties: matrix.penalties(penalty * unit), termCount: 2, sides: sides, bounds: bounds,
        costs: weights + weights)
      solution = try problem.minimum(context: context)
    } else {
      let costs = (weights + weights).map { $0 / (penalty * unit) }
      let raw = try DualDescent(matrix, isSquared: false).minimum(
        .init(sides: sides, bounds: bounds, costs: costs), seed: context.seed, maximumSweeps: maximumIterations,
        check: context.checkCancellation)
      solution = matrix.standardized(raw)
    }
    return try LinearTarget.model(solution.map { $0 * unit }, matrix, data, owner: owner, offset: mean)
  }
}
