import Basics
import Modeling

/// Weights of linear classifiers by margin, one problem for each list of sides.
struct MarginSolver {
  let matrix: DesignMatrix
  let penalty: Double
  let isSquared: Bool
  let maximumIterations: Int
  let context: FitContext

  private var isWide: Bool { matrix.featureCount > 500 }

  /// Solutions in standardised units, in the order of `sides` `[problem][row]` of -1 and 1.
  func solve(_ sides: [[Double]], _ weights: [Double], round: Int) throws -> [[Double]] {
    guard isWide else { return try sides.map { try direct($0, weights) } }
    let descent = DualDescent(matrix, isSquared: isSquared)
    context.progress(FitProgress(iteration: round, iterationCount: 4))
    return try context.workers.map(sides.count) { index in
      let terms = DualDescent.Terms(
        sides: sides[index], bounds: [Double](repeating: 1, count: weights.count), costs: weights.map { $0 / penalty })
      let seed = context.seed.derived(round).derived(index)
      let raw = try descent.minimum(
        terms, seed: seed, maximumSweeps: maximumIterations, check: context.checkCancellation)
      return matrix.standardized(raw)
    }
  }

  private func direct(_ sides: [Double], _ weights: [Double]) throws -> [Double] {
    let penalties = matrix.penalties(penalty)
    let pass = LinearPass(
      matrix: matrix, response: .squaredHinge(sides), weights: weights, workers: context.workers)
    let start = [Double](repeating: 0, count: matrix.featureCount)
    let total = weights.reduce(0, +)
    if isSquared {
      let problem = LinearProblem(
        pass: pass, penalties: penalties, tolerance: 1e-10, maximumIterations: maximumIterations, context: context,
        totalWeight: total)
      return try problem.newton(from: start)
    }
    let problem = MarginProblem(
      pass: pass, penalties: penalties, termCount: 1, sides: sides,
      bounds: [Double](repeating: 1, count: sides.count), costs: weights)
    return try problem.minimum(context: context)
  }

  /// Score of every row.
  func scores(_ solution: [Double]) throws -> [Double] {
    let pass = LinearPass(
      matrix: matrix, response: .given(first: [], second: []), weights: nil, workers: context.workers)
    return try pass.scores(at: solution)
  }
}

/// Scores turned into log-odds.
enum ScoreCalibration {
  /// Slope (not negative) and offset of the log-odds of class 1, by Newton's method on Platt's smoothed targets.
  ///
  /// - Source: Lin, Lin and Weng, *A note on Platt's probabilistic outputs for support vector machines*, 2007.
  static func sigmoid(_ scores: [Double], _ truth: [Int], _ weights: [Double]) -> (slope: Double, offset: Double) {
    var counts = [0.0, 0.0]
    for row in truth.indices { counts[truth[row]] += weights[row] }
    let targets = [1 / (counts[0] + 2), (counts[1] + 1) / (counts[1] + 2)]
    var (slope, offset) = (0.0, Mathematics.log((counts[1] + 1) / (counts[0] + 1)))
    let prior = offset
    func loss(_ a: Double, _ b: Double) -> Double {
      scores.indices.reduce(0.0) { sum, row in
        let z = a * scores[row] + b
        return sum + weights[row] * (max(z, 0) + Mathematics.log1p(Mathematics.exp(-abs(z))) - targets[truth[row]] * z)
      }
    }
    var present = loss(slope, offset)
    for _ in 0..<100 {
      var (g1, g2, h11, h12, h22) = (0.0, 0.0, 1e-12, 0.0, 1e-12)
      for row in scores.indices {
        let p = Mathematics.logistic(slope * scores[row] + offset)
        let (d, h) = (weights[row] * (p - targets[truth[row]]), weights[row] * p * (1 - p))
        g1 += d * scores[row]
        g2 += d
        h11 += h * scores[row] * scores[row]
        h12 += h * scores[row]
        h22 += h
      }
      let determinant = h11 * h22 - h12 * h12
      guard determinant > 0 else { break }
      let (da, db) = ((h22 * g1 - h12 * g2) / determinant, (h11 * g2 - h12 * g1) / determinant)
      let fall = g1 * da + g2 * db
      if !(fall > 1e-14 * max(present, 1e-300)) { break }
      var length = 1.0
      var next = loss(slope - da, offset - db)
      while !(next <= present - 1e-4 * length * fall), length > 1e-10 {
        length /= 2
        next = loss(slope - length * da, offset - length * db)
      }
      if length <= 1e-10 { break }
      slope -= length * da
      offset -= length * db
      present = next
    }
    return slope > 0 && slope.isFinite && offset.isFinite ? (slope, offset) : (0, prior)
  }

  /// Factor on all scores `[class][row]` that makes their softmax likeliest, targets smoothed by one row in all.
  static func temperature(_ scores: [[Double]], _ truth: [Int], _ weights: [Double]) -> Double {
    let count = scores.count
    let smoothing = 1 / (weights.reduce(0, +) + 2)
    var factor = 1.0
    for _ in 0..<100 {
      var (slope, curvature) = (0.0, 1e-300)
      for row in truth.indices where weights[row] > 0 {
        var (total, mean, square, plain) = (0.0, 0.0, 0.0, 0.0)
        let largest = scores.reduce(-Double.infinity) { max($0, $1[row]) }
        for k in 0..<count {
          let share = Mathematics.exp(factor * (scores[k][row] - largest))
          total += share
          mean += share * scores[k][row]
          square += share * scores[k][row] * scores[k][row]
          plain += scores[k][row] / Double(count)
        }
        mean /= total
        let wanted = (1 - smoothing) * scores[truth[row]][row] + smoothing * plain
        slope += weights[row] * (mean - wanted)
        curvature += weights[row] * max(0, square / total - mean * mean)
      }
      let next = min(max(factor - slope / curvature, factor / 4), factor * 4)
      let isDone = abs(next - factor) <= 1e-12 * factor
      factor = min(max(next, 1e-6), 1e6)
      if isDone { break }
    }
    return factor
  }
}

extension DesignMatrix {
  /// Coefficients of standardised features from those of centred raw ones.
  func standardized(_ raw: [Double]) -> [Double] {
    var out = raw
    for column in dense.indices { out[column] *= deviations[column] }
    return out
  }
}
