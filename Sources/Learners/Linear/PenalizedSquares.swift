import Basics
import Frames
import Modeling

/// Fits of least squares with a mixed penalty, shared by lasso and elastic net.
struct PenalizedSquares {
  let owner: String
  /// Strength on the mean objective.
  let penalty: Double
  let l1Ratio: Double
  let tolerance: Double
  let maximumIterations: Int

  static let penaltySetting = Hyperparameter(
    "penalty", "Strength of the penalty on the mean objective.", .real(1e-12...1e9, logarithmic: true),
    search: .real(1e-5...10, logarithmic: true))
  static let stoppingSettings = [
    Hyperparameter(
      "tolerance", "Duality gap to end at, as a share of the target's mean square.",
      .real(1e-15...1, logarithmic: true)),
    Hyperparameter(
      "maximum_iterations", "Sweeps at most for each penalty of the path.", .integer(1...1_000_000, logarithmic: true)),
  ]

  /// Up to 2,000 features the products of all pairs are kept; beyond, sweeps run over the columns.
  func fit(_ data: TrainingData, in context: FitContext) throws -> LinearModel {
    try context.checkCancellation()
    let target = try LinearTarget.numbers(data, owner: owner)
    let matrix = try DesignMatrix(
      data.frame, schema: data.frame.schema, weights: data.weights, owner: owner, workers: context.workers)
    let (centered, mean, total) = try LinearTarget.centered(target, data.weights, owner: owner)
    let solution: [Double]
    if matrix.featureCount <= 2000 {
      let pass = LinearPass(
        matrix: matrix, response: .squared(centered), weights: data.weights, workers: context.workers)
      let system = CenteredSystem(try pass.sums(at: nil, wantsHessian: true), constant: matrix.constant)
      solution = try system.completed(solve(system, matrix, centered, data.weights, total, context))
    } else {
      var descent = ColumnDescent(matrix, target: centered, weights: data.weights, totalWeight: total)
      let strengths = strengths(matrix, total)
      try along(path(descent.correlations, strengths.absolute), context) { factor, isLast in
        try descent.run(
          absolute: strengths.absolute.map { $0 * factor }, squared: strengths.squared,
          gap: (isLast ? tolerance : 1e-3) * descent.energy, maximumSweeps: maximumIterations,
          check: context.checkCancellation)
        return descent.objective(absolute: strengths.absolute, squared: strengths.squared) / total
      }
      solution = descent.completed
    }
    return try LinearTarget.model(solution, matrix, data, owner: owner, offset: mean)
  }

  private func strengths(_ matrix: DesignMatrix, _ total: Double) -> (absolute: [Double], squared: [Double]) {
    var absolute = matrix.absolutePenalties(penalty * l1Ratio * total)
    var squared = matrix.penalties(penalty * (1 - l1Ratio) * total)
    absolute.remove(at: matrix.constant)
    squared.remove(at: matrix.constant)
    return (absolute, squared)
  }

  private func solve(
    _ system: CenteredSystem, _ matrix: DesignMatrix, _ target: [Double], _ weights: [Double]?, _ total: Double,
    _ context: FitContext
  ) throws -> [Double] {
    let strengths = strengths(matrix, total)
    let n = system.count
    var hessian = system.gram
    for j in 0..<n { hessian[j * n + j] += strengths.squared[j] }
    guard l1Ratio > 0 else { return Cholesky.solve(hessian, system.right) }
    var energy = 0.0
    for row in target.indices { energy += (weights?[row] ?? 1) * target[row] * target[row] }
    var solution = [Double](repeating: 0, count: n)
    var gradient = system.right.map { -$0 }
    try along(path(system.right, strengths.absolute), context) { factor, isLast in
      let absolute = strengths.absolute.map { $0 * factor }
      var descent = QuadraticDescent(hessian: hessian, absolute: absolute, solution: solution, gradient: gradient)
      let gaps = DualityGap(right: system.right, absolute: absolute, energy: energy)
      var limit = 1e-2 * max(descent.violation, 1e-300)
      for _ in 0..<12 {
        try descent.run(tolerance: limit, maximumSweeps: maximumIterations, check: context.checkCancellation)
        if gaps.value(descent.solution, descent.gradient) <= (isLast ? tolerance : 1e-3) * energy { break }
        limit *= 0.01
      }
      solution = descent.solution
      gradient = descent.gradient
      return DualityGap(right: system.right, absolute: strengths.absolute, energy: energy)
        .objective(solution, gradient) / total
    }
    return solution
  }

  /// Factors of the penalty, from the first that leaves every weight at 0 down to 1.
  private func path(_ correlations: [Double], _ absolute: [Double]) -> [Double] {
    var highest = 1.0
    for (correlation, strength) in zip(correlations, absolute) where strength > 0 {
      highest = max(highest, abs(correlation) / strength)
    }
    guard highest > 1, highest.isFinite else { return [1] }
    let count = min(30, 2 + Int(4 * Mathematics.log(highest)))
    return (1...count).map { Mathematics.pow(highest, 1 - Double($0) / Double(count)) }
  }

  /// Runs `solve` at each factor of the path; it returns the mean objective at the full penalty.
  private func along(_ path: [Double], _ context: FitContext, _ solve: (Double, Bool) throws -> Double) throws {
    for (index, factor) in path.enumerated() {
      try context.checkCancellation()
      let objective = try solve(index == path.count - 1 ? 1 : factor, index == path.count - 1)
      context.progress(
        FitProgress(iteration: index, iterationCount: path.count, trainingObjective: objective))
    }
  }
}

/// Distance of the penalised squared objective from its dual, both times the total weight.
struct DualityGap {
  let right: [Double]
  let absolute: [Double]
  /// Weighted sum of squares of the target.
  let energy: Double

  /// Gap at `solution`, where `gradient` is that of the squared part with its L2 penalty.
  ///
  /// With residual `r` (extended by the L2 rows) and `s` the largest factor that keeps `s·r` feasible:
  /// `½ (1 + s²) ‖r‖² + Σ λ|z| − s yᵀr`.
  func value(_ solution: [Double], _ gradient: [Double]) -> Double {
    var scale = 1.0
    for (slope, strength) in zip(gradient, absolute) where abs(slope) > strength {
      scale = min(scale, strength / abs(slope))
    }
    let (squares, product) = residual(solution, gradient)
    return (1 + scale * scale) * squares / 2 + penalty(solution) - scale * product
  }

  /// The penalised objective.
  func objective(_ solution: [Double], _ gradient: [Double]) -> Double {
    max(0, residual(solution, gradient).squares / 2 + penalty(solution))
  }

  private func penalty(_ solution: [Double]) -> Double {
    zip(solution, absolute).reduce(0) { $0 + abs($1.0) * $1.1 }
  }

  /// `‖r‖² = ‖y‖² − 2 qᵀz + zᵀH z` and `yᵀr = ‖y‖² − qᵀz`, with `H z = gradient + q`.
  private func residual(_ solution: [Double], _ gradient: [Double]) -> (squares: Double, product: Double) {
    var linear = 0.0
    var quadratic = 0.0
    for j in solution.indices {
      linear += right[j] * solution[j]
      quadratic += solution[j] * (gradient[j] + right[j])
    }
    return (max(0, energy - 2 * linear + quadratic), energy - linear)
  }
}
