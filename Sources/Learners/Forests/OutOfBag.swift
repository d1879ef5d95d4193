import Basics
import Kernels

/// Leaves of rows that one tree did not draw.
struct HeldRows: Sendable {
  /// The rows.
  let rows: [UInt32]
  /// Leaf of each.
  let leaves: [Int32]
  /// Values of all leaves of the tree.
  let values: [Double]
}

/// Predictions of each row by the trees that did not draw it.
struct OutOfBag {
  private let table: ForestTable
  private let isWanted: Bool
  private var sums: [Double]
  private var counts: [Int32]

  init(_ table: ForestTable, isWanted: Bool) {
    self.table = table
    self.isWanted = isWanted
    sums = [Double](repeating: 0, count: isWanted ? table.rowCount * table.leafWidth : 0)
    counts = [Int32](repeating: 0, count: isWanted ? table.rowCount : 0)
  }

  /// Adds some trees, in order.
  mutating func add(_ trees: [HeldRows], _ workers: Workers) {
    guard isWanted else { return }
    let width = table.leafWidth
    for tree in trees {
      for (row, leaf) in zip(tree.rows, tree.leaves) {
        counts[Int(row)] += 1
        for k in 0..<width { sums[Int(row) * width + k] += tree.values[Int(leaf) * width + k] }
      }
    }
  }

  /// Accuracy, or the coefficient of determination, over rows that some tree did not draw; `nil` without any.
  func score() -> Double? {
    let rows = counts.indices.filter { counts[$0] > 0 }
    guard isWanted, !rows.isEmpty else { return nil }
    let total = rows.reduce(0.0) { $0 + table.weight(row: $1) }
    if table.classCount == 0 { return determination(rows, total) }
    let right = rows.reduce(0.0) { $0 + (decided(row: $1) == table.target(row: $1) ? table.weight(row: $1) : 0) }
    return right / total
  }

  private func decided(row: Int) -> Double {
    let width = table.leafWidth
    if width == 1 { return 2 * sums[row] > Double(counts[row]) ? 1 : 0 }
    var best = 0
    for k in 1..<width where sums[row * width + k] > sums[row * width + best] { best = k }
    return Double(best)
  }

  private func determination(_ rows: [Int], _ total: Double) -> Double? {
    let mean = rows.reduce(0.0) { $0 + table.weight(row: $1) / total * table.target(row: $1) }
    let scale = rows.reduce(0.0) { max($0, abs(table.target(row: $1) - mean)) }
    guard scale > 0, scale.isFinite else { return nil }
    var residual = 0.0
    var spread = 0.0
    for row in rows {
      let error = (table.target(row: row) - sums[row] / Double(counts[row])) / scale
      let distance = (table.target(row: row) - mean) / scale
      residual += table.weight(row: row) * error * error
      spread += table.weight(row: row) * distance * distance
    }
    return 1 - residual / spread
  }
}
