import Basics
import Modeling

/// `½ zᵀP z + Σₖ cₖ max(0, bₖ − tₖ s)`: hinge and epsilon-insensitive objectives over the scores `s` of a linear model.
///
/// A hinge has one term a row (`t = ±1`, `b = 1`), an epsilon-insensitive tube two (`t = ±1`, `b = ±y − ε`).
struct MarginProblem {
  let pass: LinearPass
  /// L2 strength of each feature in standardised units; 0 for the intercept.
  let penalties: [Double]
  /// Terms a row has.
  let termCount: Int
  /// `[term][row]`.
  let sides: [Double]
  let bounds: [Double]
  let costs: [Double]

  private var rowCount: Int { pass.matrix.rowCount }
  private var size: Int { rowCount * termCount }

  /// Where the iteration stands: primal `solution`, duals `share` of cost, slack `margin` and `lack` of each term.
  private struct State {
    var solution: [Double]
    var share: [Double]
    var margin: [Double]
    var lack: [Double]
    var scores: [Double]
  }

  private struct Step {
    var solution: [Double]
    var share: [Double]
    var margin: [Double]
    var lack: [Double]
  }

  /// The minimum by Mehrotra's predictor–corrector interior-point method, to a gap of 1e-10 of the objective.
  ///
  /// - Source: Ferris and Munson, *Interior-point methods for massive support vector machines*, SIAM J. Optim. 13(3),
  ///   2002.
  func minimum(context: FitContext) throws -> [Double] {
    var state = start()
    for iteration in 0..<100 {
      try context.checkCancellation()
      let objective = objective(state)
      let gap = complementarity(state)
      context.progress(FitProgress(iteration: iteration, iterationCount: 100, trainingObjective: objective))
      let isFeasible = infeasibility(state) <= 1e-9 * (1 + abs(objective))
      if isFeasible, gap <= 1e-11 * max(objective, 1e-300) { break }
      guard let next = try advanced(state, gap / Double(2 * size)), complementarity(next).isFinite else { break }
      state = next
    }
    return state.solution
  }

  private func start() -> State {
    let share = costs.map { $0 / 2 }
    var lack = [Double](repeating: 0, count: size)
    var margin = lack
    for k in 0..<size {
      // At scores of 0: margin = lack − bound, both well inside.
      lack[k] = max(1, bounds[k] + 1)
      margin[k] = max(1, lack[k] - bounds[k])
    }
    return State(
      solution: [Double](repeating: 0, count: penalties.count), share: share, margin: margin, lack: lack,
      scores: [Double](repeating: 0, count: rowCount))
  }

  private func objective(_ state: State) -> Double {
    var sum = 0.0
    for j in penalties.indices { sum += penalties[j] * state.solution[j] * state.solution[j] / 2 }
    for k in 0..<size { sum += costs[k] * max(0, bounds[k] - sides[k] * state.scores[k % rowCount]) }
    return sum
  }

  private func complementarity(_ state: State) -> Double {
    var sum = 0.0
    for k in 0..<size where costs[k] > 0 {
      sum += state.share[k] * state.margin[k] + (costs[k] - state.share[k]) * state.lack[k]
    }
    return sum
  }

  private func infeasibility(_ state: State) -> Double {
    var largest = 0.0
    for k in 0..<size where costs[k] > 0 {
      largest = max(largest, costs[k] * abs(residual(state, k)))
    }
    return largest
  }

  private func residual(_ state: State, _ k: Int) -> Double {
    sides[k] * state.scores[k % rowCount] - bounds[k] + state.lack[k] - state.margin[k]
  }

