public import Basics
public import Modeling
import Frames

/// Poisson regression: the logarithm of the expected count is linear in the features.
///
/// Minimises `Σᵢ wᵢ (exp(sᵢ) − yᵢ sᵢ) / Σᵢ wᵢ + penalty / 2 · ‖β‖²` for scores `s`, intercept free, raw columns.
///
/// - Source: Nelder and Wedderburn, *Generalized linear models*, J. R. Stat. Soc. A 135(3), 1972; agrees with
///   scikit-learn PoissonRegressor, whose `alpha` is our `penalty`.
public struct PoissonRegression: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "poisson-regression",
    summary: "Linear model of counts and rates: predictions are exponentials, never negative.",
    tasks: [.regression], capabilities: [.handlesVectors, .weights],
    hyperparameters: [
      .init(
        "penalty", "Strength of the L2 penalty on the mean objective.", .real(0...1e9, logarithmic: false),
        search: .real(1e-6...10, logarithmic: true)),
      .init(
        "tolerance", "Ends when no derivative of the mean objective is larger.", .real(1e-14...1, logarithmic: true)),
      .init("maximum_iterations", "Iterations at most.", .integer(1...100_000, logarithmic: true)),
    ], source: "Nelder and Wedderburn 1972; scikit-learn PoissonRegressor", searchRowLimit: 0)

  /// Strength of the L2 penalty on the mean objective.
  public var penalty: Double
  /// Ends when no derivative of the mean objective is larger.
  public var tolerance: Double
  /// Iterations at most.
  public var maximumIterations: Int

  enum CodingKeys: String, CodingKey {
    case penalty, tolerance
    case maximumIterations = "maximum_iterations"
  }

  /// Penalty 0.001.
  public init() { self.init(penalty: 0.001) }

  /// With settings.
  public init(penalty: Double, tolerance: Double = 1e-8, maximumIterations: Int = 1000) {
    self.penalty = penalty
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Finds the weights.
  ///
  /// - Throws: `.invalidData` for classes, a negative target, targets that are all 0, missing or infinite cells;
  ///   `.schemaMismatch` for categories or texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> LinearModel {
    try context.checkCancellation()
    let shared = GeneralizedLinear(
      owner: Self.card.name, power: 1, penalty: penalty, tolerance: tolerance, maximumIterations: maximumIterations)
    return try shared.fit(data, in: context)
  }
}
