import Basics
import Kernels

/// Weights, means and covariances of normal distributions, ready to score rows.
struct Mixture: Sendable {
  let width: Int
  /// Shares of the components; sum to 1.
  var shares: [Double]
  /// `[component][column]`.
  var means: [[Double]]
  /// Lower triangles `L` of `covariance = L Lᵀ`, row-major `[column, column]`, by component.
  var factors: [[Double]]
  private var constants: [Double] = []

  /// `nil` when a factor has no positive diagonal.
  init?(width: Int, shares: [Double], means: [[Double]], factors: [[Double]]) {
    self.width = width
    self.shares = shares
    self.means = means
    self.factors = factors
    let base = -0.5 * Double(width) * Mathematics.log(2 * Double.pi)
    for k in shares.indices {
      var sum = base + Mathematics.log(max(shares[k], 1e-300))
      for d in 0..<width {
        guard factors[k][d * width + d] > 0 else { return nil }
        sum -= Mathematics.log(factors[k][d * width + d])
      }
      constants.append(sum)
    }
    guard constants.allSatisfy(\.isFinite) else { return nil }
  }

  /// Components.
  var count: Int { shares.count }

  /// Probabilities of the components for one row into `out`, which holds `count`; returns the logarithm of its density.
  ///
  /// - Parameter gaps: room for `width` numbers.
  func responsibilities(
    _ row: Span<Double>, _ gaps: inout MutableSpan<Double>, _ out: inout MutableSpan<Double>
  ) -> Double {
    var largest = -Double.infinity
    for k in 0..<count {
      out[k] = constants[k] - 0.5 * distance(row, k, &gaps)
      largest = max(largest, out[k])
    }
    var total = 0.0
    for k in 0..<count {
      out[k] = Mathematics.exp(out[k] - largest)
      total += out[k]
    }
    for k in 0..<count { out[k] /= total }
    return largest + Mathematics.log(total)
  }

  /// Squared Mahalanobis distance of a row to component `k`: solves `L z = x − mean`.
  private func distance(_ row: Span<Double>, _ k: Int, _ gaps: inout MutableSpan<Double>) -> Double {
    let mean = means[k]
    let factor = factors[k]
    let center = mean.span
    let lower = factor.span
    var sum = 0.0
    for i in 0..<width {
      var value = row[i] - center[i]
      let base = i * width
      for j in 0..<i { value -= lower[base + j] * gaps[j] }
      value /= lower[base + i]
      gaps[i] = value
      sum += value * value
    }
    return sum
  }
}

/// Weighted sums of rows by component, around given centers.
struct MixtureSums: Sendable {
  var masses: [Double]
  /// `[component][column]`
  var first: [[Double]]
  /// Lower triangles `[component][column, column]`; the diagonal alone where only it is needed.
  var second: [[Double]]
  var logLikelihood = 0.0

  init(_ count: Int, _ width: Int) {
    masses = [Double](repeating: 0, count: count)
    first = [[Double]](repeating: [Double](repeating: 0, count: width), count: count)
    second = [[Double]](repeating: [Double](repeating: 0, count: width * width), count: count)
  }

  mutating func add(_ row: Span<Double>, _ k: Int, weight: Double, center: Span<Double>, isDiagonal: Bool) {
    let width = center.count
    masses[k] += weight
    for i in 0..<width {
      let gap = row[i] - center[i]
      let scaled = weight * gap
      first[k][i] += scaled
      let base = i * width
      for j in (isDiagonal ? i : 0)...i { second[k][base + j] += scaled * (row[j] - center[j]) }
    }
  }

  mutating func merge(_ other: MixtureSums) {
    logLikelihood += other.logLikelihood
    for k in masses.indices {
      masses[k] += other.masses[k]
      for i in first[k].indices { first[k][i] += other.first[k][i] }
      for i in second[k].indices { second[k][i] += other.second[k][i] }
    }
  }
}

/// Expectation maximisation.
///
/// - Source: Dempster, Laird and Rubin 1977.
struct MixtureFitting: Sendable {
  let rows: ClusterRows
  let settings: GaussianMixture
  let workers: Workers
  let totalWeight: Double

  init(_ rows: ClusterRows, settings: GaussianMixture, workers: Workers) {
    self.rows = rows
    self.settings = settings
    self.workers = workers
    totalWeight = rows.weights?.reduce(0, +) ?? Double(rows.rowCount)
  }

  /// Where a run ended.
  struct Result: Sendable {
    var mixture: Mixture
    /// Mean logarithm of the density of a row.
    var logLikelihood: Double
    var iterationCount: Int
  }

