public import Basics
public import Modeling
import Frames
import Kernels

/// Clusters are stretches of dense rows; rows in thin places are noise.
///
/// A row is a core row when rows within `radius`, itself included, weigh `minimum_rows` or more; core rows within
/// reach of each other are one cluster. Other rows, those to predict too, belong to the cluster of the nearest core
/// row within `radius`, else they are noise. (scikit-learn gives such border rows to the cluster found first.)
/// Columns are standardised inside unless told otherwise. `radius` 0 takes the knee of the sorted distances to the
/// `minimum_rows`-th neighbour.
///
/// - Source: Ester, Kriegel, Sander and Xu, *A density-based algorithm for discovering clusters*, KDD 1996; knee by
///   Satopää et al., *Finding a "kneedle" in a haystack*, 2011.
public struct DBSCAN: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "dbscan", summary: "Finds dense clusters of any shape and sets thin rows apart as noise.",
    tasks: [.clustering], capabilities: [.weights],
    hyperparameters: [
      .init(
        "radius", "How far neighbours may be; 0: from the data.", .real(0...1e9, logarithmic: false),
        search: .real(0.05...3, logarithmic: true)),
      .init(
        "minimum_rows", "Neighbours that make a row a core, itself included.", .integer(1...100_000, logarithmic: true),
        search: .integer(3...50, logarithmic: true)),
      .init("standardise", "Whether columns are put on one scale first.", .boolean),
    ], source: "Ester et al. 1996; scikit-learn DBSCAN", searchRowLimit: 0)

  /// How far neighbours may be; 0: from the data.
  public var radius = 0.0
  /// Neighbours that make a row a core, itself included.
  public var minimumRows = 5
  /// Whether columns are put on one scale first.
  public var standardise = true

  enum CodingKeys: String, CodingKey {
    case radius, standardise
    case minimumRows = "minimum_rows"
  }

  /// Radius from the data, five rows.
  public init() {}

  /// Finds the clusters.
  ///
  /// - Throws: `.invalidData` for no rows, missing or infinite cells; `.schemaMismatch` for categories, texts, vectors.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> DensityModel {
    try context.checkCancellation()
    let owner = Self.card.name
    let data = try data.withoutWeightlessRows()
    let scale = try RowScale(
      data.frame, weights: data.weights, scaling: standardise ? .standard : .none, owner: owner,
      workers: context.workers)
    let rows = try scale.rows(of: data.frame, owner: owner, workers: context.workers)
    let count = data.frame.rowCount
    let reach = radius > 0 ? radius : try Self.knee(rows, count, scale.width, data.weights, minimumRows, context)
    let neighbours = RowTree(rows, rowCount: count, width: scale.width)
    let neighbourhood = Neighbourhood(rows: rows, width: scale.width, tree: neighbours, radius: reach)
    let isCore = try coreRows(neighbourhood, count, data.weights, context)
    let labels = try Self.components(neighbourhood, isCore, context)
    context.progress(FitProgress(iteration: 1, iterationCount: 1))
    return DensityModel(
      owner: owner, scale: scale, rows: rows, labels: labels, reach: labels.map { $0 >= 0 ? reach : -1 },
      cores: [], minimumRows: minimumRows, weights: data.weights)
  }

  private func coreRows(
    _ near: Neighbourhood, _ count: Int, _ weights: [Double]?, _ context: FitContext
  ) throws -> [Bool] {
    let blocks = Workers.blocks(count, minimum: 256)
    return try context.workers.map(blocks.count) { block in
      var found: [Int32] = []
      return try blocks[block].map { row in
        if row % 256 == 0 { try context.checkCancellation() }
        near.rows(of: row, into: &found)
        guard let weights else { return found.count >= minimumRows }
        return found.sorted().reduce(0) { $0 + weights[Int($1)] } >= Double(minimumRows) * (1 - 1e-12)
      }
    }.flatMap { $0 }
  }

  /// Cluster of each core row by connected components; −1 for others.
  private static func components(
    _ near: Neighbourhood, _ isCore: [Bool], _ context: FitContext
  ) throws -> [Int32] {
    var labels = [Int32](repeating: -1, count: isCore.count)
    var next: Int32 = 0
    var waiting: [Int] = []
    var found: [Int32] = []
    for start in isCore.indices where isCore[start] && labels[start] < 0 {
      try context.checkCancellation()
      labels[start] = next
      waiting.append(start)
      while let row = waiting.popLast() {
        near.rows(of: row, into: &found)
        for other in found where isCore[Int(other)] && labels[Int(other)] < 0 {
          labels[Int(other)] = next
          waiting.append(Int(other))
        }
      }
      next += 1
    }
    return labels
  }

  /// The distance where the sorted curve of distances to the `minimum`-th neighbour bends most.
  private static func knee(
    _ rows: [Double], _ count: Int, _ width: Int, _ weights: [Double]?, _ minimum: Int, _ context: FitContext
  ) throws -> Double {
    let curve = try CoreDistances.find(
      rows, rowCount: count, width: width, weights: weights, neighbours: minimum, context)
    let order = curve.indices.sorted { (curve[$0], $0) < (curve[$1], $1) }
    guard let first = order.first, let last = order.last, curve[last] > curve[first] else {
      return max(curve.max() ?? 0, 1e-9)
    }
    let (low, high) = (curve[first], curve[last])
    let total = weights?.reduce(0, +) ?? Double(count)
    var best = (gap: -Double.infinity, value: high)
    var passed = 0.0
    for row in order {
      passed += weights?[row] ?? 1
      let gap = (passed - 1) / max(total - 1, 1) - (curve[row] - low) / (high - low)
      if gap > best.gap { best = (gap, curve[row]) }
    }
    return max(best.value, 1e-9)
  }
}

