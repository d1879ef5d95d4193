import Basics
import Kernels

/// How well a number of clusters suits some rows.
package struct ClusterCountEvidence: Sendable, Hashable, Codable {
  /// Number of clusters.
  package var clusterCount: Int
  /// Mean silhouette, −1…1: how much nearer rows are to their own cluster than to the next; `nil` for one cluster.
  package var silhouette: Double?
  /// Gap statistic: how far the spread lies below that of evenly spread rows, in logarithms; `nil` where not asked for.
  package var gap: Double?
  /// Bayesian information criterion, lower is better; mixtures only.
  package var bic: Double?

  enum CodingKeys: String, CodingKey {
    case silhouette, gap, bic
    case clusterCount = "cluster_count"
  }
}

/// Distances between all pairs of a few rows, for silhouettes.
struct Silhouettes: Sendable {
  private let distances: [Double]
  private let padded: Int
  private let weights: [Double]
  private let count: Int

  /// Rows at most; of larger tables that many rows are looked at, chosen by hash of their cells.
  static let limit = 2000

  /// Measures Euclidean distances between all pairs.
  init(_ sample: DistinctRows) {
    let rows = sample.rows
    let tiles = RowTiles(rows.values, rowCount: rows.rowCount, width: rows.width, stride: rows.stride)
    var queries: [Double] = []
    queries.reserveCapacity(rows.rowCount * rows.width)
    for row in 0..<rows.rowCount {
      queries.append(contentsOf: rows.values[(row * rows.stride)..<(row * rows.stride + rows.width)])
    }
    var out = [Double](repeating: 0, count: rows.rowCount * tiles.paddedCount)
    var span = out.mutableSpan
    tiles.distances(.squared, queries: queries.span, into: &span)
    for place in out.indices { out[place] = out[place].squareRoot() }
    distances = out
    padded = tiles.paddedCount
    weights = rows.weights ?? [Double](repeating: 1, count: rows.rowCount)
    count = rows.rowCount
  }

  /// Mean silhouette of `labels`, weighted; rows with a negative label are left out. `nil` for fewer than two clusters.
  ///
  /// - Source: Rousseeuw, *Silhouettes*, 1987. A row alone in its cluster counts 0.
  func mean(_ labels: [Int32], clusterCount: Int) -> Double? {
    var masses = [Double](repeating: 0, count: clusterCount)
    for row in 0..<count where labels[row] >= 0 { masses[Int(labels[row])] += weights[row] }
    guard masses.count(where: { $0 > 0 }) >= 2 else { return nil }
    var (sum, total) = (0.0, 0.0)
    var byCluster = [Double](repeating: 0, count: clusterCount)
    let span = distances.span
    for row in 0..<count where labels[row] >= 0 {
      for k in byCluster.indices { byCluster[k] = 0 }
      for other in 0..<count where labels[other] >= 0 {
        byCluster[Int(labels[other])] += weights[other] * span[row * padded + other]
      }
      let own = Int(labels[row])
      total += weights[row]
      guard masses[own] > 1 else { continue }
      let near = byCluster[own] / (masses[own] - 1)
      var next = Double.infinity
      for k in masses.indices where k != own && masses[k] > 0 { next = min(next, byCluster[k] / masses[k]) }
      let larger = max(near, next)
      if larger > 0 { sum += weights[row] * (next - near) / larger }
    }
    return total > 0 ? sum / total : nil
  }
}
