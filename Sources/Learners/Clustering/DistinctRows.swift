import Basics
import Frames
import Kernels

/// Rows that differ, each with the weight of all its copies, in an order that depends on their cells only. What is
/// drawn from them does not depend on the order of the table, and a row of weight 3 is three rows.
struct DistinctRows: Sendable {
  /// The rows with their weights.
  let rows: ClusterRows

  /// Rows.
  var count: Int { rows.rowCount }
  /// Sum of all weights.
  let totalWeight: Double

  /// The `limit` rows of the smallest hashes, all where there are not more.
  init(_ source: ClusterRows, hashes: [UInt64], limit: Int) {
    var chosen: [(hash: UInt64, row: Int)] = []
    let isLarge = hashes.count > 4 * limit
    if isLarge {
      let bound = UInt64(2 * Double(limit) / Double(hashes.count) * 0x1p63) &* 2
      for (row, hash) in hashes.enumerated() where hash < bound { chosen.append((hash, row)) }
    }
    var kept = Self.merged(chosen, source.weights, limit: limit)
    if !isLarge || kept.count < limit {
      kept = Self.merged(hashes.enumerated().map { ($1, $0) }, source.weights, limit: limit)
    }
    let stride = source.stride
    var values: [Double] = []
    values.reserveCapacity(kept.count * stride)
    for entry in kept { values.append(contentsOf: source.values[(entry.row * stride)..<((entry.row + 1) * stride)]) }
    rows = ClusterRows(values, rowCount: kept.count, width: source.width, weights: kept.map(\.weight))
    totalWeight = kept.reduce(0) { $0 + $1.weight }
  }

  /// The first `limit` rows.
  init(prefix limit: Int, of other: DistinctRows) {
    let count = min(limit, other.count)
    let weights = Array((other.rows.weights ?? []).prefix(count))
    rows = ClusterRows(
      Array(other.rows.values.prefix(count * other.rows.stride)), rowCount: count, width: other.rows.width,
      weights: weights)
    totalWeight = weights.reduce(0, +)
  }

  private static func merged(
    _ rows: [(hash: UInt64, row: Int)], _ weights: [Double]?, limit: Int
  ) -> [(row: Int, weight: Double)] {
    var out: [(row: Int, weight: Double)] = []
    var last: UInt64?
    for entry in rows.sorted(by: { ($0.hash, $0.row) < ($1.hash, $1.row) }) {
      let weight = weights?[entry.row] ?? 1
      if entry.hash == last {
        out[out.count - 1].weight += weight
      } else {
        if out.count == limit { break }
        out.append((entry.row, weight))
        last = entry.hash
      }
    }
    return out
  }

  /// Squared distances of row `center` to all rows.
  func squaredDistances(to center: Int) -> [Double] {
    let (stride, width) = (rows.stride, rows.width)
    let values = rows.values.span
    var out = [Double](repeating: 0, count: count)
    for row in 0..<count {
      var sum = 0.0
      for d in 0..<width {
        let gap = values[row * stride + d] - values[center * stride + d]
        sum += gap * gap
      }
      out[row] = sum
    }
    return out
  }

  /// Starting centers far from each other, row-major: greedy k-means++, the best of a few draws each time.
  ///
  /// - Source: Arthur and Vassilvitskii, *k-means++: the advantages of careful seeding*, SODA 2007.
  func seeds(_ centerCount: Int, _ random: inout RandomStream) -> [Double] {
    let weights = rows.weights ?? []
    var chosen = [draw(weights, random.uniform())]
    var nearest = squaredDistances(to: chosen[0])
    let trials = 2 + Int(Mathematics.log(Double(centerCount)))
    while chosen.count < min(centerCount, count) {
      let shares = zip(weights, nearest).map { $0 * $1 }
      var best: (sum: Double, row: Int, distances: [Double])?
      for _ in 0..<trials {
        let row = draw(shares, random.uniform())
        let distances = zip(squaredDistances(to: row), nearest).map { min($0, $1) }
        let sum = zip(weights, distances).reduce(0) { $0 + $1.0 * $1.1 }
        if sum < best?.sum ?? .infinity { best = (sum, row, distances) }
      }
      guard let best else { break }
      chosen.append(best.row)
      nearest = best.distances
    }
    return chosen.flatMap { rows.values[($0 * rows.stride)..<(($0 + 1) * rows.stride)] }
  }

  /// The row where the running sum of `shares` passes `fraction` of the whole.
  private func draw(_ shares: [Double], _ fraction: Double) -> Int {
    let target = fraction * shares.reduce(0, +)
    var sum = 0.0
    var last = 0
    for row in shares.indices where shares[row] > 0 {
      sum += shares[row]
      last = row
      if sum > target { return row }
    }
    return last
  }
}
