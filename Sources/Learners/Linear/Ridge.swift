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
    let owner = Self.card.name
    let target = try LinearTarget.numbers(data, owner: owner)
    let matrix = try DesignMatrix(
      data.frame, schema: data.frame.schema, weights: data.weights, owner: owner, workers: context.workers)
    let (centered, mean, totalWeight) = try LinearTarget.centered(target, data.weights, owner: owner)
    let pass = LinearPass(matrix: matrix, response: .squared(centered), weights: data.weights, workers: context.workers)
    let solution = try solve(pass, totalWeight, context)
    return try LinearTarget.model(solution, matrix, data, owner: owner, offset: mean)
  }

  private func solve(_ pass: LinearPass, _ totalWeight: Double, _ context: FitContext) throws -> [Double] {
    let matrix = pass.matrix
    let penalties = matrix.penalties(penalty)
    let isDirect = matrix.featureCount <= 1000
    let sums = try pass.sums(at: nil, wantsHessian: isDirect)
    let right = sums.gradient.map { -$0 }
    guard !isDirect else {
      var system = sums.hessian
      for feature in penalties.indices { system[feature * penalties.count + feature] += penalties[feature] }
      return Cholesky.solve(system, right)
    }
    let problem = try LinearProblem.squares(pass, penalties: penalties, totalWeight: totalWeight, context: context)
    let curvatures = zip(matrix.squares(pass.weights, totalWeight: totalWeight), penalties).map { $0 + $1 }
    return try problem.conjugateGradients(right, curvatures: curvatures)
  }
}
