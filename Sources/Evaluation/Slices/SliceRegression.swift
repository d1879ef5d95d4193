public import Basics
public import Frames
public import Modeling

/// Two models on the rows that share a value.
public struct SliceComparison: Sendable, Hashable, Codable {
  /// Column.
  public var column: String
  /// What the rows have in common.
  public var value: String
  /// Rows.
  public var rows: Int
  /// The challenger against the champion.
  public var comparison: PairedComparison
  /// Chance of such a loss where there is none, corrected for the number of slices.
  public var adjustedChance: Double

  /// Whether the challenger is surely worse here.
  public var isRegression: Bool { comparison.improvement < 0 && adjustedChance <= SliceRegression.level }

  enum CodingKeys: String, CodingKey {
    case column, value, rows, comparison
    case adjustedChance = "adjusted_chance"
  }

  /// `{"column", "value", "rows", "comparison": {…}, "adjusted_chance", "regression"}`.
  public var json: JSONValue {
    [
      "column": .string(column), "value": .string(value), "rows": .integer(Int64(rows)),
      "comparison": comparison.json, "adjusted_chance": .finite(adjustedChance), "regression": .boolean(isRegression),
    ]
  }
}

/// Finds slices on which a challenger is worse than the champion.
public enum SliceRegression {
  /// Share of false alarms among the slices that are called regressions.
  public static let level = 0.05

  /// The two models on every category, boolean and quartile of a number, worst first.
  ///
  /// The chance of each loss is that of a normal deviate, from the interval of the paired difference, then corrected
  /// for the number of slices (Benjamini and Hochberg).
  ///
  /// - Parameters:
  ///   - a: the challenger.
  ///   - b: the champion.
  ///   - minimumCount: slices with fewer rows are left out.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public static func compare(
    _ metric: any Metric, _ a: Predictions, _ b: Predictions, _ target: Target, frame: Frame, weights: [Double]? = nil,
    rowKeys: [UInt64]? = nil, minimumCount: Int = 100, excluding: Set<String> = [],
    options: BootstrapOptions = BootstrapOptions(replicateCount: 200)
  ) throws -> [SliceComparison] {
    guard frame.rowCount == target.count else {
      throw MLError(.shapeMismatch, "slices: frame must have \(target.count) rows; got \(frame.rowCount).")
    }
    var found: [SliceComparison] = []
    for (field, column) in zip(frame.schema.fields, frame.columns) {
      guard !excluding.contains(field.name), field.kind != .text, field.kind != .vector else { continue }
      for group in try RowGroups(column, name: field.name).groups
      where group.rows.count >= minimumCount && group.rows.count < frame.rowCount {
        let rows = group.rows
        let comparison = try Intervals.compare(
          metric, a.gathered(rows), b.gathered(rows), target.gathered(rows),
          weights: weights.map { all in rows.map { all[$0] } },
          rowKeys: rowKeys.map { keys in rows.map { keys[$0] } }, options: options)
        guard let comparison else { continue }
        found.append(
          SliceComparison(
            column: field.name, value: group.name, rows: rows.count, comparison: comparison,
            adjustedChance: chance(comparison, options.confidence)))
      }
    }
    let adjusted = Distributions.benjaminiHochberg(found.map(\.adjustedChance))
    for index in found.indices { found[index].adjustedChance = adjusted[index] }
    return found.sorted { x, y in
      (x.adjustedChance, x.comparison.improvement, x.column, x.value)
        < (y.adjustedChance, y.comparison.improvement, y.column, y.value)
    }
  }

  private static func chance(_ comparison: PairedComparison, _ confidence: Double) -> Double {
    let error = (comparison.high - comparison.low) / (2 * Distributions.normalQuantile(0.5 + confidence / 2))
    if error > 0 { return Distributions.normal(comparison.improvement / error) }
    return comparison.improvement < 0 ? 0 : 1
  }
}
