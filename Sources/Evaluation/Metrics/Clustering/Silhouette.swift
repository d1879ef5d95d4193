public import Basics

/// How much nearer a row is to its own cluster than to the next one, averaged over rows.
///
/// For a row with mean distance `a` to the others of its cluster and least mean distance `b` to those of another:
/// `(b − a) / max(a, b)`; 0 for a row alone in its cluster. Beyond `maximumRowCount` rows the rows with the lowest
/// hashes of their content serve.
///
/// - Units: `-1 ... 1`; above 0.5 clusters stand apart, near 0 they overlap.
/// - Missing: `nil` for fewer than two clusters.
/// - Complexity: O(n²) for the rows that serve.
public struct Silhouette: ClusteringMetric {
  /// What it is.
  public static let card = Card(
    name: "silhouette", summary: "How much nearer rows are to their own cluster than to the next one.",
    tasks: [.clustering], source: "Rousseeuw, Silhouettes, J. Comput. Appl. Math. 20, 1987")
  /// More is better.
  public static let higherIsBetter = true
  /// Rows that serve at most.
  public let maximumRowCount: Int
  /// 5,000 rows at most.
  public init() { maximumRowCount = 5000 }
  /// `maximumRowCount` rows at most.
  public init(maximumRowCount: Int) { self.maximumRowCount = maximumRowCount }

  /// The weighted mean over rows.
  public func value(_ rows: ClusteredRows) -> Double? {
    let chosen = sampled(rows)
    let (members, codes, count) = chosen.members()
    guard count >= 2 else { return nil }
    var totals = [Double](repeating: 0, count: count)
    for (place, row) in members.enumerated() { totals[codes[place]] += chosen.weights[row] }
    var (sum, weight) = (0.0, 0.0)
    for (place, row) in members.enumerated() {
      var distances = [Double](repeating: 0, count: count)
      for (other, next) in members.enumerated() where next != row {
        distances[codes[other]] += chosen.weights[next] * chosen.squaredDistance(row, chosen.points, next).squareRoot()
      }
      let own = codes[place]
      weight += chosen.weights[row]
      guard totals[own] > 1 else { continue }
      let inside = distances[own] / (totals[own] - 1)
      let outside = (0..<count).filter { $0 != own }.map { distances[$0] / totals[$0] }.min() ?? 0
      let larger = max(inside, outside)
      if larger > 0 { sum += chosen.weights[row] * (outside - inside) / larger }
    }
    return weight > 0 ? sum / weight : nil
  }

  private func sampled(_ rows: ClusteredRows) -> ClusteredRows {
    guard rows.clusters.count > maximumRowCount else { return rows }
    let content = rows.clusters.indices.map { row in
      (0..<rows.width).reduce(UInt64(1)) { StableHash.combine($0, StableHash.hash(rows.points[row * rows.width + $1])) }
    }
    let keys = RowIdentity.distinct(content, target: nil, rowCount: content.count)
    let kept = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(maximumRowCount)
    let points = kept.flatMap { rows.points[($0 * rows.width)..<(($0 + 1) * rows.width)] }
    let part = try? ClusteredRows(
      points: points, width: rows.width, clusters: kept.map { rows.clusters[$0] },
      weights: kept.map { rows.weights[$0] })
    return part ?? rows
  }
}
