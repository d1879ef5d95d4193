import Basics
import Kernels
import Modeling

/// Looks for good starting centers, and for the number of clusters, on a sample of differing rows.
struct ClusterSearch {
  let settings: KMeans
  let sample: DistinctRows
  let context: FitContext

  /// Starting centers, and what spoke for their number.
  struct Choice {
    var centers: [Double]
    var evidence: [ClusterCountEvidence]
  }

  /// Reference tables of the gap statistic.
  private static let referenceCount = 10

  /// Centers for the number asked for, or for the best number.
  ///
  /// - Throws: `.invalidData` when there are fewer differing rows than clusters.
  func chosen(owner: String) throws -> Choice {
    guard settings.clusterCount == 0 else {
      guard settings.clusterCount <= sample.count else {
        throw MLError(
          .invalidData,
          "\(owner): 'cluster_count' must not exceed the number of rows that differ (\(sample.count)); got "
            + "\(settings.clusterCount).", hint: "Set it to 0 to have the number chosen.", field: "cluster_count")
      }
      return Choice(centers: try best(settings.clusterCount, sample, starts: settings.starts).centers, evidence: [])
    }
    let few = DistinctRows(prefix: Silhouettes.limit, of: sample)
    let silhouettes = Silhouettes(few)
    let most = min(settings.maximumClusterCount, sample.count - 1)
    var best: (silhouette: Double, centers: [Double]) = (-.infinity, [])
    var evidence: [ClusterCountEvidence] = []
    let references = references(few)
    for count in 1...max(1, most) {
      try context.checkCancellation()
      let result = try self.best(count, sample, starts: count == 1 ? 1 : settings.starts)
      let labels = lloyd(few).labels(result.centers, count)
      let silhouette = count > 1 ? silhouettes.mean(labels, clusterCount: count) : nil
      let gap = try gap(count, spread: result.inertia / sample.totalWeight, references)
      evidence.append(ClusterCountEvidence(clusterCount: count, silhouette: silhouette, gap: gap))
      if best.centers.isEmpty || silhouette ?? -.infinity > best.silhouette {
        best = (silhouette ?? -.infinity, result.centers)
      }
    }
    return Choice(centers: best.centers, evidence: evidence)
  }

  /// Mean silhouette of centers on the sample.
  func silhouette(of centers: [Double]) throws -> Double? {
    let few = DistinctRows(prefix: Silhouettes.limit, of: sample)
    let count = centers.count / few.rows.stride
    guard count > 1 else { return nil }
    return Silhouettes(few).mean(lloyd(few).labels(centers, count), clusterCount: count)
  }

  private func lloyd(_ rows: DistinctRows) -> Lloyd {
    Lloyd(
      rows.rows, workers: .serial, maximumIterations: min(100, settings.maximumIterations),
      relativeTolerance: settings.tolerance)
  }

  /// The best of several runs; runs go in parallel, the choice does not depend on it.
  private func best(_ count: Int, _ rows: DistinctRows, starts: Int) throws -> Lloyd.Result {
    let lloyd = lloyd(rows)
    let seed = context.seed.derived("k-means").derived(count)
    let runs = try context.workers.map(starts) { start in
      var random = seed.derived(start).generator
      return try lloyd.run(from: rows.seeds(count, &random)) { _, _ in try context.checkCancellation() }
    }
    var best = runs[0]
    for run in runs.dropFirst() where run.inertia < best.inertia * (1 - 1e-12) { best = run }
    return best
  }

