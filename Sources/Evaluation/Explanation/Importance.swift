public import Basics
public import Frames
public import Modeling

/// How much predictions lose when a column is scrambled.
public struct ColumnImportance: Sendable, Hashable, Codable {
  /// Column.
  public var column: String
  /// Loss of the metric and its interval, above 0 where the model needs the column.
  public var loss: MetricValue
  /// Share of all positive losses.
  public var share: Double

  /// `{"column", "value", "low", "high", "share"}`.
  public var json: JSONValue {
    [
      "column": .string(column), "value": .finite(loss.value), "low": .finite(loss.low), "high": .finite(loss.high),
      "share": .finite(share),
    ]
  }
}

/// Which columns matter.
public enum Importance {
  /// What the metric loses on held-out rows when one column's values are dealt to other rows, most important first.
  ///
  /// Columns that say the same thing share their importance: scrambling one leaves the other. The deal follows hashes
  /// of row keys, so row order does not matter. The interval is that of the mean over `repeats` deals (Student's t).
  ///
  /// - Parameters:
  ///   - columns: `nil` = all.
  ///   - weights: row weights of the metric; `nil` = 1 each.
  ///   - maximumRowCount: beyond it the rows with the lowest hashes serve.
  ///   - score: predictions for a frame; called `repeats` times a column, from several threads.
  /// - Returns: no columns when the metric is not defined on these rows.
  /// - Throws: `.shapeMismatch`, `.invalidData`, `.schemaMismatch`, and what `score` throws.
  /// - Source: Breiman, *Random forests*, 2001; Fisher, Rudin and Dominici, 2019.
  public static func permutation(
    _ frame: Frame, _ target: Target, metric: any Metric, columns: [String]? = nil, weights: [Double]? = nil,
    rowKeys: [UInt64]? = nil, repeats: Int = 5, maximumRowCount: Int = 5000, seed: Seed = Seed(0),
    workers: Workers = .serial,
    score: @escaping @Sendable (Frame) throws -> Predictions
  ) throws -> [ColumnImportance] {
    guard frame.rowCount == target.count else {
      throw MLError(.shapeMismatch, "importance: frame must have \(target.count) rows; got \(frame.rowCount).")
    }
    let seed = seed.derived("importance")
    let keys = RowIdentity.distinct(rowKeys, target: target.doubles, rowCount: target.count)
    let order = sorted(keys, seed.derived("rows"))
    let rows = Array(order.prefix(maximumRowCount))
    let (part, truth, partKeys) = (frame.gathered(rows), target.gathered(rows), rows.map { keys[$0] })
    let partWeights = weights.map { all in rows.map { all[$0] } }
    guard let whole = try metric.value(score(part), truth, weights: partWeights) else { return [] }
    let names = columns ?? frame.schema.names
    let repeats = max(1, repeats)
    let losses = try workers.map(names.count * repeats) { task -> Double? in
      let (index, round) = (task / repeats, task % repeats)
      let dealt = sorted(partKeys, seed.derived(index).derived(round))
      let column = try part.column(names[index]).gathered(dealt)
      let scrambled = try part.setting(part.schema[names[index]] ?? Field(of: column, name: names[index]), column)
      return try metric.value(score(scrambled), truth, weights: partWeights).map { metric.improvement(whole, over: $0) }
    }
    let values = names.indices.map { index in
      summary(losses[(index * repeats)..<((index + 1) * repeats)].compactMap { $0 })
    }
    return ranked(names, values)
  }

  /// What the metric loses when the model is learnt anew without one column, most important first: unlike
  /// `permutation`, a column whose story another column tells too loses nothing.
  ///
  /// - Parameters:
  ///   - rounds: learns anew this often; the interval is that of the mean over rounds, each against the same round with
  ///     all columns (Student's t).
  ///   - refit: the metric on rows not learnt from, after learning without these columns in round `round` (fold or
  ///     seed); `nil` where undefined.
  /// - Returns: no columns when the metric is not defined with all of them.
  /// - Throws: what `refit` throws.
  public static func dropColumn(
    _ columns: [String], metric: any Metric, rounds: Int = 5,
    refit: (_ without: Set<String>, _ round: Int) throws -> Double?
  ) throws -> [ColumnImportance] {
    let rounds = max(1, rounds)
    let whole = try (0..<rounds).map { try refit([], $0) }
    guard whole.contains(where: { $0 != nil }) else { return [] }
    let values = try columns.map { column in
      summary(
        try (0..<rounds).compactMap { round in
          guard let all = whole[round], let without = try refit([column], round) else { return nil }
          return metric.improvement(all, over: without)
        })
    }
    return ranked(columns, values)
  }

  private static func ranked(_ names: [String], _ values: [MetricValue]) -> [ColumnImportance] {
    let total = values.reduce(0) { $0 + max(0, $1.value) }
    return names.indices.map { index in
      ColumnImportance(
        column: names[index], loss: values[index], share: total > 0 ? max(0, values[index].value) / total : 0)
    }.sorted { ($1.loss.value, $0.column) < ($0.loss.value, $1.column) }
  }

  private static func sorted(_ keys: [UInt64], _ seed: Seed) -> [Int] {
    let hashes = keys.map { StableHash.combine($0, seed.value) }
    return hashes.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
  }

  /// 97.5 % quantiles of Student's t for 1 … 9 degrees of freedom.
  private static let student = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

  private static func summary(_ losses: [Double]) -> MetricValue {
    guard !losses.isEmpty else { return MetricValue(value: 0) }
    let count = Double(losses.count)
    let mean = losses.reduce(0, +) / count
    guard losses.count > 1 else { return MetricValue(value: mean) }
    let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let t = losses.count <= 10 ? student[losses.count - 2] : 1.96
    let reach = t * (variance / count).squareRoot()
    return MetricValue(value: mean, low: mean - reach, high: mean + reach)
  }
}
