public import Basics
public import Modeling
import Frames
import Kernels

/// Rows come from a few normal distributions; each belongs to each with a probability.
///
/// Starts from the clusters of k-means (drawn as there, independent of row order) and climbs by expectation
/// maximisation, `starts` times on at most 20,000 differing rows; the likeliest goes on with all rows.
/// `cluster_count` 0 tries 1 to `maximum_cluster_count` on those rows and takes the lowest BIC. Columns are
/// standardised inside unless told otherwise; `regularisation` is added to variances in those units. Clusters are
/// named `1`, `2`, … from the heaviest down.
///
/// - Source: Dempster, Laird and Rubin 1977; Schwarz, *Estimating the dimension of a model*, 1978; agrees with
///   scikit-learn GaussianMixture.
public struct GaussianMixture: Estimator {
  /// Shape of the distributions.
  public enum Covariance: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each its own ellipsoid.
    case full
    /// Each its own, along the columns.
    case diagonal
    /// All the same ellipsoid.
    case tied
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "gaussian-mixture", summary: "Soft clusters of elliptic shape, with a probability for each.",
    tasks: [.clustering], capabilities: [.weights],
    hyperparameters: [
      .init(
        "cluster_count", "Clusters; 0: chosen by BIC.", .integer(0...1000, logarithmic: false),
        search: .integer(1...20, logarithmic: false)),
      .init(
        "maximum_cluster_count", "Most clusters tried where the number is chosen.", .integer(2...100, logarithmic: true)
      ),
      .init("covariance", "Shape of the distributions.", .choice(Covariance.allCases.map(\.rawValue))),
      .init("regularisation", "Added to variances.", .real(1e-12...10, logarithmic: true)),
      .init("starts", "Runs from other starts, the likeliest of which counts.", .integer(1...1000, logarithmic: true)),
      .init("maximum_iterations", "Passes at most.", .integer(1...100_000, logarithmic: true)),
      .init("tolerance", "Ends when the mean log-likelihood gains less.", .real(0...1, logarithmic: false)),
      .init("standardise", "Whether columns are put on one scale first.", .boolean),
    ], source: "Dempster, Laird and Rubin 1977; scikit-learn GaussianMixture", searchRowLimit: 50_000)

  /// Clusters; 0: chosen by BIC.
  public var clusterCount = 0
  /// Most clusters tried where the number is chosen.
  public var maximumClusterCount = 10
  /// Shape of the distributions.
  public var covariance = Covariance.full
  /// Added to variances.
  public var regularisation = 1e-6
  /// Runs from other starts.
  public var starts = 3
  /// Passes at most.
  public var maximumIterations = 500
  /// Ends when the mean log-likelihood gains less.
  public var tolerance = 1e-5
  /// Whether columns are put on one scale first.
  public var standardise = true

  enum CodingKeys: String, CodingKey {
    case covariance, regularisation, starts, tolerance, standardise
    case clusterCount = "cluster_count"
    case maximumClusterCount = "maximum_cluster_count"
    case maximumIterations = "maximum_iterations"
  }

  /// Full covariances, the number of clusters chosen.
  public init() {}

  /// Finds the distributions.
  ///
  /// - Throws: `.invalidData` for no rows, fewer differing rows than clusters, missing or infinite cells;
  ///   `.schemaMismatch` for categories, texts, vectors.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> MixtureModel {
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
    let (start, evidence) = try chosen(sample, context)
    let fitting = MixtureFitting(rows, settings: self, workers: context.workers)
    var best = Double.infinity
    let result = try fitting.run(from: start, owner: owner) { iteration, likelihood in
      try context.checkCancellation()
      best = min(best, -likelihood)
      context.progress(
        FitProgress(iteration: iteration, iterationCount: maximumIterations, trainingObjective: best))
    }
    return MixtureModel(
      scale: scale, result: result, bic: bic(result, totalWeight: fitting.totalWeight),
      silhouette: silhouette(sample, result.mixture), evidence: evidence)
  }

  /// A mixture fitted to the sample with the number of clusters asked for, or the best.
  private func chosen(
    _ sample: DistinctRows, _ context: FitContext
  ) throws -> (Mixture, [ClusterCountEvidence]) {
    let owner = Self.card.name
    let fitting = MixtureFitting(sample.rows, settings: self, workers: context.workers)
    func fitted(_ count: Int) throws -> MixtureFitting.Result {
      var best: MixtureFitting.Result?
      for start in 0..<(count == 1 ? 1 : starts) {
        try context.checkCancellation()
        var seeding = KMeans()
        seeding.clusterCount = count
        seeding.starts = 1
        let search = ClusterSearch(settings: seeding, sample: sample, context: context.derived(start))
        let first = try fitting.start(search.chosen(owner: owner).centers, owner: owner)
        let run = try fitting.run(from: first, owner: owner) { _, _ in try context.checkCancellation() }
        if run.logLikelihood > best.map({ $0.logLikelihood + 1e-9 }) ?? -.infinity { best = run }
      }
      guard let best else {
        throw MLError(.invalidData, "\(owner): no start gives a finite likelihood.")
      }
      return best
    }
    if clusterCount > 0 { return (try fitted(clusterCount).mixture, []) }
    var best: (bic: Double, mixture: Mixture)?
    var evidence: [ClusterCountEvidence] = []
    for count in 1...max(1, min(maximumClusterCount, sample.count)) {
      let result = try fitted(count)
      let bic = bic(result, totalWeight: sample.totalWeight)
      evidence.append(
        ClusterCountEvidence(
          clusterCount: count, silhouette: silhouette(sample, result.mixture), gap: nil, bic: bic))
      if bic < best?.bic ?? .infinity { best = (bic, result.mixture) }
    }
    guard let best else {
      throw MLError(.invalidData, "\(owner): no number of clusters gives a finite likelihood.")
    }
    return (best.mixture, evidence)
  }

  /// `p ln n − 2 n · mean log-likelihood`, on the scale of the model.
  private func bic(_ result: MixtureFitting.Result, totalWeight: Double) -> Double {
    let (k, d) = (Double(result.mixture.count), Double(result.mixture.width))
    let shape =
      switch covariance {
      case .full: k * d * (d + 1) / 2
      case .diagonal: k * d
      case .tied: d * (d + 1) / 2
      }
    return (shape + k * d + k - 1) * Mathematics.log(totalWeight) - 2 * totalWeight * result.logLikelihood
  }

  private func silhouette(_ sample: DistinctRows, _ mixture: Mixture) -> Double? {
    guard mixture.count > 1 else { return nil }
    let few = DistinctRows(prefix: Silhouettes.limit, of: sample)
    let shares = mixture.responsibilities(few.rows)
    let predictions = Predictions(.probabilities(shares, classes: mixture.shares.indices.map { String($0) }))
    return Silhouettes(few).mean(predictions.classCodes, clusterCount: mixture.count)
  }
}

extension Mixture {
  /// Probabilities of the components for every row, row-major.
  func responsibilities(_ rows: ClusterRows) -> [Double] {
    var out = [Double](repeating: 0, count: rows.rowCount * count)
    var room = [Double](repeating: 0, count: count)
    var gapRoom = [Double](repeating: 0, count: width)
    var gaps = gapRoom.mutableSpan
    var shares = room.mutableSpan
    let values = rows.values.span
    for row in 0..<rows.rowCount {
      _ = responsibilities(
        values.extracting((row * rows.stride)..<(row * rows.stride + width)), &gaps, &shares)
      for k in 0..<count { out[row * count + k] = shares[k] }
    }
    return out
  }
}
