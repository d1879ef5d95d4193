public import Basics
public import Modeling
import Frames
import Kernels

/// Splits rows into groups around centers, each row with its nearest center.
///
/// Columns are standardised inside unless told otherwise. Starting centers are drawn by greedy k-means++ from at most
/// 20,000 differing rows, chosen and ordered by a hash of their cells, so that row order does not matter; the best of
/// `starts` runs on those rows goes on with all rows. `cluster_count` 0 tries 2 to `maximum_cluster_count` and takes
/// the largest mean silhouette (on at most 2,000 rows); the gap statistic of each is kept with the model. Clusters
/// are named `1`, `2`, … from the heaviest down. `batch_size` above 0 refines with random batches in place of whole
/// passes.
///
/// - Source: Lloyd 1982; Arthur and Vassilvitskii 2007; Rousseeuw 1987; Tibshirani, Walther and Hastie, *Estimating the
///   number of clusters in a data set via the gap statistic*, 2001; Sculley, *Web-scale k-means clustering*, 2010.
public struct KMeans: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "k-means", summary: "Groups rows around centers; fast on large tables of numbers.", tasks: [.clustering],
    capabilities: [.weights],
    hyperparameters: [
      .init(
        "cluster_count", "Clusters; 0: chosen by silhouette.", .integer(0...10_000, logarithmic: false),
        search: .integer(2...20, logarithmic: true)),
      .init(
        "maximum_cluster_count", "Most clusters tried where the number is chosen.", .integer(2...100, logarithmic: true)
      ),
      .init(
        "starts", "Runs from other starting centers, the best of which counts.", .integer(1...1000, logarithmic: true)),
      .init("maximum_iterations", "Passes at most.", .integer(1...100_000, logarithmic: true)),
      .init(
        "tolerance", "Ends when centers move less, as a share of the mean variance.",
        .real(0...1, logarithmic: false)),
      .init("batch_size", "Rows of a random batch; 0: all rows.", .integer(0...10_000_000, logarithmic: false)),
      .init("standardise", "Whether columns are put on one scale first.", .boolean),
    ], source: "Lloyd 1982; scikit-learn KMeans, MiniBatchKMeans")

  /// Clusters; 0: chosen by silhouette.
  public var clusterCount = 0
  /// Most clusters tried where the number is chosen.
  public var maximumClusterCount = 10
  /// Runs from other starting centers.
  public var starts = 10
  /// Passes at most.
  public var maximumIterations = 300
  /// Ends when centers move less, as a share of the mean variance.
  public var tolerance = 1e-4
  /// Rows of a random batch; 0: all rows.
  public var batchSize = 0
  /// Whether columns are put on one scale first.
  public var standardise = true

  enum CodingKeys: String, CodingKey {
    case starts, tolerance, standardise
    case clusterCount = "cluster_count"
    case maximumClusterCount = "maximum_cluster_count"
    case maximumIterations = "maximum_iterations"
    case batchSize = "batch_size"
  }

  /// Chooses the number of clusters by itself.
  public init() {}

  /// Finds the clusters.
  ///
  /// - Throws: `.invalidData` for no rows, fewer differing rows than clusters, missing or infinite cells;
  ///   `.schemaMismatch` for categories, texts, vectors.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> CentroidModel {
    try fit(data, from: nil, in: context)
  }

  /// Finds the clusters from given starting centers, in units of the columns; `nil`: drawn.
  ///
  /// - Throws: as `fit`; `.shapeMismatch` when a center is not as wide as the table.
  package func fit(_ data: TrainingData, from start: [[Double]]?, in context: FitContext) throws -> CentroidModel {
    try context.checkCancellation()
    let owner = Self.card.name
    let data = try data.withoutWeightlessRows()
    let scale = try RowScale(
      data.frame, weights: data.weights, scaling: .init(standardise: standardise), owner: owner,
      workers: context.workers)
    let width = scale.width
    let values = try scale.rows(
      of: data.frame, owner: owner, stride: ClusterRows.stride(for: width), workers: context.workers)
    let rows = ClusterRows(values, rowCount: data.frame.rowCount, width: width, weights: data.weights)
    let hashes = try RowScale.hashes(data.frame, owner: owner, workers: context.workers)
    let sample = DistinctRows(rows, hashes: hashes, limit: max(20_000, 20 * clusterCount))
    try context.checkCancellation()
    let search = ClusterSearch(settings: self, sample: sample, context: context)
    let chosen: ClusterSearch.Choice
    if let start {
      guard start.allSatisfy({ $0.count == width }), !start.isEmpty else {
        throw MLError(.shapeMismatch, "\(owner): starting centers must have \(width) numbers each.")
      }
      chosen = .init(centers: start.flatMap { scale.packed($0, stride: rows.stride) }, evidence: [])
    } else {
      chosen = try search.chosen(owner: owner)
    }
    let result = try refined(rows, chosen.centers, context)
    return CentroidModel(
      scale: scale, result: result, stride: rows.stride,
      silhouette: try search.silhouette(of: result.centers), evidence: chosen.evidence)
  }

  private func refined(_ rows: ClusterRows, _ start: [Double], _ context: FitContext) throws -> Lloyd.Result {
    if batchSize > 0, batchSize < rows.rowCount {
      return try BatchedMeans(rows, batchSize: batchSize, settings: self).run(from: start, context)
    }
    let lloyd = Lloyd(
      rows, workers: context.workers, maximumIterations: maximumIterations, relativeTolerance: tolerance)
    return try lloyd.run(from: start) { iteration, inertia in
      try context.checkCancellation()
      context.progress(
        FitProgress(iteration: iteration, iterationCount: maximumIterations, trainingObjective: inertia))
    }
  }
}

extension RowScale {
  /// One row on the scale, zeros past the last column.
  func packed(_ row: [Double], stride: Int) -> [Double] {
    var out = [Double](repeating: 0, count: stride)
    for d in row.indices { out[d] = (row[d] - centers[d]) * factors[d] }
    return out
  }
}
