import Frames

/// Coordinate descent on penalised least squares over columns, for more features than pairs can be kept of.
///
/// Features exclude the intercept; sparse columns are centred without being filled: the residual is kept as stored
/// values plus one shift.
struct ColumnDescent {
  private let matrix: DesignMatrix
  private let weights: [Double]?
  private let totalWeight: Double
  private let columns: [SparseColumn]
  private var residual: [Double]
  private var shift = 0.0
  private var solution: [Double]
  private let squares: [Double]
  /// Weighted products of each feature with the target.
  private(set) var correlations: [Double]
  /// Weighted sum of squares of the target.
  let energy: Double

  private struct SparseColumn {
    var rows: [Int32] = []
    var values: [Double] = []
    var mean = 0.0
  }

  init(_ matrix: DesignMatrix, target: [Double], weights: [Double]?, totalWeight: Double) {
    self.matrix = matrix
    self.weights = weights
    self.totalWeight = totalWeight
    residual = target
    var columns: [SparseColumn] = []
    for part in matrix.sparse {
      var own = [SparseColumn](repeating: SparseColumn(), count: part.width)
      for row in 0..<part.rowCount {
        for entry in part.offsets[row]..<part.offsets[row + 1] where part.values[entry] != 0 {
          let feature = Int(part.indices[entry])
          own[feature].rows.append(Int32(row))
          own[feature].values.append(part.values[entry])
          own[feature].mean += (weights?[row] ?? 1) / totalWeight * part.values[entry]
        }
      }
      columns += own
    }
    self.columns = columns
    let raw = matrix.squares(weights, totalWeight: totalWeight)
    squares = raw.indices.filter { $0 != matrix.constant }.enumerated().map { j, feature in
      if j < matrix.constant { return matrix.deviations[j] > 0 ? raw[feature] : 0 }
      let mean = columns[j - matrix.constant].mean
      return max(0, raw[feature] - totalWeight * mean * mean)
    }
    solution = [Double](repeating: 0, count: squares.count)
    var energy = 0.0
    for row in target.indices { energy += (weights?[row] ?? 1) * target[row] * target[row] }
    self.energy = energy
    correlations = []
    correlations = solution.indices.map { product($0) }
  }

  /// Weighted product of feature `j` with the residual.
  private func product(_ j: Int) -> Double {
    var sum = 0.0
    if j < matrix.constant {
      guard matrix.deviations[j] > 0 else { return 0 }
      let (mean, values) = (matrix.means[j], matrix.dense[j])
      for row in residual.indices { sum += (weights?[row] ?? 1) * (values[row] - mean) * residual[row] }
      return sum / matrix.deviations[j]
    }
    let column = columns[j - matrix.constant]
    for (row, value) in zip(column.rows, column.values) {
      sum += (weights?[Int(row)] ?? 1) * value * (residual[Int(row)] + shift)
    }
    return sum
  }

  /// Sweeps until the duality gap is at most `gap`; the full set of features is looked at whenever the moving ones
  /// rest.
  mutating func run(
    absolute: [Double], squared: [Double], gap limit: Double, maximumSweeps: Int, check: () throws -> Void
  ) throws {
    var isFull = true
    for sweep in 0..<maximumSweeps {
      if sweep & 7 == 0 { try check() }
      var largest = 0.0
      for j in solution.indices where squares[j] + squared[j] > 0 && (isFull || solution[j] != 0) {
        largest = max(largest, move(j, absolute[j], squared[j]))
      }
      let isStill = largest <= 1e-3 * limit / Double(max(1, solution.count)) || largest == 0
      if isFull || isStill || sweep % 20 == 19 {
        if gap(absolute, squared) <= limit { return }
        isFull = !isFull || isStill
        if isStill, isFull, largest == 0 { return }
      }
    }
  }

  /// Returns by how much the objective fell.
  private mutating func move(_ j: Int, _ absolute: Double, _ squared: Double) -> Double {
    let curvature = squares[j] + squared
    let old = solution[j]
    let target = product(j) + squares[j] * old
    let size = max(0, abs(target) - absolute)
    let new = (target < 0 ? -size : size) / curvature
    let step = new - old
    guard step != 0 else { return 0 }
    solution[j] = new
    if j < matrix.constant {
      let (mean, values, factor) = (matrix.means[j], matrix.dense[j], step / matrix.deviations[j])
      for row in residual.indices { residual[row] -= factor * (values[row] - mean) }
    } else {
      let column = columns[j - matrix.constant]
      for (row, value) in zip(column.rows, column.values) { residual[Int(row)] -= step * value }
      shift += step * column.mean
    }
    return curvature * step * step / 2
  }

  private func gap(_ absolute: [Double], _ squared: [Double]) -> Double {
    let gradient = solution.indices.map { squared[$0] * solution[$0] - product($0) }
    return DualityGap(right: correlations, absolute: absolute, energy: energy).value(solution, gradient)
  }

  /// The penalised objective, times the total weight.
  func objective(absolute: [Double], squared: [Double]) -> Double {
    var sum = 0.0
    for row in residual.indices { sum += (weights?[row] ?? 1) * (residual[row] + shift) * (residual[row] + shift) }
    for j in solution.indices { sum += squared[j] * solution[j] * solution[j] + 2 * absolute[j] * abs(solution[j]) }
    return sum / 2
  }

  /// All coefficients with the intercept in its place; the target is centred, so it answers for sparse means only.
  var completed: [Double] {
    var out = solution
    let intercept = columns.indices.reduce(0) { $0 - columns[$1].mean * solution[matrix.constant + $1] }
    out.insert(intercept, at: matrix.constant)
    return out
  }
}
