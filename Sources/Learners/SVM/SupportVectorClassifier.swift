public import Basics
public import Modeling
import Frames
import Kernels

/// Kernel support vector machine for classes: one machine for each pair, probabilities by Platt's sigmoid on inner
/// folds and pairwise coupling.
///
/// Columns are standardised inside unless told otherwise (yes and no stay 1 apart); `c` applies to a row of weight 1.
/// Inner folds follow a hash of the cells of a row, so that copies of a row fall together. The decided class is the
/// most probable one. At most 50,000 rows. The default tolerance is tighter than LIBSVM's 1e-3, so that a row of weight
/// 3 is three rows.
///
/// - Source: Cortes and Vapnik 1995; Platt 1999; Wu, Lin and Weng, *Probability estimates for multi-class
///   classification by pairwise coupling*, 2004; decision values agree with scikit-learn SVC (LIBSVM).
public struct SupportVectorClassifier: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "support-vector-classifier", summary: "Widest margins between classes in the space of a kernel.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    hyperparameters: SupportVectors.hyperparameters + [
      .init("class_weight", "Whether classes count alike.", .choice(ClassWeight.allCases.map(\.rawValue))),
      .init("calibration_folds", "Inner folds of the probabilities.", .integer(2...20, logarithmic: false)),
    ], source: "Cortes and Vapnik 1995; scikit-learn SVC", searchRowLimit: 4000)

  /// How dear a row on the wrong side is.
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
  /// Whether classes count alike.
  public var classWeight = ClassWeight.none
  /// Inner folds of the probabilities.
  public var calibrationFolds = 5

  enum CodingKeys: String, CodingKey {
    case c, kernel, gamma, degree, offset, tolerance, standardise
    case gammaRule = "gamma_rule"
    case maximumIterations = "maximum_iterations"
    case classWeight = "class_weight"
    case calibrationFolds = "calibration_folds"
  }

  /// Radial kernel, `c` 1.
  public init() {}

  /// Fits a machine for each pair of classes.
  ///
  /// - Throws: `.invalidData` for numbers as target, no rows, too many rows, missing or infinite cells;
  ///   `.schemaMismatch` for categories, texts, vectors.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> SupportVectorClassifierModel {
    try context.checkCancellation()
    let owner = Self.card.name
    guard case .classes(_, let names) = data.target, !names.isEmpty else {
      throw MLError(
        .invalidData, "\(owner): target must be classes; got \(data.target.isAbsent ? "none" : "numbers").",
        hint: "Use support-vector-regression for numbers.")
    }
    var data = try data.withoutWeightlessRows()
    try SupportVectors.checkRowCount(data.frame.rowCount, owner: owner)
    let scale = try RowScale(
      data.frame, weights: data.weights, scaling: standardise ? .standard : .none, owner: owner,
      workers: context.workers)
    let rows = try scale.rows(of: data.frame, owner: owner, workers: context.workers)
    let gamma = SupportVectors.gamma(gamma, gammaRule, rows, width: scale.width, weights: data.weights)
    if classWeight == .balanced { data = try data.balancingClasses() }
    let hashes = try RowScale.hashes(data.frame, owner: owner, workers: context.workers)
    let task = KernelTask(
      kernel: KernelFunction(kind: kernel, gamma: gamma, degree: degree, offset: offset), rows: rows,
      width: scale.width, tolerance: tolerance, maximumIterations: maximumIterations,
      cacheBytes: SupportVectors.cacheBytes / context.workers.count)
    let pairs = PairFitting(settings: self, data: data, hashes: hashes, task: task, context: context)
    return SupportVectorClassifierModel(scale: scale, task: task, classes: names, machines: try pairs.machines(), data)
  }
}
