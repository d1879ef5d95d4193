import Modeling

/// Shares and means of rows that may not all count alike.
///
/// Intervals of weighted shares are Wilson's for Kish's effective number of rows, `(Σw)² / Σw²`, which without weights
/// is their number.
///
/// - Source: Kish, *Survey sampling*, 1965.
struct RowShares: Sendable {
  private let weights: [Double]

  /// - Throws: `.shapeMismatch`, `.invalidData` for weights that are not of these rows, or below 0.
  init(_ weights: [Double]?, rowCount: Int) throws {
    self.weights = try RowWeights.checked(weights, rowCount: rowCount, owner: "shares")
  }

  /// Share of `rows` that hold, with its interval; `nil` when none counts.
  func share(_ rows: some Sequence<Int>, where holds: (Int) -> Bool) -> MetricValue? {
    var (held, sum, squares) = (0.0, 0.0, 0.0)
    for row in rows {
      sum += weights[row]
      squares += weights[row] * weights[row]
      if holds(row) { held += weights[row] }
    }
    guard sum > 0 else { return nil }
    return Distributions.wilson(hits: held * sum / squares, total: sum * sum / squares)
  }

  /// Mean of `value` over all rows.
  func mean(_ value: (Int) -> Double) -> Double {
    let total = weights.reduce(0, +)
    return weights.indices.reduce(0) { $0 + weights[$1] * value($1) } / total
  }
}
