public import Basics
public import Modeling

/// Mean squared distance between predicted probabilities and what happened.
///
/// For row `i` and class `k`: the mean of `Σₖ (pᵢₖ − yᵢₖ)²`. Rewards calibration and sharpness together; `0.5` is what an
/// even guess scores on two classes. Twice what scikit-learn reports for two classes, where it leaves one class out.
///
/// - Units: squared probability, `0 ... 2`; lower is better.
public struct BrierScore: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "brier", summary: "Mean squared distance between predicted probabilities and what happened.",
    tasks: [.classification], capabilities: [.multiclass, .weights],
    source: "Brier, Verification of forecasts expressed in terms of probability, Mon. Weather Rev. 78(1), 1950")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// A mean over rows.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try ClassRows(predictions, target, owner: Self.card.name)
    let width = rows.classCount
    let terms = rows.truth.indices.map { row -> Double in
      (0..<width).reduce(0) { sum, k in
        let distance = rows.probabilities[row * width + k] - (rows.truth[row] == Int32(k) ? 1 : 0)
        return sum + distance * distance
      }
    }
    return .mean(terms) { $0 }
  }
}