  /// A mixture with the moments of hard clusters around `centers` (row-major, as far apart as rows).
  func start(_ centers: [Double], owner: String) throws -> Mixture {
    let count = centers.count / rows.stride
    let labels = Lloyd(rows, workers: workers, maximumIterations: 1, relativeTolerance: 0).labels(centers, count)
    let middles = (0..<count).map { k in Array(centers[(k * rows.stride)..<(k * rows.stride + rows.width)]) }
    var sums = MixtureSums(count, rows.width)
    let values = rows.values.span
    for row in 0..<rows.rowCount {
      let k = Int(labels[row])
      let center = middles[k]
      sums.add(
        values.extracting((row * rows.stride)..<(row * rows.stride + rows.width)), k,
        weight: rows.weights?[row] ?? 1, center: center.span, isDiagonal: settings.covariance == .diagonal)
    }
    return try maximised(sums, around: middles, owner: owner)
  }

  /// Climbs from `start` until the mean log-likelihood gains less than the tolerance.
  func run(from start: Mixture, owner: String, _ report: (Int, Double) throws -> Void) throws -> Result {
    var mixture = start
    var last = -Double.infinity
    var iteration = 0
    while true {
      iteration += 1
      let sums = try self.sums(mixture)
      let likelihood = sums.logLikelihood / totalWeight
      try report(iteration, likelihood)
      if likelihood - last < settings.tolerance || iteration > settings.maximumIterations {
        return Result(mixture: mixture, logLikelihood: likelihood, iterationCount: iteration)
      }
      last = likelihood
      mixture = try maximised(sums, around: mixture.means, owner: owner)
    }
  }

  private func sums(_ mixture: Mixture) throws -> MixtureSums {
    let isDiagonal = settings.covariance == .diagonal
    let blocks = Workers.blocks(rows.rowCount, minimum: 1024)
    let parts = try workers.map(blocks.count) { block in
      var sums = MixtureSums(mixture.count, rows.width)
      var gapRoom = [Double](repeating: 0, count: rows.width)
      var room = [Double](repeating: 0, count: mixture.count)
      var gaps = gapRoom.mutableSpan
      var shares = room.mutableSpan
      let values = rows.values.span
      for row in blocks[block] {
        let own = values.extracting((row * rows.stride)..<(row * rows.stride + rows.width))
        let weight = rows.weights?[row] ?? 1
        sums.logLikelihood += weight * mixture.responsibilities(own, &gaps, &shares)
        for k in 0..<mixture.count where shares[k] > 1e-300 {
          let center = mixture.means[k]
          sums.add(own, k, weight: weight * shares[k], center: center.span, isDiagonal: isDiagonal)
        }
      }
      return sums
    }
    guard var total = parts.first else { preconditionFailure("rows were counted") }
    for part in parts.dropFirst() { total.merge(part) }
    return total
  }

  /// The mixture that fits the sums best.
  private func maximised(_ sums: MixtureSums, around centers: [[Double]], owner: String) throws -> Mixture {
    let width = rows.width
    let masses = sums.masses.map { max($0, 1e-12 * totalWeight) }
    var means = centers
    var covariances = sums.second
    for k in masses.indices {
      let shift = sums.first[k].map { $0 / masses[k] }
      for i in 0..<width {
        means[k][i] += shift[i]
        for j in 0...i {
          let place = i * width + j
          covariances[k][place] = covariances[k][place] / masses[k] - shift[i] * shift[j]
          if i != j, settings.covariance == .diagonal { covariances[k][place] = 0 }
        }
      }
    }
    let total = masses.reduce(0, +)
    let shares = masses.map { $0 / total }
    if settings.covariance == .tied {
      var pooled = [Double](repeating: 0, count: width * width)
      for k in masses.indices {
        for place in pooled.indices { pooled[place] += shares[k] * covariances[k][place] }
      }
      covariances = covariances.map { _ in pooled }
    }
    let factors = try covariances.map { covariance in
      var raised = covariance
      for d in 0..<width { raised[d * width + d] = max(0, raised[d * width + d]) + settings.regularisation }
      guard let factor = Self.factor(raised, width) else { throw Self.singular(owner) }
      return factor
    }
    guard let mixture = Mixture(width: width, shares: shares, means: means, factors: factors) else {
      throw Self.singular(owner)
    }
    return mixture
  }

  private static func singular(_ owner: String) -> MLError {
    MLError(
      .invalidData, "\(owner): a covariance has no inverse.",
      hint: "Raise 'regularisation', ask for fewer clusters, or set covariance to diagonal.", field: "regularisation")
  }

  /// Lower Cholesky factor of the lower triangle of a matrix; `nil` when it is not positive definite.
  private static func factor(_ lower: [Double], _ n: Int) -> [Double]? {
    var out = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum = lower[i * n + j]
        for k in 0..<j { sum -= out[i * n + k] * out[j * n + k] }
        if i == j {
          guard sum > 0, sum.isFinite else { return nil }
          out[i * n + i] = sum.squareRoot()
        } else {
          out[i * n + j] = sum / out[j * n + j]
        }
      }
    }
    return out
  }
}