  /// Tables of as many rows, evenly spread over the box of the sample.
  private func references(_ few: DistinctRows) -> [DistinctRows] {
    let rows = few.rows
    var low = [Double](repeating: .infinity, count: rows.width)
    var high = [Double](repeating: -.infinity, count: rows.width)
    for row in 0..<rows.rowCount {
      for d in 0..<rows.width {
        low[d] = min(low[d], rows.values[row * rows.stride + d])
        high[d] = max(high[d], rows.values[row * rows.stride + d])
      }
    }
    let seed = context.seed.derived("gap")
    return (0..<Self.referenceCount).map { reference in
      var random = seed.derived(reference).generator
      var values = [Double](repeating: 0, count: rows.values.count)
      for row in 0..<rows.rowCount {
        for d in 0..<rows.width {
          values[row * rows.stride + d] = low[d] + (high[d] - low[d]) * random.uniform()
        }
      }
      let even = ClusterRows(values, rowCount: rows.rowCount, width: rows.width)
      return DistinctRows(even, hashes: (0..<rows.rowCount).map { UInt64($0) }, limit: rows.rowCount)
    }
  }

  private func gap(_ count: Int, spread: Double, _ references: [DistinctRows]) throws -> Double? {
    let spreads = try context.workers.map(references.count) { reference in
      let rows = references[reference]
      var random = context.seed.derived("gap").derived(count).derived(reference).generator
      let result = try lloyd(rows).run(from: rows.seeds(count, &random)) { _, _ in try context.checkCancellation() }
      return result.inertia / rows.totalWeight
    }
    guard spread > 0, spreads.allSatisfy({ $0 > 0 }) else { return nil }
    return spreads.reduce(0) { $0 + Mathematics.log($1) } / Double(spreads.count) - Mathematics.log(spread)
  }
}

/// Refines centers with random batches of rows.
///
/// - Source: Sculley, *Web-scale k-means clustering*, WWW 2010.
struct BatchedMeans {
  private let rows: ClusterRows
  private let batchSize: Int
  private let settings: KMeans

  init(_ rows: ClusterRows, batchSize: Int, settings: KMeans) {
    self.rows = rows
    self.batchSize = batchSize
    self.settings = settings
  }

  /// Ends after ten batches without a better smoothed objective, or `maximum_iterations` batches.
  func run(from start: [Double], _ context: FitContext) throws -> Lloyd.Result {
    let stride = rows.stride
    let count = start.count / stride
    var centers = start
    var seen = [Double](repeating: 0, count: count)
    var random = context.seed.derived("batches").generator
    var (smoothed, best, waited, iteration) = (Double.nan, Double.infinity, 0, 0)
    while iteration < settings.maximumIterations, waited < 10 {
      iteration += 1
      try context.checkCancellation()
      let batch = batch(&random)
      var labels = [Int32](repeating: 0, count: batchSize)
      var span = labels.mutableSpan
      let packed = PackedCenters(centers, count: count, width: rows.width, stride: stride)
      let pass = batch.assign(0..<batchSize, to: packed, labels: &span)
      for k in 0..<count where pass.masses[k] > 0 {
        seen[k] += pass.masses[k]
        let step = 1 / seen[k]
        for d in (k * stride)..<((k + 1) * stride) {
          centers[d] += step * (pass.sums[d] - pass.masses[k] * centers[d])
        }
      }
      let lengths = batch.values.reduce(0) { $0 + $1 * $1 }
      let objective = lengths + pass.score
      smoothed = smoothed.isNaN ? objective : smoothed + 0.1 * (objective - smoothed)
      waited = smoothed < best ? 0 : waited + 1
      best = min(best, smoothed)
      context.progress(FitProgress(iteration: iteration, iterationCount: settings.maximumIterations))
    }
    let last = Lloyd(rows, workers: context.workers, maximumIterations: 1, relativeTolerance: 0)
    var result = try last.run(from: centers) { _, _ in try context.checkCancellation() }
    result.iterationCount = iteration
    return result
  }

  private func batch(_ random: inout RandomStream) -> ClusterRows {
    var values: [Double] = []
    values.reserveCapacity(batchSize * rows.stride)
    var weights: [Double] = []
    for _ in 0..<batchSize {
      let row = random.index(below: rows.rowCount)
      values.append(contentsOf: rows.values[(row * rows.stride)..<((row + 1) * rows.stride)])
      if let given = rows.weights { weights.append(given[row]) }
    }
    return ClusterRows(
      values, rowCount: batchSize, width: rows.width, weights: rows.weights == nil ? nil : weights)
  }
}
