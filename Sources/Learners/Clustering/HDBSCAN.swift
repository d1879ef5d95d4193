public import Basics
public import Modeling
import Frames
import Kernels

/// Clusters of dense rows at whatever density each has; the rest is noise.
///
/// Exact: the minimum spanning tree of mutual reachability distances, condensed to clusters of at least
/// `minimum_cluster_size` rows, of which those of the greatest stability stay. A row to predict belongs with the
/// training row nearest by mutual reachability, unless that is noise or farther than the density at which its cluster
/// appeared (as `approximate_predict` of McInnes). Columns are standardised inside unless told otherwise. At most
/// 50,000 rows: the tree takes time that grows with their square.
///
/// - Source: Campello, Moulavi and Sander, *Density-based clustering based on hierarchical density estimates*, 2013;
///   agrees with scikit-learn HDBSCAN.
public struct HDBSCAN: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "hdbscan", summary: "Finds dense clusters of differing density without being told a distance or a number.",
    tasks: [.clustering],
    hyperparameters: [
      .init(
        "minimum_cluster_size", "Rows that make a cluster.", .integer(2...100_000, logarithmic: true),
        search: .integer(5...100, logarithmic: true)),
      .init(
        "minimum_rows", "Neighbours that density is measured by, itself included; 0: as minimum_cluster_size.",
        .integer(0...100_000, logarithmic: false)),
      .init("standardise", "Whether columns are put on one scale first.", .boolean),
    ], source: "Campello, Moulavi and Sander 2013; scikit-learn HDBSCAN", searchRowLimit: 5000)

  /// Rows that make a cluster.
  public var minimumClusterSize = 15
  /// Neighbours that density is measured by; 0: as `minimumClusterSize`.
  public var minimumRows = 0
  /// Whether columns are put on one scale first.
  public var standardise = true

  static let rowLimit = 50_000

  enum CodingKeys: String, CodingKey {
    case standardise
    case minimumClusterSize = "minimum_cluster_size"
    case minimumRows = "minimum_rows"
  }

  /// Clusters of 15 rows or more.
  public init() {}

  /// Finds the clusters.
  ///
  /// - Throws: `.invalidData` for no rows, too many rows, missing or infinite cells; `.schemaMismatch` for categories,
  ///   texts, vectors.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> DensityModel {
    try context.checkCancellation()
    let owner = Self.card.name
    let count = data.frame.rowCount
    guard count <= Self.rowLimit else {
      throw MLError(
        .invalidData, "\(owner): takes at most \(Self.rowLimit) rows; got \(count).",
        hint: "Use dbscan, or a random part of the rows.")
    }
    let scale = try RowScale(
      data.frame, weights: nil, scaling: standardise ? .standard : .none, owner: owner, workers: context.workers)
    let rows = try scale.rows(of: data.frame, owner: owner, workers: context.workers)
    let neighbours = min(minimumRows > 0 ? minimumRows : minimumClusterSize, count)
    let cores = try CoreDistances.find(
      rows, rowCount: count, width: scale.width, weights: nil, neighbours: neighbours, context)
    let edges = try Self.spanningTree(rows, count, scale.width, cores, context)
    let tree = CondensedTree(edges, rowCount: count, minimumSize: minimumClusterSize)
    let labels = tree.labels()
    let births = tree.birthDistances()
    return DensityModel(
      owner: owner, scale: scale, rows: rows, labels: labels,
      reach: labels.map { $0 >= 0 ? births[Int($0)] * (1 + 1e-12) : -1 }, cores: cores, minimumRows: neighbours,
      weights: nil)
  }

  /// Edges of the minimum spanning tree by mutual reachability, ascending.
  ///
  /// - Source: Prim 1957, over all pairs, distances computed as they are needed.
  static func spanningTree(
    _ rows: [Double], _ count: Int, _ width: Int, _ cores: [Double], _ context: FitContext
  ) throws -> [SpanningEdge] {
    let tiles = RowTiles(rows, rowCount: count, width: width)
    var distances = [Double](repeating: 0, count: tiles.paddedCount)
    var nearest = [Double](repeating: .infinity, count: count)
    var parent = [Int32](repeating: 0, count: count)
    var left = [Bool](repeating: true, count: count)
    var edges: [SpanningEdge] = []
    edges.reserveCapacity(max(0, count - 1))
    var current = 0
    left[0] = false
    for step in 1..<max(1, count) {
      if step % 64 == 1 { try context.checkCancellation() }
      var out = distances.mutableSpan
      tiles.distances(.squared, queries: rows.span.extracting((current * width)..<((current + 1) * width)), into: &out)
      var best = (distance: Double.infinity, row: -1)
      let core = cores[current]
      for row in 0..<count where left[row] {
        let mutual = max(distances[row].squareRoot(), core, cores[row])
        if mutual < nearest[row] {
          nearest[row] = mutual
          parent[row] = Int32(current)
        }
        if nearest[row] < best.distance || best.row < 0 { best = (nearest[row], row) }
      }
      edges.append(SpanningEdge(a: parent[best.row], b: Int32(best.row), length: best.distance))
      left[best.row] = false
      current = best.row
      if step % 1024 == 0 || step == count - 1 {
        context.progress(FitProgress(iteration: step, iterationCount: count - 1))
        try context.checkCancellation()
      }
    }
    return edges.enumerated().sorted { ($0.element.length, $0.offset) < ($1.element.length, $1.offset) }.map(\.element)
  }
}
