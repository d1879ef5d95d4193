public import Basics
public import Frames
public import Modeling
import Kernels

/// Clusters around centers; each row belongs to the nearest, ties to the heavier.
public struct CentroidModel: ClusteringModel {
  let scale: RowScale
  /// `[cluster][column]` on the scale of the model, heaviest first.
  let scaledCenters: [[Double]]
  /// Sum of weights of the training rows of each cluster.
  package let masses: [Double]
  /// Weighted sum of squared distances of training rows to their centers, in standardised units if so set.
  package let inertia: Double
  /// Mean silhouette on at most 2,000 training rows; `nil` for one cluster.
  package let silhouette: Double?
  /// What spoke for the number of clusters; empty when it was given.
  package let evidence: [ClusterCountEvidence]
  /// Passes of the last run.
  package let passCount: Int
  private let packed: PackedCenters

  /// The columns it needs.
  public var schema: Schema { scale.schema }
  /// `1`, `2`, … from the heaviest down.
  public var clusterNames: [String] { scaledCenters.indices.map { String($0 + 1) } }
  /// Centers in units of the columns, `[cluster][column]`; a constant column keeps its value.
  package var centers: [[Double]] {
    scaledCenters.map { center in
      center.indices.map { scale.centers[$0] + (scale.factors[$0] > 0 ? center[$0] / scale.factors[$0] : 0) }
    }
  }

  init(
    scale: RowScale, result: Lloyd.Result, stride: Int, silhouette: Double?, evidence: [ClusterCountEvidence]
  ) {
    let all = result.masses.indices.map { k in Array(result.centers[(k * stride)..<(k * stride + scale.width)]) }
    let order = all.indices.filter { result.masses[$0] > 0 }.sorted { a, b in
      if result.masses[a] != result.masses[b] { return result.masses[a] > result.masses[b] }
      return all[a].lexicographicallyPrecedes(all[b])
    }
    self.init(
      scale: scale, scaledCenters: order.map { all[$0] }, masses: order.map { result.masses[$0] },
      inertia: result.inertia, silhouette: silhouette, evidence: evidence, passCount: result.iterationCount)
  }

  private init(
    scale: RowScale, scaledCenters: [[Double]], masses: [Double], inertia: Double, silhouette: Double?,
    evidence: [ClusterCountEvidence], passCount: Int
  ) {
    self.scale = scale
    self.scaledCenters = scaledCenters
    self.masses = masses
    self.inertia = inertia
    self.silhouette = silhouette
    self.evidence = evidence
    self.passCount = passCount
    packed = PackedCenters(
      scaledCenters.flatMap { $0 }, count: scaledCenters.count, width: scale.width, stride: scale.width)
  }

  /// Probability 1 for the nearest cluster.
  public func predict(_ frame: Frame) throws -> Predictions {
    let width = scale.width
    let values = try scale.rows(of: frame, owner: KMeans.card.name, stride: ClusterRows.stride(for: width))
    let rows = ClusterRows(values, rowCount: frame.rowCount, width: width)
    var labels = [Int32](repeating: 0, count: frame.rowCount)
    var span = labels.mutableSpan
    rows.label(0..<frame.rowCount, by: packed, into: &span)
    return Predictions(hard: labels, names: clusterNames)
  }
}

extension Predictions {
  /// Probability 1 for one cluster a row.
  init(hard labels: [Int32], names: [String]) {
    var out = [Double](repeating: 0, count: labels.count * names.count)
    for row in labels.indices { out[row * names.count + Int(labels[row])] = 1 }
    self.init(.probabilities(out, classes: names))
  }
}

extension CentroidModel {
  /// Adds scale, centers, weights and measures.
  public func write(to archive: inout ArchiveWriter) throws {
    try scale.write(to: &archive)
    archive.add("centers", doubles: scaledCenters.flatMap { $0 })
    archive.add("masses", doubles: masses)
    archive.set("inertia", .number(inertia))
    archive.set("silhouette", silhouette.map { .number($0) } ?? .null)
    archive.set("evidence", try Configuration.encode(evidence))
    archive.set("pass_count", .integer(Int64(passCount)))
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    let scale = try RowScale(from: archive)
    let masses = try archive.doubles("masses")
    guard !masses.isEmpty, masses.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw archive.corrupt("holds no clusters")
    }
    let flat = try archive.finiteDoubles("centers", count: masses.count * scale.width)
    guard flat.allSatisfy({ abs($0) <= RowScale.limit }) else { throw archive.corrupt("holds centers out of range") }
    self.init(
      scale: scale,
      scaledCenters: masses.indices.map { Array(flat[($0 * scale.width)..<(($0 + 1) * scale.width)]) },
      masses: masses, inertia: try archive.double("inertia"),
      silhouette: try archive.value("silhouette").doubleValue,
      evidence: try Configuration.decode([ClusterCountEvidence].self, from: archive.value("evidence")),
      passCount: try archive.integer("pass_count"))
  }
}
