public import Basics
public import Modeling
import Frames

/// Ordinary least squares: the weights with the smallest weighted squared error, nothing held back.
///
/// Minimises `Σᵢ wᵢ (yᵢ − xᵢ·β − b)²` by normal equations of standardised columns up to 1,500 features, by conjugate
/// gradients from 0 beyond. Where several solutions fit alike (columns that depend on each other, more columns than
/// rows) it takes the one of least norm in those units; columns whose part of their own is below 3e-7 of a standard
/// deviation count as dependent. A constant column gets weight 0.
///
/// - Source: Legendre 1805; agrees with scikit-learn LinearRegression where the solution is unique.
public struct LinearRegression: Estimator {
  /// Name and source; there is nothing to set.
  public static let card = Card(
    name: "linear-regression", summary: "Ordinary least squares: unpenalised weights, easy to read.",
    tasks: [.regression], capabilities: [.handlesVectors, .weights], source: "scikit-learn LinearRegression",
    searchRowLimit: 0)

  enum CodingKeys: CodingKey {}

  /// There is nothing to set.
  public init() {}

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
    let pass = LinearPass(
      matrix: matrix, response: .squared(centered), weights: data.weights, workers: context.workers)
    let isDirect = matrix.featureCount <= 1500
    let sums = try pass.sums(at: nil, wantsHessian: isDirect)
    let solution: [Double]
    if isDirect {
      let system = CenteredSystem(sums, constant: matrix.constant)
      solution = system.completed(MinimumNorm.solve(system.gram, system.right))
    } else {
      let problem = try LinearProblem.squares(
        pass, penalties: matrix.penalties(0), totalWeight: totalWeight, context: context)
      let curvatures = matrix.squares(data.weights, totalWeight: totalWeight)
      solution = try problem.conjugateGradients(sums.gradient.map { -$0 }, curvatures: curvatures)
    }
    return try LinearTarget.model(solution, matrix, data, owner: owner, offset: mean)
  }
}
