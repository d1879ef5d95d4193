public import Basics
public import Modeling

/// Any metric by group and by intersections of groups, and how far groups are apart.
public struct FairnessAudit: Sendable, Hashable {
  /// One group.
  public struct Group: Sendable, Hashable {
    /// Value of each attribute.
    public var values: [String]
    /// Rows.
    public var rows: Int
    /// Metrics and rates that are defined on these rows.
    public var metrics: MetricReport
    /// Whether the group has too few rows to be compared with others.
    public var isSmall: Bool
  }

  /// How far groups are apart.
  public struct Disparity: Sendable, Hashable {
    /// What is compared: a metric's name or a fairness measure.
    public var measure: String
    /// Largest value minus smallest, with its interval.
    public var difference: MetricValue
    /// Smallest value over largest, with its interval; `nil` where a value is negative or all are 0.
    public var ratio: MetricValue?
    /// Group with the smallest value.
    public var lowest: String
    /// Group with the largest value.
    public var highest: String
  }

  /// Columns whose values make the groups.
  public var attributes: [String]
  /// Rows of the kind a measure needs, below which a group is not compared.
  public var minimumCount: Int
  /// Groups, most rows first.
  public var groups: [Group]
  /// Measures that at least two groups have.
  public var disparities: [Disparity]

  /// Disparity called `measure`: `demographic_parity`, `equal_opportunity`, `equalized_odds`, `predictive_parity`,
  /// `calibration` or a metric's name.
  public subscript(measure: String) -> Disparity? { disparities.first { $0.measure == measure } }

  /// `{"attributes", "minimum_count", "groups": […], "disparities": […]}`.
  public var json: JSONValue {
    [
      "attributes": .array(attributes.map(JSONValue.string)), "minimum_count": .integer(Int64(minimumCount)),
      "groups": .array(
        groups.map {
          [
            "values": .array($0.values.map(JSONValue.string)), "rows": .integer(Int64($0.rows)),
            "metrics": $0.metrics.json, "small": .boolean($0.isSmall),
          ]
        }),
      "disparities": .array(
        disparities.map {
          [
            "measure": .string($0.measure), "difference": $0.difference.json, "ratio": $0.ratio?.json ?? .null,
            "lowest": .string($0.lowest), "highest": .string($0.highest),
          ]
        }),
    ]
  }

  /// Measures every group and compares groups, all on the same replicates.
  ///
  /// The largest of several differences leans upwards when groups are small; its interval shows how far.
  ///
  /// - Parameters:
  ///   - groups: see `ProtectedGroups`; several attributes give intersections.
  ///   - metrics: besides the rates; `nil` = those of `MetricCatalog.metrics`.
  ///   - minimumCount: rows a group needs for its metrics to be compared.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  /// - Source: Bird et al., *Fairlearn*, 2020; Hardt, Price and Srebro, *Equality of opportunity*, 2016.
  public static func make(
    _ groups: ProtectedGroups, _ predictions: Predictions, _ target: Target, weights: [Double]? = nil,
    rowKeys: [UInt64]? = nil, metrics: [any Metric]? = nil, minimumCount: Int = 30,
    options: BootstrapOptions = BootstrapOptions()
  ) throws -> FairnessAudit {
    guard groups.rowCount == target.count else {
      throw MLError(.shapeMismatch, "fairness: frame must have \(target.count) rows; got \(groups.rowCount).")
    }
    let task: Task = predictions.values == nil ? .classification : .regression
    let metrics = metrics ?? MetricCatalog.metrics(for: task, classCount: predictions.classes.count)
    let ones = try RowWeights.checked(weights, rowCount: target.count, owner: "fairness")
    let measured = try groups.groups.map {
      try GroupStatistics($0.rows, predictions, target, metrics, ones)
    }
    let names = measured.first?.names ?? []
    let width = names.count
    let comparison = GroupComparison(
      names: names, takesPart: measured.map { $0.takesPart(minimumCount) }, metricCount: metrics.count)
    let value = comparison.flat(measured.map { $0.values(ones) })
    let drawn = try Bootstrap(
      rowKeys: rowKeys, truth: target.doubles, rowCount: target.count, weights: weights, options: options
    ).run(width: value.numbers.count) {
      drawn, out in
      out = comparison.flat(measured.map { $0.values(drawn) }).numbers
    }
    let results = value.numbers.indices.map { index -> MetricValue? in
      guard value.numbers[index].isFinite else { return nil }
      let ends = Bootstrap.interval(drawn[index], confidence: options.confidence)
      return MetricValue(value: value.numbers[index], low: ends?.low, high: ends?.high)
    }
    let described = groups.groups.indices.map { index -> Group in
      let entries = names.indices.compactMap { k in results[index * width + k].map { (name: names[k], value: $0) } }
      return Group(
        values: groups.groups[index].values, rows: groups.groups[index].rows.count, metrics: MetricReport(entries),
        isSmall: groups.groups[index].rows.count < minimumCount)
    }
    let start = groups.groups.count * width
    let disparities = comparison.measures.indices.compactMap { k -> Disparity? in
      guard let difference = results[start + 2 * k], let ends = value.ends[k] else { return nil }
      return Disparity(
        measure: comparison.measures[k], difference: difference,
        // A ratio of two calibration errors says nothing.
        ratio: comparison.measures[k] == "calibration" ? nil : results[start + 2 * k + 1],
        lowest: groups.groups[ends.lowest].name, highest: groups.groups[ends.highest].name)
    }
    return FairnessAudit(
      attributes: groups.attributes, minimumCount: minimumCount, groups: described, disparities: disparities)
  }
}

