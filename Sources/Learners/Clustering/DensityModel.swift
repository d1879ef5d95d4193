public import Basics
public import Frames
public import Modeling
import Kernels

/// Clusters of dense rows; a row belongs with the nearest training row of a cluster, if that is near enough, else it is
/// noise.
///
/// Without core distances (DBSCAN) nearness is the distance to core rows. With them (HDBSCAN) it is mutual
/// reachability: the largest of the distance and the two core distances; noise rows of training count as nearest too,
/// and make noise.
public struct DensityModel: ClusteringModel {
  let owner: String
  let scale: RowScale
  /// Rows that stand for clusters (or noise), row-major.
  let rows: [Double]
  /// Cluster of each of them; −1 is noise.
  let labels: [Int32]
  /// How far from each another row may be to belong with it.
  let reach: [Double]
  /// Core distances of HDBSCAN; empty for DBSCAN.
  let cores: [Double]
  let minimumRows: Int
  /// Sum of weights of the training rows of each cluster, noise first.
  package let masses: [Double]
  /// Mean silhouette on at most 2,000 training rows, noise left out; `nil` for fewer than two clusters.
  package let silhouette: Double?
  private let index: NeighbourIndex?

  /// The columns it needs.
  public var schema: Schema { scale.schema }
  /// `noise`, then `1`, `2`, … from the heaviest down.
  public var clusterNames: [String] { ["noise"] + masses.dropFirst().indices.map { String($0) } }

  /// - Parameter labels: −1 for rows that stand for nothing (DBSCAN) or for noise (HDBSCAN).
  init(
    owner: String, scale: RowScale, rows: [Double], labels: [Int32], reach: [Double], cores: [Double],
    minimumRows: Int, weights: [Double]?
  ) {
    let width = scale.width
    let kept = cores.isEmpty ? labels.indices.filter { labels[$0] >= 0 } : Array(labels.indices)
    let plain = Self(
      owner: owner, scale: scale, rows: kept.flatMap { rows[($0 * width)..<(($0 + 1) * width)] },
      labels: kept.map { labels[$0] }, reach: kept.map { reach[$0] }, cores: kept.isEmpty ? [] : cores,
      minimumRows: minimumRows, masses: [], silhouette: nil)
    let assigned = plain.assigned(rows, rowCount: labels.count)
    let clusterCount = Int(labels.max() ?? -1) + 1
    var masses = [Double](repeating: 0, count: clusterCount + 1)
    for row in assigned.indices { masses[Int(assigned[row]) + 1] += weights?[row] ?? 1 }
    let order = (0..<clusterCount).sorted { (-masses[$0 + 1], $0) < (-masses[$1 + 1], $1) }
    var rank = [Int32](repeating: 0, count: clusterCount)
    for (place, k) in order.enumerated() { rank[k] = Int32(place) }
    let ranked = assigned.map { $0 < 0 ? -1 : rank[Int($0)] }
    self.init(
      owner: owner, scale: scale, rows: plain.rows, labels: plain.labels.map { $0 < 0 ? -1 : rank[Int($0)] },
      reach: plain.reach, cores: plain.cores, minimumRows: minimumRows,
      masses: [masses[0]] + order.map { masses[$0 + 1] },
      silhouette: Self.silhouette(rows, ranked, width, weights, clusterCount))
  }

  private init(
    owner: String, scale: RowScale, rows: [Double], labels: [Int32], reach: [Double], cores: [Double],
    minimumRows: Int, masses: [Double], silhouette: Double?
  ) {
    self.owner = owner
    self.scale = scale
    self.rows = rows
    self.labels = labels
    self.reach = reach
    self.cores = cores
    self.minimumRows = minimumRows
    self.masses = masses
    self.silhouette = silhouette
    index =
      labels.isEmpty ? nil : NeighbourIndex(rows, rowCount: labels.count, width: scale.width, metric: .squared)
  }

  private static func silhouette(
    _ rows: [Double], _ labels: [Int32], _ width: Int, _ weights: [Double]?, _ clusterCount: Int
  ) -> Double? {
    let stride = ClusterRows.stride(for: width)
    var hashes: [UInt64] = []
    var padded = [Double](repeating: 0, count: labels.count * stride)
    for row in labels.indices {
      var hash: UInt64 = 0
      for d in 0..<width {
        padded[row * stride + d] = rows[row * width + d]
        hash = StableHash.combine(hash, StableHash.hash(rows[row * width + d]))
      }
      hashes.append(hash)
    }
    let all = ClusterRows(padded, rowCount: labels.count, width: width, weights: weights)
    let sample = DistinctRows(all, hashes: hashes, limit: Silhouettes.limit)
    var byHash: [UInt64: Int32] = [:]
    for row in labels.indices { byHash[hashes[row]] = labels[row] }
    let chosen = Set(hashes).sorted().prefix(sample.count).map { byHash[$0] ?? -1 }
    return Silhouettes(sample).mean(chosen, clusterCount: clusterCount)
  }

