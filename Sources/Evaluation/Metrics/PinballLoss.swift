public import Basics
public import Modeling

/// Mean of `q·(y − ŷ)` above and `(1 − q)·(ŷ − y)` below the prediction.
///
/// - Units: those of the target; lower is better; half the mean absolute error at the median.
public struct PinballLoss: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "pinball", summary: "Mean error of a predicted quantile, asymmetric on the two sides; half the mae at the median.",
    tasks: [.regression, .forecasting], capabilities: [.weights],
    source: "Koenker and Bassett, Regression quantiles, Econometrica 46(1), 1978")
  /// Less is better.
  public static let higherIsBetter = false
  /// Quantile that the predictions aim at, in `0 ... 1`.
  public let quantile: Double
  /// Aims at the median.
  public init() { quantile = 0.5 }
  /// Aims at `quantile`.
  ///
  /// - Throws: `.invalidParameter` outside `0 ... 1`.
  public init(quantile: Double) throws {
    guard (0...1).contains(quantile) else {
      throw MLError(.invalidParameter, "pinball: 'quantile' must be in 0…1; got \(quantile).", field: "quantile")
    }
    self.quantile = quantile
  }

  /// A mean over rows.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try NumberRows(predictions, target, owner: Self.card.name)
    let quantile = quantile
    return .mean(zip(rows.predicted, rows.truth).map { max(quantile * ($1 - $0), (quantile - 1) * ($1 - $0)) }) { $0 }
  }
}
