public import Basics
public import Modeling

/// How far probabilities are from what happens, with intervals.
public struct CalibrationReport: Sendable, Hashable {
  /// Rows of similar probability.
  public struct Bin: Sendable, Hashable {
    /// Mean probability given.
    public var predicted: Double
    /// Share that came true, with its interval (Wilson).
    public var observed: MetricValue
    /// Weight of the rows.
    public var weight: Double
  }

  /// How rows are put into bins.
  public enum Binning: String, Sendable, Hashable, Codable, CaseIterable {
    /// About equal weight in every bin.
    case quantiles
    /// Equal stretches of probability, as most papers have it; empty bins are left out.
    case equalWidth = "equal-width"
  }

  /// Bins by rising probability.
  public var bins: [Bin]
  /// Mean distance between given and observed over rows (expected calibration error), with its bootstrap interval. It
  /// leans upwards on few rows: even perfect probabilities do not come true exactly.
  public var expectedError: MetricValue
  /// Largest distance of a bin.
  public var maximumError: Double
  /// Mean probability given minus share that came true: above 0, probabilities are too high.
  public var bias: MetricValue

  /// `{"bins": [{"predicted", "observed": {…}, "weight"}], "expected_calibration_error": {…}, …}`.
  public var json: JSONValue {
    [
      "bins": .array(
        bins.map {
          ["predicted": .finite($0.predicted), "observed": $0.observed.json, "weight": .finite($0.weight)]
        }),
      "expected_calibration_error": expectedError.json, "maximum_calibration_error": .finite(maximumError),
      "bias": bias.json,
    ]
  }

  /// For two classes the probability of the positive class, otherwise that of the decided class.
  ///
  /// - Returns: `nil` without rows.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  /// - Source: Naeini, Cooper and Hauskrecht, *Obtaining well calibrated probabilities using Bayesian binning*, 2015.
  public static func make(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, rowKeys: [UInt64]? = nil,
    binning: Binning = .quantiles, binCount: Int = 10, options: BootstrapOptions = BootstrapOptions()
  ) throws -> CalibrationReport? {
    let rows = try ClassRows(predictions, target, owner: "calibration")
    let ones = try RowWeights.checked(weights, rowCount: rows.rowCount, owner: "calibration")
    guard ones.contains(where: { $0 > 0 }) else { return nil }
    let codes = predictions.classCodes.map(Int.init)
    let isBinary = rows.classCount == 2
    let shown = codes.indices.map { rows.probabilities[$0 * rows.classCount + (isBinary ? 1 : codes[$0])] }
    let hits = codes.indices.map { Int(rows.truth[$0]) == (isBinary ? 1 : codes[$0]) ? 1.0 : 0 }
    let count = max(1, binCount)
    let places =
      binning == .equalWidth
      ? shown.map { min(count - 1, max(0, Int($0 * Double(count)))) } : Self.quantiles(shown, ones, count)
    let tally = BinTally(places: places, count: count, shown: shown, hits: hits)
    let sums = tally.sums(ones)
    let bins = (0..<count).compactMap { bin -> Bin? in
      let (weight, predicted, observed) = (sums[3 * bin], sums[3 * bin + 1], sums[3 * bin + 2])
      guard let share = Distributions.wilson(hits: observed, total: weight, confidence: options.confidence) else {
        return nil
      }
      return Bin(predicted: predicted / weight, observed: share, weight: weight)
    }
    let drawn = try Bootstrap(
      rowKeys: rowKeys, truth: target.doubles, rowCount: target.count, weights: weights, options: options
    ).run(width: 2) {
      let sums = tally.sums($0)
      $1 = [BinTally.error(sums), BinTally.bias(sums)]
    }
    let values = [BinTally.error(sums), BinTally.bias(sums)]
    let measured = (0...1).map { index -> MetricValue in
      let ends = Bootstrap.interval(drawn[index], confidence: options.confidence)
      return MetricValue(value: values[index], low: ends?.low, high: ends?.high)
    }
    return CalibrationReport(
      bins: bins, expectedError: measured[0],
      maximumError: bins.map { abs($0.predicted - $0.observed.value) }.max() ?? 0, bias: measured[1])
  }

  /// Bin of every row so that bins weigh about the same and equal probabilities stay together.
  private static func quantiles(_ shown: [Double], _ weights: [Double], _ count: Int) -> [Int] {
    var places = [Int](repeating: 0, count: shown.count)
    let order = Ranking.ascending(shown).map(Int.init)
    let share = weights.reduce(0, +) / Double(count)
    var (bin, seen) = (0, 0.0)
    for (place, row) in order.enumerated() {
      places[row] = bin
      seen += weights[row]
      let isTied = place + 1 < order.count && shown[order[place + 1]] == shown[row]
      if !isTied, bin + 1 < count, seen >= share * Double(bin + 1) - 1e-9 {
        bin = min(count - 1, max(bin + 1, Int(seen / share + 1e-9)))
      }
    }
    return places
  }
}

/// Sums of rows by bin: weight, probability, hits.
private struct BinTally: Sendable {
  let places: [Int]
  let count: Int
  let shown: [Double]
  let hits: [Double]

  func sums(_ weights: [Double]) -> [Double] {
    var out = [Double](repeating: 0, count: 3 * count)
    for row in places.indices where weights[row] > 0 {
      let base = 3 * places[row]
      out[base] += weights[row]
      out[base + 1] += weights[row] * shown[row]
      out[base + 2] += weights[row] * hits[row]
    }
    return out
  }

  static func error(_ sums: [Double]) -> Double { folded(sums) { abs($0) } }

  static func bias(_ sums: [Double]) -> Double { folded(sums) { $0 } }

  private static func folded(_ sums: [Double], _ size: (Double) -> Double) -> Double {
    var (total, gap) = (0.0, 0.0)
    for base in stride(from: 0, to: sums.count, by: 3) {
      total += sums[base]
      gap += size(sums[base + 1] - sums[base + 2])
    }
    return gap / total
  }
}
