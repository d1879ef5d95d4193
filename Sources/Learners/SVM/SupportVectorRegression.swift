public import Basics
public import Frames
public import Modeling
import Kernels

/// Kernel support vector machine for numbers: a smooth function that leaves errors below `epsilon` alone.
///
/// Columns are standardised inside unless told otherwise (yes and no stay 1 apart); the target always is, so that `c`
/// and `epsilon` are in units of its standard deviation. At most 50,000 rows. The default tolerance is tighter than
/// LIBSVM's 1e-3, so that a row of weight 3 is three rows.
///
/// - Source: Drucker et al., *Support vector regression machines*, 1996; agrees with scikit-learn SVR (LIBSVM) on a
///   standardised target.
public struct SupportVectorRegression: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "support-vector-regression", summary: "A smooth function in the space of a kernel that ignores small errors.",
    tasks: [.regression], capabilities: [.weights],
    hyperparameters: SupportVectors.hyperparameters + [
      .init(
        "epsilon", "Error that costs nothing, in standard deviations of the target.", .real(0...10, logarithmic: false),
        search: .real(0.01...0.5, logarithmic: true))
    ], source: "Drucker et al. 1996; scikit-learn SVR", searchRowLimit: 4000)

  /// How dear an error is.
  public var c = 1.0
  /// How alike two rows are.
  public var kernel = SupportVectorKernel.rbf
  /// Steepness of the kernel; 0: by `gammaRule`.
  public var gamma = 0.0
  /// What gamma 0 becomes.
  public var gammaRule = SupportVectorGamma.scale
  /// Power of the polynomial kernel.
  public var degree = 3
  /// Constant of the polynomial and sigmoid kernels.
  public var offset = 0.0
  /// Ends when optimality is violated by less.
  public var tolerance = 1e-7
  /// Steps of the solver at most.
  public var maximumIterations = 10_000_000
  /// Whether columns are put on one scale first.
  public var standardise = true
  /// Error that costs nothing.
  public var epsilon = 0.1

  enum CodingKeys: String, CodingKey {
    case c, kernel, gamma, degree, offset, tolerance, standardise, epsilon
    case gammaRule = "gamma_rule"
    case maximumIterations = "maximum_iterations"
  }

  /// Radial kernel, `c` 1, `epsilon` 0.1.
  public init() {}

  /// Fits the machine.
  ///
  /// - Throws: `.invalidData` for classes as target, no rows, too many rows, missing or infinite cells;
  ///   `.schemaMismatch` for categories, texts, vectors.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> SupportVectorRegressionModel {
    try context.checkCancellation()
    let owner = Self.card.name
    let data = try data.withoutWeightlessRows()
    guard case .values(let target) = data.target else {
      throw MLError(
        .invalidData, "\(owner): target must be numbers; got \(data.target.isAbsent ? "none" : "classes").",
        hint: "Use support-vector-classifier for classes.")
    }
    try SupportVectors.checkRowCount(target.count, owner: owner)
    let scale = try RowScale(
      data.frame, weights: data.weights, scaling: standardise ? .standard : .none, owner: owner,
      workers: context.workers)
    let truth = try RowScale(
      Frame([("target", Column(.number(target)))]), weights: data.weights, scaling: .standard, owner: owner,
      workers: .serial)
    let rows = try scale.rows(of: data.frame, owner: owner, workers: context.workers)
    let gamma = SupportVectors.gamma(gamma, gammaRule, rows, width: scale.width, weights: data.weights)
    let task = KernelTask(
      kernel: KernelFunction(kind: kernel, gamma: gamma, degree: degree, offset: offset), rows: rows,
      width: scale.width, tolerance: tolerance, maximumIterations: maximumIterations,
      cacheBytes: SupportVectors.cacheBytes)
    let bounds = target.indices.map { c * (data.weights?[$0] ?? 1) }
    let y = target.map { ($0 - truth.centers[0]) * truth.factors[0] }
    let all = target.indices.map { Int32($0) }
    let expansion = try task.expansion(Array(target.indices)) { diagonal in
      .init(
        rows: all + all, signs: y.map { _ in 1 } + y.map { _ in -1 },
        linear: y.map { epsilon - $0 } + y.map { epsilon + $0 }, bounds: bounds + bounds, diagonal: diagonal)
    } _: { _ in
      try context.checkCancellation()
    }
    context.progress(FitProgress(iteration: 1, iterationCount: 1))
    let support = SupportRows(
      kernel: task.kernel, rows: task.gathered(expansion.support.map { Int($0) }), count: expansion.support.count,
      width: scale.width)
    return SupportVectorRegressionModel(
      scale: scale, support: support, coefficients: expansion.coefficients, rho: expansion.rho,
      center: truth.centers[0], spread: truth.factors[0] > 0 ? 1 / truth.factors[0] : 0,
      objective: expansion.objective, isConverged: expansion.isConverged)
  }
}

/// A weighted sum of kernels to support rows.
public struct SupportVectorRegressionModel: FittedModel {
  let scale: RowScale
  let support: SupportRows
  let coefficients: [Double]
  let rho: Double
  let center: Double
  let spread: Double
  /// Value of the dual objective, on the standardised target.
  package let objective: Double
  /// Whether the solver reached its tolerance.
  package let isConverged: Bool

  /// The columns it needs.
  public var schema: Schema { scale.schema }
  /// Support rows.
  package var supportCount: Int { support.count }

  /// Values of the function.
  public func predict(_ frame: Frame) throws -> Predictions {
    let queries = try scale.rows(of: frame, owner: SupportVectorRegression.card.name)
    let places = coefficients.indices.map { Int32($0) }
    let values = support.values(of: queries, rowCount: frame.rowCount, machines: [(places, coefficients, rho)])
    return Predictions(.values(values.map { max(-1e300, min(1e300, center + spread * $0)) }))
  }
}

extension SupportVectorRegressionModel {
  /// Adds scales, kernel, support rows and weights.
  public func write(to archive: inout ArchiveWriter) throws {
    try scale.write(to: &archive)
    archive.set("kernel", try Configuration.encode(support.kernel))
    archive.set("is_converged", .boolean(isConverged))
    archive.add("support_rows", doubles: support.rows)
    archive.add("coefficients", doubles: coefficients)
    archive.add("numbers", doubles: [rho, center, spread, objective])
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    scale = try RowScale(from: archive)
    support = try SupportRows(from: archive, width: scale.width)
    coefficients = try archive.finiteDoubles("coefficients", count: support.count)
    isConverged = try archive.value("is_converged") == .boolean(true)
    let numbers = try archive.finiteDoubles("numbers", count: 4)
    (rho, center, spread, objective) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }
}
