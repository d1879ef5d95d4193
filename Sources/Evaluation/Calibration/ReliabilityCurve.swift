public import Modeling

/// How often what was given a probability came true.
public struct ReliabilityCurve: Sendable, Hashable, Codable {
  /// Rows of about equal probability.
  public struct Bin: Sendable, Hashable, Codable {
    /// Mean probability given.
    public var predicted: Double
    /// Share that came true.
    public var observed: Double
    /// Weight of the rows.
    public var weight: Double
  }

  /// Bins by rising probability.
  public var bins: [Bin]
  /// Mean distance between given and observed over rows, `0 ... 1` (expected calibration error).
  public var expectedError: Double
  /// Largest distance of a bin.
  public var maximumError: Double

  enum CodingKeys: String, CodingKey {
    case bins
    case expectedError = "expected_calibration_error"
    case maximumError = "maximum_calibration_error"
  }

  /// Bins of about equal weight. For two classes the probability of the positive class, otherwise that of the decided
  /// class.
  ///
  /// - Parameter binCount: bins at most; rows of one probability stay in one bin.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  /// - Source: Naeini, Cooper and Hauskrecht, *Obtaining well calibrated probabilities using Bayesian binning*, 2015 (with
  ///   equal counts instead of equal widths, which leave bins empty).
  public init(_ predictions: Predictions, _ target: Target, weights: [Double]? = nil, binCount: Int = 10) throws {
    let rows = try ClassRows(predictions, target, owner: "calibration curve")
    let ones = try RowWeights.checked(weights, rowCount: rows.rowCount, owner: "calibration curve")
    let codes = predictions.classCodes.map(Int.init)
    let isBinary = rows.classCount == 2
    let shown = rows.truth.indices.map { rows.probabilities[$0 * rows.classCount + (isBinary ? 1 : codes[$0])] }
    let hits = rows.truth.indices.map { Int(rows.truth[$0]) == (isBinary ? 1 : codes[$0]) }
    let share = ones.reduce(0, +) / Double(max(1, binCount))
    var bins: [Bin] = []
    var (weight, predicted, observed, seen) = (0.0, 0.0, 0.0, 0.0)
    let order = Ranking.ascending(shown).map(Int.init)
    for (place, row) in order.enumerated() {
      weight += ones[row]
      seen += ones[row]
      predicted += ones[row] * shown[row]
      observed += hits[row] ? ones[row] : 0
      let isLast = place + 1 == order.count
      let isTied = !isLast && shown[order[place + 1]] == shown[row]
      if weight > 0, isLast || (!isTied && seen >= share * Double(bins.count + 1) - 1e-9) {
        bins.append(Bin(predicted: predicted / weight, observed: observed / weight, weight: weight))
        (weight, predicted, observed) = (0, 0, 0)
      }
    }
    self.bins = bins
    let total = bins.reduce(0) { $0 + $1.weight }
    expectedError = total > 0 ? bins.reduce(0) { $0 + $1.weight * abs($1.predicted - $1.observed) } / total : 0
    maximumError = bins.map { abs($0.predicted - $0.observed) }.max() ?? 0
  }
}
