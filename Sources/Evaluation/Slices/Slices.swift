public import Basics
public import Frames
public import Modeling

/// How the model does on the rows that share a value.
public struct Slice: Sendable, Hashable, Codable {
  /// Column.
  public var column: String
  /// What the rows have in common: a category, a range, `(missing)`.
  public var value: String
  /// Rows.
  public var rows: Int
  /// The metric on these rows.
  public var metric: MetricValue
  /// How much worse than on all rows; negative when better.
  public var shortfall: Double
  /// Whether even the kind end of the interval is worse than the value on all rows.
  public var isClearlyWorse: Bool

  enum CodingKeys: String, CodingKey {
    case column, value, rows, metric, shortfall
    case isClearlyWorse = "is_clearly_worse"
  }

  /// `{"column", "value", "rows", "metric": {…}, "shortfall", "clearly_worse"}`.
  public var json: JSONValue {
    [
      "column": .string(column), "value": .string(value), "rows": .integer(Int64(rows)), "metric": metric.json,
      "shortfall": .finite(shortfall), "clearly_worse": .boolean(isClearlyWorse),
    ]
  }
}

/// Finds where a model does badly.
public enum Slices {
  /// The metric by value of every category and boolean column and by quartile of every number, worst first.
  ///
  /// Order is by the kind end of the interval, so that a few unlucky rows do not lead the list. Among many slices some
  /// look bad by chance alone: with 100 slices expect two or three to be called clearly worse without being so.
  ///
  /// - Parameters:
  ///   - minimumCount: slices with fewer rows are left out.
  ///   - limit: slices returned.
  ///   - excluding: columns not to look at (private ones, ids).
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  /// - Complexity: O(columns · rows · replicates); 200 replicates unless told otherwise.
  public static func worst(
    _ metric: any Metric, _ frame: Frame, _ predictions: Predictions, _ target: Target, weights: [Double]? = nil,
    rowKeys: [UInt64]? = nil, minimumCount: Int = 50, limit: Int = 20, excluding: Set<String> = [],
    options: BootstrapOptions = BootstrapOptions(replicateCount: 200)
  ) throws -> [Slice] {
    guard frame.rowCount == target.count else {
      throw MLError(.shapeMismatch, "slices: frame must have \(target.count) rows; got \(frame.rowCount).")
    }
    guard let overall = try metric.value(predictions, target, weights: weights) else { return [] }
    var slices: [Slice] = []
    for (field, column) in zip(frame.schema.fields, frame.columns) {
      guard !excluding.contains(field.name), field.kind != .text, field.kind != .vector else { continue }
      for group in try RowGroups(column, name: field.name).groups
      where group.rows.count >= minimumCount && group.rows.count < frame.rowCount {
        let rows = group.rows
        let value = try Intervals.evaluate(
          metric, predictions.gathered(rows), target.gathered(rows), weights: weights.map { w in rows.map { w[$0] } },
          rowKeys: rowKeys.map { keys in rows.map { keys[$0] } }, options: options)
        guard let value else { continue }
        let kind = type(of: metric).higherIsBetter ? value.high : value.low
        slices.append(
          Slice(
            column: field.name, value: group.name, rows: rows.count, metric: value,
            shortfall: metric.improvement(overall, over: value.value),
            isClearlyWorse: metric.improvement(overall, over: kind) > 0))
      }
    }
    let rank = { (slice: Slice) in
      metric.improvement(overall, over: type(of: metric).higherIsBetter ? slice.metric.high : slice.metric.low)
    }
    return Array(slices.sorted { (rank($1), $0.column, $0.value) < (rank($0), $1.column, $1.value) }.prefix(limit))
  }
}
