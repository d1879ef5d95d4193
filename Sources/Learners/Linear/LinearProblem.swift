import Basics
import Frames
import Kernels
import Modeling

/// A penalised linear objective and ways to its minimum.
struct LinearProblem {
  let pass: LinearPass
  /// L2 strength of each feature in standardised units.
  let penalties: [Double]
  /// Ends when no derivative of the mean objective is larger.
  let tolerance: Double
  let maximumIterations: Int
  let context: FitContext
  /// Sum of row weights.
  let totalWeight: Double

  var scoreCount: Int { pass.response.scoreCount }
  var width: Int { penalties.count }

  /// A squared objective with a target of zeros: its gradient at `x` is the matrix of the normal equations times `x`.
  static func squares(
    _ pass: LinearPass, penalties: [Double], totalWeight: Double, context: FitContext
  ) throws -> LinearProblem {
    let zeros = LinearPass(
      matrix: pass.matrix, response: .squared([Double](repeating: 0, count: pass.matrix.rowCount)),
      weights: pass.weights, workers: pass.workers)
    return LinearProblem(
      pass: zeros, penalties: penalties, tolerance: 1e-12, maximumIterations: 2000, context: context,
      totalWeight: totalWeight)
  }

  /// What a point is worth.
  struct Point {
    var solution: [Double]
    var objective: Double
    var gradient: [Double]
    var hessian: [Double] = []
  }

  /// Objective and gradient with the penalty, at `solution` `[score][feature]`.
  func point(_ solution: [Double], wantsHessian: Bool = false, stride: Int = 1) throws -> Point {
    let sums = try pass.sums(at: solution, wantsHessian: wantsHessian, stride: stride)
    let factor = Double(stride)
    var point = Point(
      solution: solution, objective: sums.objective * factor, gradient: sums.gradient, hessian: sums.hessian)
    if stride > 1 {
      for i in point.gradient.indices { point.gradient[i] *= factor }
      for i in point.hessian.indices { point.hessian[i] *= factor }
    }
    for k in 0..<scoreCount {
      for feature in 0..<width {
        let value = solution[k * width + feature]
        point.objective += penalties[feature] * value * value / 2
        point.gradient[k * width + feature] += penalties[feature] * value
      }
    }
    return point
  }

  func size(_ gradient: [Double]) -> Double { gradient.reduce(0) { max($0, abs($1)) } / totalWeight }

  // MARK: Newton

  /// Minimum by Newton's method; second derivatives are kept while each step still shrinks the gradient fivefold.
  ///
  /// Many rows: a first round on every sixteenth chunk of rows finds the neighbourhood of the minimum.
  func newton(from start: [Double]) throws -> [Double] {
    var solution = start
    if pass.matrix.rowCount >= 50_000 {
      solution = try newton(from: start, stride: 16, tolerance: max(tolerance, 1e-4))
    }
    return try newton(from: solution, stride: 1, tolerance: tolerance)
  }

  private func newton(from start: [Double], stride: Int, tolerance: Double) throws -> [Double] {
    var point = try point(start, wantsHessian: true, stride: stride)
    var hessian = assembled(point.hessian)
    var isFresh = true
    for iteration in 0..<maximumIterations {
      try context.checkCancellation()
      context.progress(
        FitProgress(
          iteration: iteration, iterationCount: maximumIterations, trainingObjective: point.objective / totalWeight))
      let before = size(point.gradient)
      if before <= tolerance { break }
      let step = Cholesky.solve(hessian, point.gradient)
      let next = try descended(point, step, stride: stride)
      if let next { point = next }
      if next == nil || size(point.gradient) > before * 0.2 {
        if next == nil && isFresh { break }
        if size(point.gradient) <= tolerance { break }
        let refreshed = try pass.sums(at: point.solution, wantsHessian: true, stride: stride).hessian
        hessian = assembled(stride > 1 ? refreshed.map { $0 * Double(stride) } : refreshed)
        isFresh = true
      } else {
        isFresh = false
      }
    }
    return point.solution
  }

  /// The point a step leads to, shortened until the objective falls enough; `nil` when it never does.
  private func descended(_ point: Point, _ step: [Double], stride: Int) throws -> Point? {
    let slope = zip(step, point.gradient).reduce(0) { $0 + $1.0 * $1.1 }
    guard slope > 0 else { return nil }
    var length = 1.0
    for _ in 0..<30 {
      let next = try self.point(zip(point.solution, step).map { $0 - length * $1 }, stride: stride)
      if next.objective <= point.objective - 1e-4 * length * slope { return next }
      // Too close for the objective to show it: the gradient decides.
      let isTiny = length * slope <= 1e-11 * abs(point.objective)
      if isTiny, size(next.gradient) < size(point.gradient) { return next }
      if isTiny { return nil }
      length /= 2
    }
    return nil
  }

