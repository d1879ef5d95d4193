public import Basics
public import Modeling
import Frames

/// Linear regression with an L2 penalty on the weights of raw columns; the intercept is free.
///
/// Minimises `Σᵢ wᵢ (yᵢ − xᵢ·β − b)² + penalty · ‖β‖²`: by normal equations and Cholesky up to 1,000 features, by
/// preconditioned conjugate gradients beyond. Columns are standardised inside for accuracy only.
///
/// - Source: Hoerl and Kennard, *Ridge regression*, Technometrics 12(1), 1970; agrees with scikit-learn Ridge.
public struct Ridge: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "ridge", summary: "Linear regression with an L2 penalty: fast, steady, easy to read.",
    tasks: [.regression], capabilities: [.handlesVectors, .weights],
    hyperparameters: [
      .init(
        "penalty", "Strength of the L2 penalty.", .real(0...1e9, logarithmic: false),
        search: .real(1e-3...1e4, logarithmic: true))
    ], source: "Hoerl and Kennard 1970; scikit-learn Ridge")

  /// Strength of the L2 penalty.
  public var penalty: Double

  enum CodingKeys: String, CodingKey { case penalty }

  /// Penalty 1.
  public init() { penalty = 1 }

  /// With a penalty.
  public init(penalty: Double) { self.penalty = penalty }

  /// Solves for the weights.
  ///
  /// - Throws: `.invalidData` for classes, missing or infinite cells, no rows; `.schemaMismatch` for categories, texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> LinearModel {
    try context.checkCancellation()
    guard case .values(let target) = data.target else {
      throw MLError(
        .invalidData, "ridge: target must be numbers; got classes.", hint: "Use logistic-regression.")
    }
    guard !target.isEmpty else { throw MLError(.invalidData, "ridge: needs at least one row; got none.") }
    let owner = Self.card.name
    let matrix = try DesignMatrix(
      data.frame, schema: data.frame.schema, weights: data.weights, owner: owner, workers: context.workers)
    let totalWeight = data.weights?.reduce(0, +) ?? Double(target.count)
    let mean = zip(target, data.weights ?? [Double](repeating: 1, count: target.count))
      .reduce(0) { $0 + $1.0 / totalWeight * $1.1 }
    let centered = target.map { $0 - mean }
    guard mean.isFinite, centered.allSatisfy({ ($0 * $0).isFinite }) else {
      throw MLError(.invalidData, "ridge: target must hold moderate numbers; its squares overflow.")
    }
    let solution = try solve(matrix, centered, data.weights, totalWeight, context)
    let (coefficients, offset) = matrix.raw(solution[...])
    let intercept = offset + mean
    guard intercept.isFinite, coefficients.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw MLError(.invalidData, "ridge: weights overflow.", hint: "Scale the columns, or raise 'penalty'.")
    }
    return LinearModel(
      schema: data.frame.schema, classes: [], coefficients: [coefficients], intercepts: [intercept],
      spreads: matrix.spreads())
  }

  private func solve(
    _ matrix: DesignMatrix, _ target: [Double], _ weights: [Double]?, _ totalWeight: Double, _ context: FitContext
  ) throws -> [Double] {
    let penalties = matrix.penalties(penalty)
    let isDirect = matrix.featureCount <= 1000
    let pass = LinearPass(matrix: matrix, response: .squared(target), weights: weights, workers: context.workers)
    let sums = try pass.sums(at: nil, wantsHessian: isDirect)
    let right = sums.gradient.map { -$0 }
    guard !isDirect else {
      var system = sums.hessian
      for feature in penalties.indices { system[feature * penalties.count + feature] += penalties[feature] }
      return Cholesky.solve(system, right)
    }
    let zeros = LinearPass(
      matrix: matrix, response: .squared([Double](repeating: 0, count: target.count)), weights: weights,
      workers: context.workers)
    let problem = LinearProblem(
      pass: zeros, penalties: penalties, tolerance: 1e-12, maximumIterations: 2000, context: context,
      totalWeight: totalWeight)
    let curvatures = zip(matrix.squares(weights, totalWeight: totalWeight), penalties).map { $0 + $1 }
    return try problem.conjugateGradients(right, curvatures: curvatures)
  }
}
