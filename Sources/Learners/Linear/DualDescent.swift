import Basics
import Frames

/// Dual coordinate descent for `½‖v‖² + Σₖ cₖ lossₖ` over rows, for many features.
///
/// Each term `k` of a row has `loss = max(0, bₖ − tₖ (x·v))`, or its square. Rows hold raw values, number columns
/// centred, and a constant 1 whose weight is the intercept: here it is penalised like the others, as in liblinear.
///
/// - Source: Hsieh and others, *A dual coordinate descent method for large-scale linear SVM*, ICML 2008; Ho and Lin,
///   *Large-scale linear support vector regression*, 2012.
struct DualDescent {
  /// Rows by features: number columns, the constant, sparse columns, as the design matrix counts them.
  let rows: SparseMatrix
  let isSquared: Bool

  /// All features of `matrix` by row.
  init(_ matrix: DesignMatrix, isSquared: Bool) {
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Double] = []
    for row in 0..<matrix.rowCount {
      for column in matrix.dense.indices where matrix.deviations[column] > 0 {
        indices.append(Int32(column))
        values.append(matrix.dense[column][row] - matrix.means[column])
      }
      indices.append(Int32(matrix.constant))
      values.append(1)
      for (part, start) in zip(matrix.sparse, matrix.sparseStarts) {
        for entry in part.offsets[row]..<part.offsets[row + 1] {
          indices.append(Int32(start) + part.indices[entry])
          values.append(part.values[entry])
        }
      }
      offsets.append(indices.count)
    }
    rows = SparseMatrix(width: matrix.featureCount, offsets: offsets, indices: indices, values: values)
    self.isSquared = isSquared
  }

  /// Terms of the objective, `[term][row]`.
  struct Terms {
    var sides: [Double]
    var bounds: [Double]
    /// Relative to the penalty; terms of cost 0 are left out.
    var costs: [Double]
  }

  /// Weights of raw features. Rows come in an order drawn anew each sweep; ends when optimality is violated by 1e-2
  /// of a bound at most.
  func minimum(_ terms: Terms, seed: Seed, maximumSweeps: Int, check: () throws -> Void) throws -> [Double] {
    let rowCount = rows.rowCount
    let termCount = terms.costs.count / max(1, rowCount)
    var solution = [Double](repeating: 0, count: rows.width)
    var shares = [Double](repeating: 0, count: terms.costs.count)
    let lengths = (0..<rowCount).map { row in
      (rows.offsets[row]..<rows.offsets[row + 1]).reduce(0.0) { $0 + rows.values[$1] * rows.values[$1] }
    }
    let all = terms.costs.indices.filter { terms.costs[$0] > 0 }
    var active = all
    var random = seed.generator
    let scale = terms.bounds.reduce(1e-300) { max($0, abs($1)) }
    let (offsets, indices, values) = (rows.offsets.span, rows.indices.span, rows.values.span)
    // Terms at a bound whose slope is beyond the last sweep's worst are set aside until the others are done.
    var (worst, least) = (Double.infinity, -Double.infinity)
    for sweep in 0..<maximumSweeps {
      if sweep & 7 == 0 { try check() }
      for i in stride(from: active.count - 1, to: 0, by: -1) { active.swapAt(i, random.index(below: i + 1)) }
      var (highest, lowest) = (-Double.infinity, Double.infinity)
      var keptCount = 0
      for k in active {
        let row = termCount == 1 ? k : k % rowCount
        let damping = isSquared ? 1 / (2 * terms.costs[k]) : 0
        let ceiling = isSquared ? Double.infinity : terms.costs[k]
        let range = offsets[row]..<offsets[row + 1]
        var score = 0.0
        for entry in range { score += values[entry] * solution[Int(indices[entry])] }
        let slope = damping * shares[k] - terms.bounds[k] + terms.sides[k] * score
        if (shares[k] <= 0 && slope > worst) || (shares[k] >= ceiling && slope < least) { continue }
        active[keptCount] = k
        keptCount += 1
        let kept = shares[k] <= 0 ? min(slope, 0) : shares[k] >= ceiling ? max(slope, 0) : slope
        highest = max(highest, kept)
        lowest = min(lowest, kept)
        guard abs(kept) > 1e-14 * scale else { continue }
        let next = min(max(shares[k] - slope / (lengths[row] + damping), 0), ceiling)
        let move = (next - shares[k]) * terms.sides[k]
        shares[k] = next
        for entry in range { solution[Int(indices[entry])] += move * values[entry] }
      }
      active.removeLast(active.count - keptCount)
      if keptCount == 0 || highest - lowest <= 1e-2 * scale {
        if keptCount == all.count { break }
        active = all
        (worst, least) = (.infinity, -.infinity)
      } else {
        worst = highest > 0 ? highest : .infinity
        least = lowest < 0 ? lowest : -.infinity
      }
    }
    return solution
  }
}
