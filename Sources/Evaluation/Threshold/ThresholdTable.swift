public import Basics
public import Modeling

/// What each of several thresholds would decide, with intervals: the numbers behind a threshold explorer.
public struct ThresholdTable: Sendable, Hashable {
  /// One threshold.
  public struct Row: Sendable, Hashable {
    /// Least probability that is decided positive.
    public var threshold: Double
    /// Share of rows decided positive.
    public var flagged: MetricValue
    /// Share of rows decided positive that are; `nil` when none is decided so.
    public var precision: MetricValue?
    /// Share of positive rows decided so; `nil` without positive rows.
    public var recall: MetricValue?
    /// Share of negative rows decided positive; `nil` without negative rows.
    public var falsePositiveRate: MetricValue?
    /// Harmonic mean of precision and recall.
    public var f1: MetricValue?
    /// Mean cost of a row; `nil` without costs.
    public var cost: MetricValue?

    /// `{"threshold", "flagged", "precision", "recall", "false_positive_rate", "f1", "cost"}`.
    public var json: JSONValue {
      [
        "threshold": .finite(threshold), "flagged": flagged.json, "precision": precision?.json ?? .null,
        "recall": recall?.json ?? .null, "false_positive_rate": falsePositiveRate?.json ?? .null,
        "f1": f1?.json ?? .null, "cost": cost?.json ?? .null,
      ]
    }
  }

  /// Rows by rising threshold.
  public var rows: [Row]

  /// `[{…}, …]`.
  public var json: JSONValue { .array(rows.map(\.json)) }

  /// The row that costs least; `nil` without costs.
  public var cheapest: Row? {
    rows.filter { $0.cost != nil }.min { ($0.cost?.value ?? 0, $0.threshold) < ($1.cost?.value ?? 0, $1.threshold) }
  }

  /// Decides between two classes at every threshold, all on the same replicates.
  ///
  /// - Parameter thresholds: `nil` = 0.05, 0.1 … 0.95.
  /// - Throws: `.invalidData` unless there are two classes; `.shapeMismatch`; `.invalidParameter` for a threshold
  ///   that is not a number.
  public static func make(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, rowKeys: [UInt64]? = nil,
    thresholds: [Double]? = nil, costs: DecisionCosts? = nil, options: BootstrapOptions = BootstrapOptions()
  ) throws -> ThresholdTable {
    let rows = try ClassRows(predictions, target, owner: "thresholds")
    let ones = try RowWeights.checked(weights, rowCount: rows.rowCount, owner: "thresholds")
    let wanted = Array(Set(thresholds ?? (1..<20).map { Double($0) * 5 / 100 })).sorted()
    guard rows.classCount == 2, wanted.allSatisfy({ !$0.isNaN }) else {
      throw MLError(
        rows.classCount == 2 ? .invalidParameter : .invalidData,
        "thresholds: need two classes and numbers; got \(rows.classCount) classes.", field: "thresholds")
    }
    let tally = ThresholdTally(rows, wanted)
    let value = tally.numbers(ones, costs)
    let drawn = try Bootstrap(
      rowKeys: rowKeys, truth: target.doubles, rowCount: target.count, weights: weights, options: options
    ).run(width: value.count) {
      $1 = tally.numbers($0, costs)
    }
    let measured = value.indices.map { index -> MetricValue? in
      guard value[index].isFinite else { return nil }
      let ends = Bootstrap.interval(drawn[index], confidence: options.confidence)
      return MetricValue(value: value[index], low: ends?.low, high: ends?.high)
    }
    let width = ThresholdTally.width
    let table = wanted.indices.compactMap { place -> Row? in
      guard let flagged = measured[place * width] else { return nil }
      return Row(
        threshold: wanted[place], flagged: flagged, precision: measured[place * width + 1],
        recall: measured[place * width + 2], falsePositiveRate: measured[place * width + 3],
        f1: measured[place * width + 4], cost: measured[place * width + 5])
    }
    return ThresholdTable(rows: table)
  }
}

/// Rows by the stretch between thresholds that they fall into.
private struct ThresholdTally: Sendable {
  static let width = 6
  /// `2 · stretch + (1 where positive)`; stretch `k` holds rows that the first `k` thresholds decide positive.
  private let cells: [Int]
  private let count: Int

  init(_ rows: ClassRows, _ thresholds: [Double]) {
    let scores = rows.column(1)
    count = thresholds.count
    cells = scores.indices.map { row in
      var (low, high) = (0, thresholds.count)
      while low < high {
        let middle = (low + high) / 2
        if thresholds[middle] <= scores[row] { low = middle + 1 } else { high = middle }
      }
      return 2 * low + Int(rows.truth[row])
    }
  }

  /// Flagged, precision, recall, false-positive rate, F1 and cost of each threshold; NaN where undefined.
  func numbers(_ weights: [Double], _ costs: DecisionCosts?) -> [Double] {
    var sums = [Double](repeating: 0, count: 2 * (count + 1))
    for row in cells.indices { sums[cells[row]] += weights[row] }
    let negatives = stride(from: 0, to: sums.count, by: 2).reduce(0) { $0 + sums[$1] }
    let positives = stride(from: 1, to: sums.count, by: 2).reduce(0) { $0 + sums[$1] }
    var out = [Double](repeating: .nan, count: count * Self.width)
    var (hits, falseHits) = (0.0, 0.0)
    for place in (0..<count).reversed() {
      falseHits += sums[2 * (place + 1)]
      hits += sums[2 * (place + 1) + 1]
      let total = negatives + positives
      let base = place * Self.width
      out[base] = (hits + falseHits) / total
      out[base + 1] = hits / (hits + falseHits)
      out[base + 2] = hits / positives
      out[base + 3] = falseHits / negatives
      out[base + 4] = 2 * hits / (positives + hits + falseHits)
      if let costs {
        out[base + 5] = (falseHits * costs.falsePositive + (positives - hits) * costs.falseNegative) / total
      }
    }
    return out
  }
}