/// Metrics and rates of one group under any weights.
private struct GroupStatistics: Sendable {
  let rows: [Int]
  let names: [String]
  private let statistics: [WeightedStatistic]
  /// Weight of the rows that each number is a share of.
  private let counts: [Double]

  init(
    _ rows: [Int], _ predictions: Predictions, _ target: Target, _ metrics: [any Metric], _ weights: [Double]
  ) throws {
    self.rows = rows
    let (part, truth) = (predictions.gathered(rows), target.gathered(rows))
    let total = rows.reduce(0) { $0 + weights[$1] }
    var names = metrics.map(\.name)
    var statistics = try metrics.map { try $0.anyStatistic(part, truth) }
    var counts = [Double](repeating: total, count: metrics.count)
    if predictions.classes.count == 2, let shown = part.probabilities(ofClass: 1) {
      let decided = try DecidedRows(part, truth, owner: "fairness")
      let matrix = decided.matrix(rows.map { weights[$0] })
      names += [
        "selection_rate", "true_positive_rate", "false_positive_rate", "positive_predictive_value", "overshoot",
      ]
      statistics += [
        .confusion(decided) { $0.decidedCount(1) / $0.total }, .confusion(decided) { $0.recall(1) },
        .confusion(decided) { $0.trueCount(0) > 0 ? $0[0, 1] / $0.trueCount(0) : nil },
        .confusion(decided) { $0.precision(1) },
        .mean(zip(shown, decided.cells).map { $0 - ($1 >= 2 ? 1 : 0) }) { $0 },
      ]
      counts += [total, matrix.trueCount(1), matrix.trueCount(0), matrix.decidedCount(1), total]
    }
    (self.names, self.statistics, self.counts) = (names, statistics, counts)
  }

  func takesPart(_ minimumCount: Int) -> [Bool] { counts.map { $0 >= Double(minimumCount) } }

  func values(_ weights: [Double]) -> [Double] {
    let own = rows.map { weights[$0] }
    return statistics.map { $0.value(own) ?? .nan }
  }
}

/// Differences and ratios between groups, decided once which groups take part.
private struct GroupComparison: Sendable {
  let names: [String]
  let takesPart: [[Bool]]
  /// Measures in report order, and the numbers each looks at.
  let measures: [String]
  private let sources: [[Int]]

  init(names: [String], takesPart: [[Bool]], metricCount: Int) {
    self.names = names
    self.takesPart = takesPart
    var measures = Array(names.prefix(metricCount))
    var sources = (0..<metricCount).map { [$0] }
    if names.count > metricCount {
      measures += FairnessMetric.allCases.map(\.rawValue)
      sources += [[0], [1], [1, 2], [3], [4]].map { $0.map { $0 + metricCount } }
    }
    self.measures = measures
    self.sources = sources
  }

  /// Every number of every group, then difference and ratio of every measure; NaN where undefined.
  func flat(_ values: [[Double]]) -> (numbers: [Double], ends: [(lowest: Int, highest: Int)?]) {
    var numbers = values.flatMap { $0 }
    var ends: [(lowest: Int, highest: Int)?] = []
    for source in sources {
      let parts = source.map { extremes(values, $0) }
      guard let first = parts.first, let known = first, parts.allSatisfy({ $0 != nil }) else {
        numbers += [.nan, .nan]
        ends.append(nil)
        continue
      }
      let worst = parts.compactMap { $0 }.reduce(known) { $1.difference > $0.difference ? $1 : $0 }
      let ratio = parts.compactMap { $0?.ratio }.min() ?? .nan
      numbers += [worst.difference, ratio]
      ends.append((worst.lowest, worst.highest))
    }
    return (numbers, ends)
  }

  private func extremes(
    _ values: [[Double]], _ index: Int
  ) -> (difference: Double, ratio: Double, lowest: Int, highest: Int)? {
    let known = values.indices.filter { takesPart[$0][index] && values[$0][index].isFinite }
    guard known.count >= 2, let low = known.min(by: { values[$0][index] < values[$1][index] }),
      let high = known.max(by: { values[$0][index] < values[$1][index] })
    else { return nil }
    let (least, most) = (values[low][index], values[high][index])
    return (most - least, least >= 0 && most > 0 ? least / most : .nan, low, high)
  }
}