  /// The whole lower triangle `[score · feature]²` from those of the pairs, with penalties.
  func assembled(_ pairs: [Double]) -> [Double] {
    let n = scoreCount * width
    var out = [Double](repeating: 0, count: n * n)
    var pair = 0
    for k in 0..<scoreCount {
      for l in 0...k {
        let base = pair * width * width
        for i in 0..<width {
          for j in 0..<(k == l ? i + 1 : width) {
            out[(k * width + i) * n + l * width + j] = pairs[base + max(i, j) * width + min(i, j)]
          }
        }
        pair += 1
      }
      for i in 0..<width { out[(k * width + i) * n + k * width + i] += penalties[i] }
    }
    // Shifting all intercepts alike changes nothing; hold their sum where it is.
    if scoreCount > 1 {
      let constant = pass.matrix.constant
      for k in 0..<scoreCount {
        for l in 0...k { out[(k * width + constant) * n + l * width + constant] += totalWeight }
      }
    }
    return out
  }

  // MARK: Limited memory

  /// Minimum by the limited-memory BFGS method in coordinates scaled by `curvatures` (second derivatives at the start).
  ///
  /// - Source: Liu and Nocedal, *On the limited memory BFGS method for large scale optimization*, 1989.
  func limitedMemory(from start: [Double], curvatures: [Double]) throws -> [Double] {
    var point = try point(start)
    var steps: [(move: [Double], change: [Double], inverse: Double)] = []
    for iteration in 0..<maximumIterations {
      try context.checkCancellation()
      context.progress(
        FitProgress(
          iteration: iteration, iterationCount: maximumIterations, trainingObjective: point.objective / totalWeight))
      if size(point.gradient) <= tolerance { break }
      let direction = Self.direction(point.gradient, steps, curvatures)
      guard let next = try descended(point, direction, stride: 1) else {
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

  static func direction(
    _ gradient: [Double], _ steps: [(move: [Double], change: [Double], inverse: Double)], _ curvatures: [Double]
  ) -> [Double] {
    var out = gradient
    var factors = [Double](repeating: 0, count: steps.count)
    for index in steps.indices.reversed() {
      factors[index] = steps[index].inverse * dot(steps[index].move, out)
      add(-factors[index], steps[index].change, to: &out)
    }
    for i in out.indices { out[i] /= curvatures[i] }
    if let last = steps.last {
      var scaled = 0.0
      for i in out.indices { scaled += last.change[i] * last.change[i] / curvatures[i] }
      let ratio = 1 / (last.inverse * max(scaled, 1e-300))
      for i in out.indices { out[i] *= ratio }
    }
    for index in steps.indices {
      let correction = factors[index] - steps[index].inverse * dot(steps[index].change, out)
      add(correction, steps[index].move, to: &out)
    }
    return out
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double { LinearKernels.dot(a, b) }

  private static func add(_ factor: Double, _ values: [Double], to sum: inout [Double]) {
    LinearKernels.add(factor, values, values.indices, to: &sum)
  }

  // MARK: Conjugate gradients

  /// Minimum of a squared objective by preconditioned conjugate gradients; `right` is the negative gradient at 0.
  ///
  /// The pass must have a target of zeros: then the gradient at `x` is the matrix of the system times `x`.
  func conjugateGradients(_ right: [Double], curvatures: [Double]) throws -> [Double] {
    var solution = [Double](repeating: 0, count: right.count)
    var residual = right
    var direction = zip(residual, curvatures).map { $0 / $1 }
    var energy = Self.dot(residual, direction)
    let start = energy
    for iteration in 0..<maximumIterations {
      try context.checkCancellation()
      context.progress(FitProgress(iteration: iteration, iterationCount: maximumIterations))
      if energy <= start * 1e-24 || size(residual) <= tolerance * 1e-3 { break }
      let image = try point(direction).gradient
      let bend = Self.dot(direction, image)
      guard bend > 0 else { break }
      let length = energy / bend
      for i in solution.indices {
        solution[i] += length * direction[i]
        residual[i] -= length * image[i]
      }
      let scaled = zip(residual, curvatures).map { $0 / $1 }
      let next = Self.dot(residual, scaled)
      let ratio = next / energy
      energy = next
      for i in direction.indices { direction[i] = scaled[i] + ratio * direction[i] }
    }
    return solution
  }
}

extension DesignMatrix {
  /// Weighted sum of squares of each feature in standardised units; its smallest value is 1e-12 of the total weight.
  func squares(_ weights: [Double]?, totalWeight: Double) -> [Double] {
    var out = deviations.map { $0 > 0 ? totalWeight : 0 } + [totalWeight]
    out += [Double](repeating: 0, count: featureCount - out.count)
    for (matrix, start) in zip(sparse, sparseStarts) {
      for row in 0..<matrix.rowCount {
        let weight = weights?[row] ?? 1
        for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
          out[start + Int(matrix.indices[entry])] += weight * matrix.values[entry] * matrix.values[entry]
        }
      }
    }
    return out.map { max($0, 1e-12 * totalWeight) }
  }
}
