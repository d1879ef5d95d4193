public import Basics
public import Modeling
import Frames

/// Logistic regression for two or more classes with a penalty on the weights of raw columns; intercepts are free.
///
/// Minimises `Σᵢ wᵢ · log loss + penalty · (l1_ratio · ‖β‖₁ + (1 − l1_ratio) / 2 · ‖β‖²)` until no derivative of the
/// mean objective exceeds `tolerance`. Few coefficients: Newton's method, its quadratic by coordinate descent where
/// there is an L1 part. Many: limited-memory BFGS, orthant-wise for L1. More than two classes: a set of weights each
/// (softmax). A class without rows gets probability near 0. `penalty` is `1 / C` of scikit-learn.
///
/// - Source: Cox, *The regression analysis of binary sequences*, 1958; agrees with scikit-learn LogisticRegression.
public struct LogisticRegression: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "logistic-regression", summary: "Linear scores turned into class probabilities, with an L1 or L2 penalty.",
    tasks: [.classification], capabilities: [.handlesVectors, .multiclass, .weights],
    hyperparameters: [
      .init(
        "penalty", "Strength of the penalty (1 / C).", .real(1e-10...1e9, logarithmic: true),
        search: .real(1e-3...1e3, logarithmic: true)),
      .init("l1_ratio", "Share of the L1 norm in the penalty.", .real(0...1, logarithmic: false)),
      .init(
        "class_weight", "Whether classes count by their rows or alike.", .choice(ClassWeight.allCases.map(\.rawValue))),
      .init(
        "tolerance", "Ends when no derivative of the mean objective is larger.", .real(1e-14...1, logarithmic: true)),
      .init("maximum_iterations", "Iterations at most.", .integer(1...100_000, logarithmic: true)),
    ], source: "Cox 1958; scikit-learn LogisticRegression")

  /// Strength of the penalty.
  public var penalty: Double
  /// Share of the L1 norm in the penalty.
  public var l1Ratio: Double
  /// Whether classes count by their rows or alike.
  public var classWeight: ClassWeight
  /// Ends when no derivative of the mean objective is larger.
  public var tolerance: Double
  /// Iterations at most.
  public var maximumIterations: Int

  enum CodingKeys: String, CodingKey {
    case penalty, tolerance
    case l1Ratio = "l1_ratio"
    case classWeight = "class_weight"
    case maximumIterations = "maximum_iterations"
  }

  /// Penalty 1.
  public init() { self.init(penalty: 1) }

  /// With settings.
  public init(
    penalty: Double, l1Ratio: Double = 0, classWeight: ClassWeight = .none, tolerance: Double = 1e-8,
    maximumIterations: Int = 1000
  ) {
    self.penalty = penalty
    self.l1Ratio = l1Ratio
    self.classWeight = classWeight
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Finds the weights.
  ///
  /// - Throws: `.invalidData` for numbers as target, fewer than two classes with rows, missing or infinite cells;
  ///   `.schemaMismatch` for categories or texts.
  public func fit(_ given: TrainingData, in context: FitContext) throws -> LinearModel {
    let data = try classWeight == .balanced ? given.balancingClasses() : given
    guard case .classes(let codes, let names) = data.target else {
      throw MLError(
        .invalidData, "logistic-regression: target must be classes; got numbers.", hint: "Use ridge.")
    }
    let shares = Self.shares(codes, names.count, data.weights)
    let present = names.indices.filter { shares[$0] > 0 }
    guard present.count >= 2 else {
      throw MLError(
        .invalidData, "logistic-regression: target must have two classes with rows; got \(present.count).",
        hint: "Add rows of another class, or check the target column.")
    }
    let matrix = try DesignMatrix(
      data.frame, schema: data.frame.schema, weights: data.weights, owner: Self.card.name, workers: context.workers)
    let (response, start) = Self.start(codes, present, shares, matrix)
    let solution = try solve(matrix, response, start, data.weights, shares, context)
    return try model(data, matrix, solution, present, scoreCount: response.scoreCount)
  }

  private static func shares(_ codes: [Int32], _ count: Int, _ weights: [Double]?) -> [Double] {
    var shares = [Double](repeating: 0, count: count)
    for row in codes.indices { shares[Int(codes[row])] += weights?[row] ?? 1 }
    return shares
  }

  /// What to fit, and intercepts that already give the class shares.
  private static func start(
    _ codes: [Int32], _ present: [Int], _ shares: [Double], _ matrix: DesignMatrix
  ) -> (LinearResponse, [Double]) {
    let logarithms = present.map { Mathematics.log(shares[$0]) }
    if present.count == 2 {
      var start = [Double](repeating: 0, count: matrix.featureCount)
      start[matrix.constant] = logarithms[1] - logarithms[0]
      return (.logistic(codes.map { Int($0) == present[1] ? 1 : 0 }), start)
    }
    var position = [Int32](repeating: 0, count: shares.count)
    for (index, code) in present.enumerated() { position[code] = Int32(index) }
    let mean = logarithms.reduce(0, +) / Double(logarithms.count)
    var start = [Double](repeating: 0, count: matrix.featureCount * present.count)
    for k in present.indices { start[k * matrix.featureCount + matrix.constant] = logarithms[k] - mean }
    return (.softmax(codes.map { position[Int($0)] }, classCount: present.count), start)
  }

  private func solve(
    _ matrix: DesignMatrix, _ response: LinearResponse, _ start: [Double], _ weights: [Double]?, _ shares: [Double],
    _ context: FitContext
  ) throws -> [Double] {
    let totalWeight = shares.reduce(0, +)
    let penalties = matrix.penalties(penalty * (1 - l1Ratio))
    let pass = LinearPass(matrix: matrix, response: response, weights: weights, workers: context.workers)
    let problem = LinearProblem(
      pass: pass, penalties: penalties, tolerance: tolerance, maximumIterations: maximumIterations, context: context,
      totalWeight: totalWeight)
    let absolute = matrix.absolutePenalties(penalty * l1Ratio)
    if start.count <= (response.scoreCount == 1 ? 500 : 300) {
      return try l1Ratio > 0 ? problem.newton(from: start, absolute: absolute) : problem.newton(from: start)
    }
    let squares = matrix.squares(weights, totalWeight: totalWeight)
    let present = shares.filter { $0 > 0 }.map { $0 / totalWeight }
    let spread = response.scoreCount == 1 ? [present[0] * present[1]] : present.map { $0 * (1 - $0) }
    let curvatures = spread.flatMap { share in
      zip(squares, penalties).map { max(share * $0 + $1, 1e-12 * totalWeight) }
    }
    guard l1Ratio > 0 else { return try problem.limitedMemory(from: start, curvatures: curvatures) }
    return try problem.orthantWise(from: start, curvatures: curvatures, absolute: absolute)
  }

  private func model(
    _ data: TrainingData, _ matrix: DesignMatrix, _ solution: [Double], _ present: [Int], scoreCount: Int
  ) throws -> LinearModel {
    let width = matrix.featureCount
    let fitted = (0..<scoreCount).map { matrix.raw(solution[($0 * width)..<(($0 + 1) * width)]) }
    return try LinearTarget.model(of: fitted, present: present, matrix, data, owner: Self.card.name)
  }
}
