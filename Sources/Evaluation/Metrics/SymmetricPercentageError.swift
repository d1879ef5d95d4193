public import Basics
public import Modeling

/// Mean of `2·|prediction − truth| / (|prediction| + |truth|)`; a row where both are 0 counts as 0.
///
/// - Units: share, `0 ... 2`, so 0.1 is 10 %; lower is better.
public struct SymmetricPercentageError: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "smape", summary: "Mean absolute error relative to the mean size of prediction and truth.",
    tasks: [.regression, .forecasting], capabilities: [.weights],
    source: "Makridakis and Hibon, The M3-competition, Int. J. Forecasting 16(4), 2000")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// A mean over rows.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try NumberRows(predictions, target, owner: Self.card.name)
    return .mean(zip(rows.predicted, rows.truth).map { Self.term($0, $1) }) { $0 }
  }

  static func term(_ predicted: Double, _ truth: Double) -> Double {
    let size = abs(predicted) + abs(truth)
    return size > 0 ? 2 * (abs(predicted - truth) / size) : 0
  }
}
