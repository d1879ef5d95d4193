public import Basics
public import Modeling
import Frames

/// Linear regression with an L1 penalty on the weights of raw columns; the intercept is free.
///
/// Minimises `Σᵢ wᵢ (yᵢ − xᵢ·β − b)² / 2 Σᵢ wᵢ + penalty · ‖β‖₁` by coordinate
/// descent along a path of falling penalties, until the duality gap is at most `tolerance` of the target's mean square.
///
/// - Source: Tibshirani, *Regression shrinkage and selection via the lasso*, 1996; agrees with scikit-learn
///   Lasso, whose `alpha` is our `penalty`.
public struct Lasso: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "lasso", summary: "Linear regression with an L1 penalty: keeps few features.",
    tasks: [.regression], capabilities: [.handlesVectors, .weights],
    hyperparameters: [PenalizedSquares.penaltySetting] + PenalizedSquares.stoppingSettings,
    source: "Tibshirani 1996; scikit-learn Lasso", searchRowLimit: 0)

  /// Strength of the penalty on the mean objective.
  public var penalty: Double
  /// Duality gap to end at, as a share of the target's mean square.
  public var tolerance: Double
  /// Sweeps at most for each penalty of the path.
  public var maximumIterations: Int

  enum CodingKeys: String, CodingKey {
    case penalty, tolerance
    case maximumIterations = "maximum_iterations"
  }

  /// Penalty 0.01.
  public init() { self.init(penalty: 0.01) }

  /// With settings.
  public init(penalty: Double, tolerance: Double = 1e-9, maximumIterations: Int = 10_000) {
    self.penalty = penalty
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Finds the weights.
  ///
  /// - Throws: `.invalidData` for classes, missing or infinite cells, no rows; `.schemaMismatch` for categories, texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> LinearModel {
    let shared = PenalizedSquares(
      owner: Self.card.name, penalty: penalty, l1Ratio: 1, tolerance: tolerance,
      maximumIterations: maximumIterations)
    return try shared.fit(data, in: context)
  }
}
