public import Basics
public import Modeling
import Frames

/// Linear support vector classification with probabilities.
///
/// For two classes, `y = ±1`: minimises `Σᵢ wᵢ loss(yᵢ (xᵢ·β + b)) + penalty / 2 · ‖β‖²` over raw columns with the loss
/// `max(0, 1 − m)²` (`squared-hinge`) or `max(0, 1 − m)` (`hinge`); `penalty` is `1 / C`. More classes: one against the
/// rest each. Up to 500 features Newton's method (squared hinge) or an interior-point method (hinge), intercept free;
/// beyond, dual coordinate descent, where the intercept is the penalised weight of a constant 1 as in liblinear.
///
/// Probabilities come from scores of rows that the weights were not fitted on: three folds by row hash; a sigmoid for
/// two classes, one temperature for more, so that the class with the highest score stays the most probable one.
///
/// - Source: Cortes and Vapnik 1995; Platt, *Probabilistic outputs for support vector machines*, 1999; Guo and others,
///   *On calibration of modern neural networks*, 2017; scikit-learn LinearSVC.
public struct LinearSVC: Estimator {
  /// What a margin below 1 costs.
  public enum Loss: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its square.
    case squaredHinge = "squared-hinge"
    /// Itself.
    case hinge
  }

  /// How scores become probabilities.
  public enum Calibration: String, Sendable, Hashable, Codable, CaseIterable {
    /// Fitted on held-out folds.
    case heldOut = "held-out"
    /// Scores count as log-odds: quick, probabilities mean little.
    case none
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "linear-svc", summary: "Linear classifier with the widest margin: strong on texts and wide tables.",
    tasks: [.classification], capabilities: [.handlesVectors, .multiclass, .weights],
    hyperparameters: [
      .init(
        "penalty", "Strength of the L2 penalty (1 / C).", .real(1e-10...1e9, logarithmic: true),
        search: .real(1e-2...1e2, logarithmic: true)),
      .init("loss", "What a margin below 1 costs.", .choice(Loss.allCases.map(\.rawValue))),
      .init("calibration", "How scores become probabilities.", .choice(Calibration.allCases.map(\.rawValue))),
      .init(
        "class_weight", "Whether classes count by their rows or alike.", .choice(ClassWeight.allCases.map(\.rawValue))),
      .init("maximum_iterations", "Iterations or sweeps at most.", .integer(1...100_000, logarithmic: true)),
    ], source: "Cortes and Vapnik 1995; Hsieh et al. 2008; scikit-learn LinearSVC", searchRowLimit: 100_000)

  /// Strength of the L2 penalty.
  public var penalty: Double
  /// What a margin below 1 costs.
  public var loss: Loss
  /// How scores become probabilities.
  public var calibration: Calibration
  /// Whether classes count by their rows or alike.
  public var classWeight: ClassWeight
  /// Iterations or sweeps at most.
  public var maximumIterations: Int

  enum CodingKeys: String, CodingKey {
    case penalty, loss, calibration
    case classWeight = "class_weight"
    case maximumIterations = "maximum_iterations"
  }

  /// Penalty 1, squared hinge.
  public init() { self.init(penalty: 1) }

  /// With settings.
  public init(
    penalty: Double, loss: Loss = .squaredHinge, calibration: Calibration = .heldOut, classWeight: ClassWeight = .none,
    maximumIterations: Int = 1000
  ) {
    self.penalty = penalty
    self.loss = loss
    self.calibration = calibration
    self.classWeight = classWeight
    self.maximumIterations = maximumIterations
  }

  /// Finds the weights.
  ///
  /// - Throws: `.invalidData` for numbers as target, fewer than two classes with rows, missing or infinite cells;
  ///   `.schemaMismatch` for categories or texts.
  public func fit(_ given: TrainingData, in context: FitContext) throws -> LinearModel {
    try context.checkCancellation()
    let data = try classWeight == .balanced ? given.balancingClasses() : given
    let owner = Self.card.name
    let (codes, _, present) = try LinearTarget.classes(data, owner: owner)
    let matrix = try DesignMatrix(
      data.frame, schema: data.frame.schema, weights: data.weights, owner: owner, workers: context.workers)
    let solver = MarginSolver(
      matrix: matrix, penalty: penalty, isSquared: loss == .squaredHinge, maximumIterations: maximumIterations,
      context: context)
    let sides = (present.count == 2 ? [present[1]] : present).map { k in codes.map { Int($0) == k ? 1.0 : -1.0 } }
    let base = data.weights ?? [Double](repeating: 1, count: codes.count)
    let solutions = try solver.solve(sides, base, round: 0)
    var (slope, offset) = (1.0, 0.0)
    if calibration == .heldOut {
      let scores = try heldOutScores(solver, sides, base, data.frame)
      let position = Dictionary(uniqueKeysWithValues: present.enumerated().map { (Int32($1), $0) })
      let truth = codes.map { position[$0] ?? 0 }
      (slope, offset) =
        present.count == 2
        ? ScoreCalibration.sigmoid(scores[0], truth, base) : (ScoreCalibration.temperature(scores, truth, base), 0)
    }
    let fitted = solutions.map { solution in
      let (coefficients, intercept) = matrix.raw(solution[...])
      return (coefficients: coefficients.map { $0.map { $0 * slope } }, intercept: intercept * slope + offset)
    }
    return try LinearTarget.model(of: fitted, present: present, matrix, data, owner: owner)
  }

  /// Scores `[problem][row]`, each row's from weights fitted without its fold.
  private func heldOutScores(
    _ solver: MarginSolver, _ sides: [[Double]], _ weights: [Double], _ frame: Frame
  ) throws -> [[Double]] {
    let folds = RowKeys.hashes(frame).map { Int($0 % 3) }
    var out = sides.map { [Double](repeating: 0, count: $0.count) }
    for fold in 0..<3 where folds.contains(fold) {
      let kept = weights.indices.map { folds[$0] == fold ? 0 : weights[$0] }
      guard kept.contains(where: { $0 > 0 }) else { continue }
      let solutions = try solver.solve(sides, kept, round: fold + 1)
      for (k, solution) in solutions.enumerated() {
        let scores = try solver.scores(solution)
        for row in folds.indices where folds[row] == fold { out[k][row] = scores[row] }
      }
    }
    return out
  }
}
