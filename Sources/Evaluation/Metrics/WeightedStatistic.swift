import Basics
public import Modeling

/// How a metric depends on row weights, worked out once so that many weightings of the same rows are cheap.
public enum WeightedStatistic: Sendable {
  /// Weighted mean of one number a row, then `finish`.
  case mean([Double], finish: @Sendable (Double) -> Double?)
  /// A function of the weighted confusion matrix.
  case confusion(DecidedRows, @Sendable (ConfusionMatrix) -> Double?)
  /// Anything else, called with one weight a row.
  case general(@Sendable ([Double]) -> Double?)

  /// Value under `weights`, one a row; `nil` where the metric is undefined or not finite.
  public func value(_ weights: [Double]) -> Double? {
    let result: Double?
    switch self {
    case .mean(let terms, let finish): result = Self.mean(of: terms, weights).flatMap(finish)
    case .confusion(let rows, let finish):
      let matrix = rows.matrix(weights)
      result = matrix.total > 0 ? finish(matrix) : nil
    case .general(let body): result = body(weights)
    }
    return result.flatMap { $0.isFinite ? $0 : nil }
  }

  static func mean(of terms: [Double], _ weights: [Double]) -> Double? {
    var sum = 0.0
    var total = 0.0
    for row in terms.indices where weights[row] > 0 {
      sum += weights[row] * terms[row]
      total += weights[row]
    }
    return total > 0 ? sum / total : nil
  }
}

/// A metric that tells how it depends on weights; `value` follows from it, so weights mean repetition everywhere.
public protocol ResamplableMetric: Metric {
  /// The dependence on weights for these rows.
  ///
  /// - Throws: `.shapeMismatch` when counts differ, `.invalidData` when predictions and target are of different tasks.
  func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic
}

extension ResamplableMetric {
  /// `statistic` under `weights`.
  public func value(_ predictions: Predictions, _ target: Target, weights: [Double]?) throws -> Double? {
    let statistic = try statistic(predictions, target)
    return statistic.value(try RowWeights.checked(weights, rowCount: target.count, owner: Self.card.name))
  }
}

extension Metric {
  /// The dependence on weights; metrics that do not tell are asked anew for every weighting.
  func anyStatistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    if let metric = self as? any ResamplableMetric { return try metric.statistic(predictions, target) }
    _ = try value(predictions, target, weights: nil)
    let metric = self
    // It has just answered for these rows; a weighting under which it throws counts as undefined.
    return .general { weights in (try? metric.value(predictions, target, weights: weights)) ?? nil }
  }

  /// Name on the card.
  public var name: String { Self.card.name }

  /// How much better `a` is than `b`, in units of the metric; negative when worse.
  public func improvement(_ a: Double, over b: Double) -> Double { Self.higherIsBetter ? a - b : b - a }
}
