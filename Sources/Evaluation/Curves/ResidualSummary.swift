public import Modeling

/// How far predictions of numbers are off, and where.
public struct ResidualSummary: Sendable, Hashable, Codable {
  /// Rows of about equal prediction.
  public struct Bin: Sendable, Hashable, Codable {
    /// Mean prediction.
    public var predicted: Double
    /// Mean truth.
    public var observed: Double
    /// Mean absolute error.
    public var absoluteError: Double
    /// Rows.
    public var rows: Int

    enum CodingKeys: String, CodingKey {
      case predicted, observed, rows
      case absoluteError = "absolute_error"
    }
  }

  /// Mean of truth minus prediction: above 0, predictions are too low.
  public var mean: Double
  /// Standard deviation of truth minus prediction.
  public var deviation: Double
  /// Residuals at the quantiles 0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.
  public var quantiles: [Double]
  /// Tenths by rising prediction.
  public var bins: [Bin]

  /// The quantiles that `quantiles` lists.
  public static let shares = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]

  /// - Returns: `nil` without rows.
  /// - Throws: `.invalidData`, `.shapeMismatch`.
  public static func make(_ predictions: Predictions, _ target: Target) throws -> ResidualSummary? {
    let rows = try NumberRows(predictions, target, owner: "residuals")
    let count = rows.truth.count
    guard count > 0 else { return nil }
    let residuals = zip(rows.truth, rows.predicted).map { $0 - $1 }
    let mean = residuals.reduce(0, +) / Double(count)
    let spread = residuals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let order = Ranking.ascending(rows.predicted).map(Int.init)
    let binCount = min(10, count)
    let bins = (0..<binCount).map { bin -> Bin in
      let chosen = order[(bin * count / binCount)..<((bin + 1) * count / binCount)]
      let size = Double(chosen.count)
      return Bin(
        predicted: chosen.reduce(0) { $0 + rows.predicted[$1] } / size,
        observed: chosen.reduce(0) { $0 + rows.truth[$1] } / size,
        absoluteError: chosen.reduce(0) { $0 + abs(residuals[$1]) } / size, rows: chosen.count)
    }
    let sorted = residuals.sorted()
    return ResidualSummary(
      mean: mean, deviation: spread.squareRoot(), quantiles: shares.map { Bootstrap.quantile(sorted, $0) }, bins: bins)
  }
}
