public import Basics
public import Frames
public import Modeling
import Kernels

/// Normal distributions; each row belongs to each with a probability.
public struct MixtureModel: ClusteringModel {
  let scale: RowScale
  let mixture: Mixture
  /// Mean logarithm of the density of a training row, in units of the columns.
  package let logLikelihood: Double
  /// Bayesian information criterion on the scale of the model, lower is better.
  package let bic: Double
  /// Mean silhouette on at most 2,000 training rows; `nil` for one cluster.
  package let silhouette: Double?
  /// What spoke for the number of clusters; empty when it was given.
  package let evidence: [ClusterCountEvidence]
  /// Passes of the last run.
  package let passCount: Int

  /// The columns it needs.
  public var schema: Schema { scale.schema }
  /// `1`, `2`, … from the heaviest down.
  public var clusterNames: [String] { mixture.shares.indices.map { String($0 + 1) } }
  /// Shares of the clusters.
  package var shares: [Double] { mixture.shares }
  /// Means in units of the columns, `[cluster][column]`.
  package var means: [[Double]] {
    mixture.means.map { mean in
      mean.indices.map { scale.centers[$0] + (scale.factors[$0] > 0 ? mean[$0] / scale.factors[$0] : 0) }
    }
  }

  init(
    scale: RowScale, result: MixtureFitting.Result, bic: Double, silhouette: Double?,
    evidence: [ClusterCountEvidence]
  ) {
    let given = result.mixture
    let order = given.shares.indices.sorted { a, b in
      if given.shares[a] != given.shares[b] { return given.shares[a] > given.shares[b] }
      return given.means[a].lexicographicallyPrecedes(given.means[b])
    }
    self.scale = scale
    mixture =
      Mixture(
        width: given.width, shares: order.map { given.shares[$0] }, means: order.map { given.means[$0] },
        factors: order.map { given.factors[$0] }) ?? given
    logLikelihood =
      result.logLikelihood + scale.factors.reduce(0) { $1 > 0 ? $0 + Mathematics.log($1) : $0 }
    self.bic = bic
    self.silhouette = silhouette
    self.evidence = evidence
    passCount = result.iterationCount
  }

  /// Probabilities of the clusters.
  public func predict(_ frame: Frame) throws -> Predictions {
    let stride = ClusterRows.stride(for: scale.width)
    let values = try scale.rows(of: frame, owner: GaussianMixture.card.name, stride: stride)
    let rows = ClusterRows(values, rowCount: frame.rowCount, width: scale.width)
    return Predictions(.probabilities(mixture.responsibilities(rows), classes: clusterNames))
  }
}

extension MixtureModel {
  /// Adds scale, distributions and measures.
  public func write(to archive: inout ArchiveWriter) throws {
    try scale.write(to: &archive)
    archive.add("shares", doubles: mixture.shares)
    archive.add("means", doubles: mixture.means.flatMap { $0 })
    archive.add("factors", doubles: mixture.factors.flatMap { $0 })
    archive.set("log_likelihood", .number(logLikelihood))
    archive.set("bic", .number(bic))
    archive.set("silhouette", silhouette.map { .number($0) } ?? .null)
    archive.set("evidence", try Configuration.encode(evidence))
    archive.set("pass_count", .integer(Int64(passCount)))
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    scale = try RowScale(from: archive)
    let width = scale.width
    let shares = try archive.doubles("shares")
    guard !shares.isEmpty, shares.count < 1 << 20, shares.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw archive.corrupt("holds a mixture without shares")
    }
    let means = try archive.finiteDoubles("means", count: shares.count * width)
    let factors = try archive.finiteDoubles("factors", count: shares.count * width * width)
    let isUsable = (means + factors).allSatisfy { abs($0) <= 1e60 }
    let mixture = Mixture(
      width: width, shares: shares, means: shares.indices.map { Array(means[($0 * width)..<(($0 + 1) * width)]) },
      factors: shares.indices.map { Array(factors[($0 * width * width)..<(($0 + 1) * width * width)]) })
    guard isUsable, let mixture,
      mixture.factors.allSatisfy({ factor in
        (0..<width).allSatisfy { factor[$0 * width + $0] >= 1e-30 }
      })
    else { throw archive.corrupt("holds a mixture whose parts do not fit together") }
    self.mixture = mixture
    logLikelihood = try archive.double("log_likelihood")
    bic = try archive.double("bic")
    silhouette = try archive.value("silhouette").doubleValue
    evidence = try Configuration.decode([ClusterCountEvidence].self, from: archive.value("evidence"))
    passCount = try archive.integer("pass_count")
  }
}
