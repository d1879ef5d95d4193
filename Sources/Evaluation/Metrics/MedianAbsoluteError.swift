public import Basics
public import Modeling

/// Median of `|prediction − truth|`; the mean of the two middle ones where the weight splits evenly.
///
/// - Units: those of the target; lower is better.
/// - Complexity: O(n log n) once, O(n) for each further weighting.
public struct MedianAbsoluteError: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "median_absolute_error", summary: "Median absolute error, in units of the target; blind to outliers.",
    tasks: [.regression, .forecasting], capabilities: [.weights],
    source: "scikit-learn, metrics.median_absolute_error")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// Sorted once; each weighting is one pass.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try NumberRows(predictions, target, owner: Self.card.name)
    let errors = zip(rows.predicted, rows.truth).map { abs($0 - $1) }
    let order = Ranking.ascending(errors)
    return .general { weights in
      let half = weights.reduce(0, +) / 2
      var below = 0.0
      var lower: Double?
      for place in order.indices where weights[Int(order[place])] > 0 {
        let error = errors[Int(order[place])]
        if let lower { return (lower + error) / 2 }
        below += weights[Int(order[place])]
        if below > half { return error }
        if below == half { lower = error }
      }
      return lower
    }
  }
}
