import Modeling

// Minimisers with an absolute penalty: `absolute[feature] · |coefficient|` joins the objective of every score.
extension LinearProblem {
  /// Minimum by Newton's method whose quadratic is minimised by coordinate descent.
  ///
  /// - Source: Lee, Sun and Saunders, *Proximal Newton-type methods*, 2014; as in glmnet.
  func newton(from start: [Double], absolute: [Double]) throws -> [Double] {
    let strengths = (0..<scoreCount).flatMap { _ in absolute }
    var point = try point(start, wantsHessian: true)
    for iteration in 0..<maximumIterations {
      try context.checkCancellation()
      let objective = point.objective + Self.penalty(point.solution, strengths)
      context.progress(
        FitProgress(
          iteration: iteration, iterationCount: maximumIterations, trainingObjective: objective / totalWeight))
      let violation = Self.violation(point, strengths)
      if violation <= tolerance * totalWeight { break }
      var model = QuadraticDescent(
        hessian: mirrored(assembled(point.hessian)), absolute: strengths, solution: point.solution,
        gradient: point.gradient)
      try model.run(
        tolerance: min(violation * 1e-3, max(violation * violation / totalWeight, tolerance * totalWeight * 0.1)),
        maximumSweeps: 10_000, check: context.checkCancellation)
      guard let next = try searched(point, toward: model.solution, strengths, objective) else { break }
      point = next
    }
    return point.solution
  }

  /// The point on the way to `goal` where the penalised objective falls enough; `nil` when it never does.
  private func searched(
    _ point: Point, toward goal: [Double], _ strengths: [Double], _ objective: Double
  ) throws -> Point? {
    let step = zip(goal, point.solution).map { $0 - $1 }
    let fall =
      Self.penalty(point.solution, strengths) - Self.penalty(goal, strengths) - Self.dot(step, point.gradient)
    guard fall > 0 else { return nil }
    var length = 1.0
    for _ in 0..<30 {
      let solution = length == 1 ? goal : zip(point.solution, step).map { $0 + length * $1 }
      let next = try self.point(solution, wantsHessian: true)
      let reached = next.objective + Self.penalty(solution, strengths)
      if reached <= objective - 1e-4 * length * fall { return next }
      // Too close for the objective to show it: the optimality conditions decide.
      if length * fall <= 1e-11 * abs(objective) {
        return Self.violation(next, strengths) < Self.violation(point, strengths) ? next : nil
      }
      length /= 2
    }
    return nil
  }

  /// Minimum by limited-memory BFGS within one orthant at a time, in coordinates scaled by `curvatures`.
  ///
  /// - Source: Andrew and Gao, *Scalable training of L1-regularized log-linear models*, ICML 2007 (OWL-QN).
  func orthantWise(from start: [Double], curvatures: [Double], absolute: [Double]) throws -> [Double] {
    let strengths = (0..<scoreCount).flatMap { _ in absolute }
    var point = try point(start)
    var steps: [(move: [Double], change: [Double], inverse: Double)] = []
    for iteration in 0..<maximumIterations {
      try context.checkCancellation()
      let objective = point.objective + Self.penalty(point.solution, strengths)
      context.progress(
        FitProgress(
          iteration: iteration, iterationCount: maximumIterations, trainingObjective: objective / totalWeight))
      if Self.violation(point, strengths) <= tolerance * totalWeight { break }
      let slopes = Self.pseudoGradient(point, strengths)
      var direction = Self.direction(slopes, steps, curvatures)
      for i in direction.indices where direction[i] * slopes[i] <= 0 { direction[i] = 0 }
      guard let next = try projected(point, direction, slopes, strengths) else {
        if steps.isEmpty { break }
        steps.removeAll()
        continue
      }
      let move = zip(next.solution, point.solution).map { $0 - $1 }
      let change = zip(next.gradient, point.gradient).map { $0 - $1 }
      let product = Self.dot(move, change)
      if product > 0 {
        steps.append((move, change, 1 / product))
        if steps.count > 10 { steps.removeFirst() }
      }
      point = next
    }
    return point.solution
  }

  /// A step against `direction`, cut at 0 where a coefficient would leave its orthant.
  private func projected(
    _ point: Point, _ direction: [Double], _ slopes: [Double], _ strengths: [Double]
  ) throws -> Point? {
    let objective = point.objective + Self.penalty(point.solution, strengths)
    var length = 1.0
    for _ in 0..<40 {
      var solution = point.solution
      var fall = 0.0
      for i in solution.indices {
        let side = solution[i] != 0 ? solution[i] : -slopes[i]
        let value = solution[i] - length * direction[i]
        let kept = strengths[i] > 0 && value * side <= 0 ? 0 : value
        fall += slopes[i] * (solution[i] - kept)
        solution[i] = kept
      }
      guard fall > 0 else { return nil }
      let next = try self.point(solution)
      if next.objective + Self.penalty(solution, strengths) <= objective - 1e-4 * fall { return next }
      if fall <= 1e-11 * abs(objective) {
        return Self.violation(next, strengths) < Self.violation(point, strengths) ? next : nil
      }
      length /= 2
    }
    return nil
  }

  private static func pseudoGradient(_ point: Point, _ strengths: [Double]) -> [Double] {
    point.solution.indices.map { i in
      let (value, slope, strength) = (point.solution[i], point.gradient[i], strengths[i])
      if value > 0 { return slope + strength }
      if value < 0 { return slope - strength }
      return slope > strength ? slope - strength : slope < -strength ? slope + strength : 0
    }
  }

  private static func penalty(_ solution: [Double], _ strengths: [Double]) -> Double {
    zip(solution, strengths).reduce(0) { $0 + abs($1.0) * $1.1 }
  }

  private static func violation(_ point: Point, _ strengths: [Double]) -> Double {
    point.solution.indices.reduce(0) {
      max($0, QuadraticDescent.violation(point.solution[$1], point.gradient[$1], strengths[$1]))
    }
  }

  /// The whole matrix from its lower triangle.
  private func mirrored(_ lower: [Double]) -> [Double] {
    let n = scoreCount * width
    var out = lower
    for i in 0..<n { for j in 0..<i { out[j * n + i] = lower[i * n + j] } }
    return out
  }
}
