public import Basics
public import Modeling
import Frames

/// Tweedie regression with a log link: variance grows as the `power` of the mean; between 1 and 2 zeros and positive
/// amounts mix.
///
/// Minimises `Σᵢ wᵢ · half deviance / Σᵢ wᵢ + penalty / 2 · ‖β‖²`, intercept free, raw columns. Power 1 is Poisson, 2
/// gamma; beyond 2 the objective is not convex and the expected curvature guides the steps.
///
/// - Source: Jørgensen, *Exponential dispersion models*, J. R. Stat. Soc. B 49(2), 1987; agrees with scikit-learn
///   TweedieRegressor(link='log'), whose `alpha` is our `penalty`.
public struct TweedieRegression: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "tweedie-regression", summary: "Linear model of amounts that are often exactly 0, such as claims.",
    tasks: [.regression], capabilities: [.handlesVectors, .weights],
    hyperparameters: [
      .init(
        "power", "Variance grows as this power of the mean: 1 Poisson, 2 gamma.", .real(1...3, logarithmic: false),
        search: .real(1.1...1.9, logarithmic: false)),
      .init(
        "penalty", "Strength of the L2 penalty on the mean objective.", .real(0...1e9, logarithmic: false),
        search: .real(1e-6...10, logarithmic: true)),
      .init(
        "tolerance", "Ends when no derivative of the mean objective is larger.", .real(1e-14...1, logarithmic: true)),
      .init("maximum_iterations", "Iterations at most.", .integer(1...100_000, logarithmic: true)),
    ], source: "Jørgensen 1987; scikit-learn TweedieRegressor", searchRowLimit: 0)

  /// Variance grows as this power of the mean, 1…3.
  public var power: Double
  /// Strength of the L2 penalty on the mean objective.
  public var penalty: Double
  /// Ends when no derivative of the mean objective is larger.
  public var tolerance: Double
  /// Iterations at most.
  public var maximumIterations: Int

  enum CodingKeys: String, CodingKey {
    case power, penalty, tolerance
    case maximumIterations = "maximum_iterations"
  }

  /// Power 1.5, penalty 0.001.
  public init() { self.init(power: 1.5) }

  /// With settings.
  public init(power: Double, penalty: Double = 0.001, tolerance: Double = 1e-8, maximumIterations: Int = 1000) {
    self.power = power
    self.penalty = penalty
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Finds the weights.
  ///
  /// - Throws: `.invalidData` for classes, a negative target (or 0 from power 2 on), targets that are all 0, missing
  ///   or infinite cells; `.schemaMismatch` for categories or texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> LinearModel {
    try context.checkCancellation()
    let shared = GeneralizedLinear(
      owner: Self.card.name, power: power, penalty: penalty, tolerance: tolerance, maximumIterations: maximumIterations)
    return try shared.fit(data, in: context)
  }
}
