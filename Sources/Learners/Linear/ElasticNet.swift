public import Basics
public import Modeling
import Frames

/// Linear regression with a mixed L1 and L2 penalty on the weights of raw columns; the intercept is free.
///
/// Minimises `Σᵢ wᵢ (yᵢ − xᵢ·β − b)² / 2 Σᵢ wᵢ + penalty · (l1_ratio · ‖β‖₁ + (1 − l1_ratio) / 2 · ‖β‖²)` by coordinate
/// descent along a path of falling penalties, until the duality gap is at most `tolerance` of the target's mean square.
///
/// - Source: Zou and Hastie, *Regularization and variable selection via the elastic net*, 2005; agrees with
///   scikit-learn ElasticNet, whose `alpha` is our `penalty`.
public struct ElasticNet: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "elastic-net", summary: "Linear regression that drops weak features and shares weight among alike ones.",
    tasks: [.regression], capabilities: [.handlesVectors, .weights],
    hyperparameters: [
      PenalizedSquares.penaltySetting,
      .init(
        "l1_ratio", "Share of the L1 norm in the penalty.", .real(0...1, logarithmic: false),
        search: .real(0.05...1, logarithmic: false)),
    ] + PenalizedSquares.stoppingSettings, source: "Zou and Hastie 2005; scikit-learn ElasticNet")

  /// Strength of the penalty on the mean objective.
  public var penalty: Double
  /// Share of the L1 norm in the penalty.
  public var l1Ratio: Double
  /// Duality gap to end at, as a share of the target's mean square.
  public var tolerance: Double
  /// Sweeps at most for each penalty of the path.
  public var maximumIterations: Int

  enum CodingKeys: String, CodingKey {
    case penalty, tolerance
    case l1Ratio = "l1_ratio"
    case maximumIterations = "maximum_iterations"
  }

  /// Penalty 0.01, half of it L1.
  public init() { self.init(penalty: 0.01) }

  /// With settings.
  public init(penalty: Double, l1Ratio: Double = 0.5, tolerance: Double = 1e-9, maximumIterations: Int = 10_000) {
    self.penalty = penalty
    self.l1Ratio = l1Ratio
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }

  /// Finds the weights.
  ///
  /// - Throws: `.invalidData` for classes, missing or infinite cells, no rows; `.schemaMismatch` for categories, texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> LinearModel {
    let shared = PenalizedSquares(
      owner: Self.card.name, penalty: penalty, l1Ratio: l1Ratio, tolerance: tolerance,
      maximumIterations: maximumIterations)
    return try shared.fit(data, in: context)
  }
}