  /// Probability 1 for one cluster, or for noise.
  public func predict(_ frame: Frame) throws -> Predictions {
    let queries = try scale.rows(of: frame, owner: owner)
    return Predictions(hard: assigned(queries, rowCount: frame.rowCount).map { $0 + 1 }, names: clusterNames)
  }

  /// Cluster of each row on the scale of the model; −1 for noise.
  private func assigned(_ queries: [Double], rowCount: Int) -> [Int32] {
    guard let index else { return [Int32](repeating: -1, count: rowCount) }
    return cores.isEmpty
      ? nearestLabels(queries, rowCount, index) : reachableLabels(queries, rowCount, index)
  }

  private func nearestLabels(_ queries: [Double], _ rowCount: Int, _ index: NeighbourIndex) -> [Int32] {
    stride(from: 0, to: rowCount, by: 64).flatMap { start in
      let part = queries.span.extracting((start * scale.width)..<(min(start + 64, rowCount) * scale.width))
      let found = index.nearest(queries: part, count: 1)
      return zip(found.rows, found.distances).map { row, distance in
        distance <= reach[Int(row)] * reach[Int(row)] ? labels[Int(row)] : -1
      }
    }
  }

  /// Nearest by mutual reachability: candidates by distance, until the distance alone exceeds the best.
  private func reachableLabels(_ queries: [Double], _ rowCount: Int, _ index: NeighbourIndex) -> [Int32] {
    let width = scale.width
    return (0..<rowCount).map { query in
      let part = queries.span.extracting((query * width)..<((query + 1) * width))
      var count = min(max(2 * minimumRows, 16), index.rowCount)
      while true {
        let found = index.nearest(queries: part, count: count)
        let core = found.distances[min(minimumRows, count) - 1].squareRoot()
        var best = (reach: Double.infinity, distance: Double.infinity, row: 0)
        for place in 0..<count {
          let (row, distance) = (Int(found.rows[place]), found.distances[place].squareRoot())
          let mutual = max(distance, core, cores[row])
          if mutual < best.reach { best = (mutual, distance, row) }
        }
        let isSure = count == index.rowCount || found.distances[count - 1].squareRoot() > best.reach
        if isSure { return labels[best.row] >= 0 && best.reach <= reach[best.row] ? labels[best.row] : -1 }
        count = min(4 * count, index.rowCount)
      }
    }
  }
}

extension DensityModel {
  /// Adds scale, rows, their clusters and measures.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("owner", .string(owner))
    archive.set("minimum_rows", .integer(Int64(minimumRows)))
    archive.set("silhouette", silhouette.map { .number($0) } ?? .null)
    try scale.write(to: &archive)
    archive.add("rows", doubles: rows)
    archive.add("labels", int32s: labels)
    archive.add("reach", doubles: reach)
    archive.add("cores", doubles: cores)
    archive.add("masses", doubles: masses)
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    let scale = try RowScale(from: archive)
    let labels = try archive.int32s("labels")
    let rows = try archive.finiteDoubles("rows", count: labels.count * scale.width)
    let reach = try archive.finiteDoubles("reach", count: labels.count)
    let cores = try archive.doubles("cores")
    let masses = try archive.doubles("masses")
    let minimumRows = try archive.integer("minimum_rows")
    guard !masses.isEmpty, masses.allSatisfy({ $0.isFinite && $0 >= 0 }), cores.isEmpty || cores.count == labels.count,
      cores.allSatisfy({ $0 >= 0 && $0.isFinite }), rows.allSatisfy({ abs($0) <= RowScale.limit }),
      (1...100_000).contains(minimumRows), labels.allSatisfy({ $0 >= -1 && Int($0) < masses.count - 1 })
    else { throw archive.corrupt("holds clusters whose parts do not fit together") }
    self.init(
      owner: try archive.string("owner"), scale: scale, rows: rows, labels: labels, reach: reach, cores: cores,
      minimumRows: minimumRows, masses: masses, silhouette: try archive.value("silhouette").doubleValue)
  }
}