  /// One predictor–corrector step; `mean` is the average product of a pair.
  private func advanced(_ state: State, _ mean: Double) throws -> State? {
    var curvature = [Double](repeating: 0, count: rowCount)
    var theta = [Double](repeating: 0, count: size)
    for k in 0..<size where costs[k] > 0 {
      theta[k] = 1 / (state.margin[k] / state.share[k] + state.lack[k] / (costs[k] - state.share[k]))
      curvature[k % rowCount] += theta[k]
    }
    let slopes = (0..<rowCount).map { row in
      (0..<termCount).reduce(0) { $0 + sides[$1 * rowCount + row] * state.share[$1 * rowCount + row] }
    }
    let sums = try products(slopes, curvature: curvature)
    let width = penalties.count
    var system = sums.hessian
    for j in 0..<width { system[j * width + j] += penalties[j] }
    let slack = (0..<width).map { sums.gradient[$0] - penalties[$0] * state.solution[$0] }
    let none = [Double](repeating: 0, count: size)
    let predictor = try step(state, system, slack, theta, target: 0, (none, none))
    let reach = reach(state, predictor)
    var after = 0.0
    for k in 0..<size where costs[k] > 0 {
      after +=
        (state.share[k] + reach * predictor.share[k]) * (state.margin[k] + reach * predictor.margin[k])
        + (costs[k] - state.share[k] - reach * predictor.share[k]) * (state.lack[k] + reach * predictor.lack[k])
    }
    let ratio = after / Double(2 * size) / mean
    var second = none
    var third = none
    for k in 0..<size {
      second[k] = predictor.share[k] * predictor.margin[k]
      third[k] = -predictor.share[k] * predictor.lack[k]
    }
    let full = try step(state, system, slack, theta, target: mean * ratio * ratio * ratio, (second, third))
    let length = min(1, 0.995 * self.reach(state, full))
    guard length > 1e-12, full.solution.allSatisfy(\.isFinite) else { return nil }
    var next = state
    for j in 0..<width { next.solution[j] += length * full.solution[j] }
    for k in 0..<size where costs[k] > 0 {
      next.share[k] += length * full.share[k]
      next.margin[k] += length * full.margin[k]
      next.lack[k] += length * full.lack[k]
    }
    next.scores = try pass.scores(at: next.solution)
    return next
  }

  private func products(_ slopes: [Double], curvature: [Double]) throws -> LinearPass.Sums {
    let given = LinearPass(
      matrix: pass.matrix, response: .given(first: slopes, second: curvature), weights: nil, workers: pass.workers)
    return try given.sums(at: nil, wantsHessian: true)
  }

  /// Solves the linearised conditions with products driven to `target` less the second-order `corrections`.
  private func step(
    _ state: State, _ system: [Double], _ slack: [Double], _ theta: [Double], target: Double,
    _ corrections: ([Double], [Double])
  ) throws -> Step {
    var pull = [Double](repeating: 0, count: size)
    var slopes = [Double](repeating: 0, count: rowCount)
    for k in 0..<size where costs[k] > 0 {
      let rest = costs[k] - state.share[k]
      let first = (target - corrections.0[k]) / state.share[k] - state.margin[k]
      let second = (target - corrections.1[k]) / rest - state.lack[k]
      pull[k] = first - second - residual(state, k)
      slopes[k % rowCount] += sides[k] * theta[k] * pull[k]
    }
    let given = LinearPass(
      matrix: pass.matrix, response: .given(first: slopes, second: []), weights: nil, workers: pass.workers)
    let image = try given.sums(at: nil, wantsHessian: false).gradient
    let move = Cholesky.solve(system, zip(slack, image).map { $0 + $1 })
    let scores = try pass.scores(at: move)
    var out = Step(
      solution: move, share: pull, margin: [Double](repeating: 0, count: size),
      lack: [Double](repeating: 0, count: size))
    for k in 0..<size {
      guard costs[k] > 0 else {
        out.share[k] = 0
        continue
      }
      let change = theta[k] * (pull[k] - sides[k] * scores[k % rowCount])
      let rest = costs[k] - state.share[k]
      out.share[k] = change
      out.margin[k] =
        (target - corrections.0[k]) / state.share[k] - state.margin[k] - state.margin[k] / state.share[k] * change
      out.lack[k] = (target - corrections.1[k]) / rest - state.lack[k] + state.lack[k] / rest * change
    }
    return out
  }

  /// Longest step at most 1 that keeps every share, margin and lack positive.
  private func reach(_ state: State, _ step: Step) -> Double {
    var length = 1.0
    for k in 0..<size where costs[k] > 0 {
      if step.share[k] < 0 { length = min(length, -state.share[k] / step.share[k]) }
      if step.share[k] > 0 { length = min(length, (costs[k] - state.share[k]) / step.share[k]) }
      if step.margin[k] < 0 { length = min(length, -state.margin[k] / step.margin[k]) }
      if step.lack[k] < 0 { length = min(length, -state.lack[k] / step.lack[k]) }
    }
    return length
  }
}
