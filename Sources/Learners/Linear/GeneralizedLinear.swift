import Basics
import Frames
import Modeling

/// Fits of generalised linear models with a log link, shared by the Poisson, gamma and Tweedie estimators.
struct GeneralizedLinear {
  let owner: String
  /// Variance power: 1 Poisson, 2 gamma, between or beyond Tweedie.
  let power: Double
  /// L2 strength on the mean objective.
  let penalty: Double
  let tolerance: Double
  let maximumIterations: Int

  /// Minimises `Σᵢ wᵢ · half deviance / Σᵢ wᵢ + penalty / 2 · ‖β‖²`: Newton's method up to 500 features, limited-memory
  /// BFGS beyond.
  func fit(_ data: TrainingData, in context: FitContext) throws -> LinearModel {
    let target = try LinearTarget.numbers(data, owner: owner)
    try check(target)
    let total = data.weights?.reduce(0, +) ?? Double(target.count)
    var mean = 0.0
    for row in target.indices { mean += target[row] / total * (data.weights?[row] ?? 1) }
    guard mean > 0, mean.isFinite else {
      throw MLError(
        .invalidData,
        "\(owner): target must have a positive finite mean; got \(mean > 0 ? "too large numbers" : "zeros").")
    }
    let matrix = try DesignMatrix(
      data.frame, schema: data.frame.schema, weights: data.weights, owner: owner, workers: context.workers)
    // In units of the mean: the deviance scales, the weights stay, nothing overflows.
    let pass = LinearPass(
      matrix: matrix, response: .tweedie(target.map { $0 / mean }, power: power), weights: data.weights,
      workers: context.workers)
    let penalties = matrix.penalties(penalty * total * Mathematics.pow(mean, power - 2))
    let problem = LinearProblem(
      pass: pass, penalties: penalties, tolerance: tolerance, maximumIterations: maximumIterations, context: context,
      totalWeight: total)
    let start = [Double](repeating: 0, count: matrix.featureCount)
    let solution: [Double]
    if start.count <= 500 {
      solution = try problem.newton(from: start)
    } else {
      let curvatures = zip(matrix.squares(data.weights, totalWeight: total), penalties).map { $0 + $1 }
      solution = try problem.limitedMemory(from: start, curvatures: curvatures)
    }
    return try LinearTarget.model(
      solution, matrix, data, owner: owner, offset: Mathematics.log(mean), isLog: true)
  }

  private func check(_ target: [Double]) throws {
    let allowsZero = power < 2
    guard let row = target.firstIndex(where: { allowsZero ? $0 < 0 : $0 <= 0 }) else { return }
    throw MLError(
      .invalidData, "\(owner): target must be \(allowsZero ? "0 or more" : "above 0"); row \(row + 1) is not.",
      hint: allowsZero
        ? "Use ridge for numbers of either sign." : "Use poisson-regression, or tweedie-regression below 2.")
  }
}
