public import Basics
public import Modeling

/// Share of variance explained: `1 − Σ(y − ŷ)² / Σ(y − ȳ)²`.
///
/// - Units: none; at most 1, negative when worse than the mean.
/// - Missing: `nil` for fewer than two rows or a constant target (scikit-learn says 0 or 1).
public struct RSquared: ResamplableMetric {
  /// What it is.
  public static let card = Card(
    name: "r2", summary: "Share of the variance of the target that the predictions explain; 0 is the mean, 1 is perfect.",
    tasks: [.regression, .forecasting], capabilities: [.weights],
    source: "scikit-learn, metrics.r2_score")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// Four sums over rows.
  public func statistic(_ predictions: Predictions, _ target: Target) throws -> WeightedStatistic {
    let rows = try NumberRows(predictions, target, owner: Self.card.name)
    let centre = rows.truth.isEmpty ? 0 : rows.truth.reduce(0, +) / Double(rows.truth.count)
    let centred = rows.truth.map { $0 - centre }
    let errors = zip(rows.predicted, rows.truth).map { ($0 - $1) * ($0 - $1) }
    let isConstant = Set(rows.truth).count < 2
    return .general { weights in
      guard !isConstant else { return nil }
      var (total, sum, squares, error) = (0.0, 0.0, 0.0, 0.0)
      for row in errors.indices where weights[row] > 0 {
        total += weights[row]
        sum += weights[row] * centred[row]
        squares += weights[row] * centred[row] * centred[row]
        error += weights[row] * errors[row]
      }
      let spread = squares - (total > 0 ? sum * sum / total : 0)
      return spread > 1e-14 * squares ? 1 - error / spread : nil
    }
  }
}