/// Rows within a radius.
struct Neighbourhood: Sendable {
  let rows: [Double]
  let width: Int
  let tree: RowTree
  /// Euclidean.
  let radius: Double

  /// Rows no farther than the radius from `row`, itself included.
  func rows(of row: Int, into found: inout [Int32]) {
    tree.within(
      .squared, query: rows.span.extracting((row * width)..<((row + 1) * width)), radius: radius * radius, into: &found)
  }
}

/// Distances to the nearest rows that weigh enough.
enum CoreDistances {
  /// Distance of every row to the row at which the weights of the nearest, itself included, reach `neighbours`; the
  /// farthest row where all together do not.
  static func find(
    _ rows: [Double], rowCount: Int, width: Int, weights: [Double]?, neighbours: Int, _ context: FitContext
  ) throws -> [Double] {
    let index = NeighbourIndex(rows, rowCount: rowCount, width: width, metric: .squared)
    return try find(
      rows, queryCount: rowCount, index: index, weights: weights, neighbours: neighbours, workers: context.workers
    ) { try context.checkCancellation() }
  }

  /// The same for any rows.
  static func find(
    _ queries: [Double], queryCount: Int, index: NeighbourIndex, weights: [Double]?, neighbours: Int,
    workers: Workers, _ poll: @Sendable () throws -> Void
  ) throws -> [Double] {
    let blocks = (0..<((queryCount + 63) / 64)).map { ($0 * 64)..<min($0 * 64 + 64, queryCount) }
    return try workers.map(blocks.count) { block in
      try poll()
      let range = blocks[block]
      let part = queries.span.extracting((range.lowerBound * index.width)..<(range.upperBound * index.width))
      var count = min(neighbours, index.rowCount)
      var out = [Double](repeating: 0, count: range.count)
      while true {
        let found = index.nearest(queries: part, count: count)
        var isEnough = true
        for query in out.indices {
          var weight = 0.0
          for place in (query * count)..<((query + 1) * count) where weight < Double(neighbours) {
            weight += weights?[Int(found.rows[place])] ?? 1
            out[query] = found.distances[place].squareRoot()
          }
          isEnough = isEnough && weight >= Double(neighbours)
        }
        if isEnough || count == index.rowCount { return out }
        count = min(2 * count, index.rowCount)
      }
    }.flatMap { $0 }
  }
}
