public import Basics
public import Frames
public import Modeling

/// Decisions by group.
public struct FairnessReport: Sendable, Hashable, Codable {
  /// One group.
  public struct Group: Sendable, Hashable, Codable {
    /// Value of the attribute.
    public var group: String
    /// Rows.
    public var rows: Int
    /// Share decided positive.
    public var selectionRate: MetricValue?
    /// Share of positive rows decided positive.
    public var truePositiveRate: MetricValue?
    /// Share of negative rows decided positive.
    public var falsePositiveRate: MetricValue?
    /// Share decided rightly.
    public var accuracy: MetricValue?
    /// Share of rows decided positive that are.
    public var precision: MetricValue?
    /// Mean probability given minus share that came true.
    public var overshoot: MetricValue?

    enum CodingKeys: String, CodingKey {
      case group, rows, accuracy, precision, overshoot
      case selectionRate = "selection_rate"
      case truePositiveRate = "true_positive_rate"
      case falsePositiveRate = "false_positive_rate"
    }
  }

  /// The largest difference between two groups.
  public struct Gap: Sendable, Hashable, Codable {
    /// What differs.
    public var metric: FairnessMetric
    /// Difference and its interval.
    public var value: MetricValue
    /// Group with the lowest rate.
    public var lowest: String
    /// Group with the highest rate.
    public var highest: String
  }

  /// Column whose values are the groups.
  public var attribute: String
  /// Groups with fewer rows of the kind a rate needs do not take part in gaps.
  public var minimumCount: Int
  /// Groups, most rows first.
  public var groups: [Group]
  /// Differences that are defined.
  public var gaps: [Gap]

  enum CodingKeys: String, CodingKey {
    case attribute, groups, gaps
    case minimumCount = "minimum_count"
  }

  /// Difference called `metric`.
  public func gap(_ metric: FairnessMetric) -> Gap? { gaps.first { $0.metric == metric } }

  /// The report as `evaluate --json` shows it.
  public var json: JSONValue {
    let groups = groups.map { group -> JSONValue in
      [
        "group": .string(group.group), "rows": .integer(Int64(group.rows)),
        "selection_rate": group.selectionRate?.json ?? .null,
        "true_positive_rate": group.truePositiveRate?.json ?? .null,
        "false_positive_rate": group.falsePositiveRate?.json ?? .null, "accuracy": group.accuracy?.json ?? .null,
        "precision": group.precision?.json ?? .null, "overshoot": group.overshoot?.json ?? .null,
      ]
    }
    let gaps = gaps.map { gap -> JSONValue in
      [
        "metric": .string(gap.metric.rawValue), "value": .finite(gap.value.value), "low": .finite(gap.value.low),
        "high": .finite(gap.value.high), "lowest": .string(gap.lowest), "highest": .string(gap.highest),
      ]
    }
    return ["attribute": .string(attribute), "groups": .array(groups), "gaps": .array(gaps)]
  }
}

/// Measures how alike groups are treated.
public enum Fairness {
  /// Rates by value of column `attribute` and their largest differences, for decisions between two classes.
  ///
  /// Numbers are cut at their quartiles; missing values form a group of their own. The largest of several differences
  /// leans upwards when groups are small; its interval shows how far.
  ///
  /// - Parameters:
  ///   - minimumCount: rows a group needs to take part in a difference.
  ///   - maximumGroupCount: beyond it the groups with the fewest rows are left out.
  /// - Returns: `nil` unless the predictions are of two classes.
  /// - Throws: `.shapeMismatch`, `.invalidData`, `.schemaMismatch` for an unknown column.
  /// - Source: Hardt, Price and Srebro, *Equality of opportunity in supervised learning*, 2016.
  public static func evaluate(
    by attribute: String, _ frame: Frame, _ predictions: Predictions, _ target: Target, weights: [Double]? = nil,
    rowKeys: [UInt64]? = nil, minimumCount: Int = 30, maximumGroupCount: Int = 50,
    options: BootstrapOptions = BootstrapOptions()
  ) throws -> FairnessReport? {
    guard predictions.classes.count == 2 else { return nil }
    let ones = try RowWeights.checked(weights, rowCount: target.count, owner: "fairness")
    let decided = try DecidedRows(predictions, target, owner: "fairness")
    let parts = try RowGroups(frame.column(attribute), name: attribute)
    guard frame.rowCount == target.count else {
      throw MLError(.shapeMismatch, "fairness: frame must have \(target.count) rows; got \(frame.rowCount).")
    }
    let chosen = parts.groups.sorted { ($1.rows.count, $0.name) < ($0.rows.count, $1.name) }.prefix(maximumGroupCount)
    let shown = predictions.probabilities(ofClass: 1) ?? []
    let tally = GroupTally(chosen.map(\.rows), decided, shown)
    let counts = tally.counts(ones)
    let takesPart = Rates.takesPart(counts, minimumCount: minimumCount)
    let value = Rates.all(counts, takesPart)
    let replicates = try Bootstrap(
      rowKeys: rowKeys, truth: target.doubles, rowCount: target.count, weights: weights, options: options
    ).run(width: value.flat.count) {
      $1 = Rates.all(tally.counts($0), takesPart).flat
    }
    let measured = value.flat.indices.map { index -> MetricValue? in
      guard value.flat[index].isFinite else { return nil }
      let ends = Bootstrap.interval(replicates[index], confidence: options.confidence)
      return MetricValue(value: value.flat[index], low: ends?.low, high: ends?.high)
    }
    return report(attribute, Array(chosen), value, measured, minimumCount)
  }

  private static func report(
    _ attribute: String, _ groups: [RowGroups.Group], _ rates: Rates, _ measured: [MetricValue?], _ minimumCount: Int
  ) -> FairnessReport {
    let rows = groups.indices.map { index in
      FairnessReport.Group(
        group: groups[index].name, rows: groups[index].rows.count, selectionRate: measured[6 * index],
        truePositiveRate: measured[6 * index + 1], falsePositiveRate: measured[6 * index + 2],
        accuracy: measured[6 * index + 3], precision: measured[6 * index + 4], overshoot: measured[6 * index + 5])
    }
    let gaps = FairnessMetric.allCases.enumerated().compactMap { index, metric -> FairnessReport.Gap? in
      guard let value = measured[6 * groups.count + index], let ends = rates.ends[index] else { return nil }
      return .init(metric: metric, value: value, lowest: groups[ends.lowest].name, highest: groups[ends.highest].name)
    }
    return FairnessReport(attribute: attribute, minimumCount: minimumCount, groups: rows, gaps: gaps)
  }
}

/// Counts of the four cells and the sum of probabilities for every group.
private struct GroupTally: Sendable {
  /// Numbers of a group.
  static let width = 5
  private let cells: [Int32]
  private let shown: [Double]
  private let groupOf: [Int32]
  private let groupCount: Int

  init(_ groups: [[Int]], _ decided: DecidedRows, _ shown: [Double]) {
    var groupOf = [Int32](repeating: -1, count: shown.count)
    for (index, rows) in groups.enumerated() { for row in rows { groupOf[row] = Int32(index) } }
    self.groupOf = groupOf
    self.shown = shown
    cells = decided.cells
    groupCount = groups.count
  }

  /// `[group, (true class, decided class) then probability]`.
  func counts(_ weights: [Double]) -> [Double] {
    var out = [Double](repeating: 0, count: Self.width * groupCount)
    for row in cells.indices where groupOf[row] >= 0 {
      let base = Int(groupOf[row]) * Self.width
      out[base + Int(cells[row])] += weights[row]
      out[base + 4] += weights[row] * shown[row]
    }
    return out
  }
}

/// Rates of every group, then the largest differences; NaN where undefined.
private struct Rates {
  var flat: [Double] = []
  /// Groups between which each difference of `FairnessMetric.allCases` lies.
  var ends: [(lowest: Int, highest: Int)?] = []

  /// Whether a group has enough rows, positives, negatives and rows decided positive to take part in differences:
  /// `[group, 4]`. Decided once, on the rows as they are, so that every replicate compares the same groups.
  static func takesPart(_ counts: [Double], minimumCount: Int) -> [Bool] {
    stride(from: 0, to: counts.count, by: GroupTally.width).flatMap { base -> [Bool] in
      let (negatives, positives) = (counts[base] + counts[base + 1], counts[base + 2] + counts[base + 3])
      let decided = counts[base + 1] + counts[base + 3]
      return [negatives + positives, positives, negatives, decided].map { $0 >= Double(minimumCount) }
    }
  }

  static func all(_ counts: [Double], _ takesPart: [Bool]) -> Rates {
    var out = Rates()
    // Selection, true positives, false positives, precision, overshoot.
    var compared = [[Double]](repeating: [], count: 5)
    for base in stride(from: 0, to: counts.count, by: GroupTally.width) {
      let (rejected, falseHits, missed, hits) = (counts[base], counts[base + 1], counts[base + 2], counts[base + 3])
      let (negatives, positives) = (rejected + falseHits, missed + hits)
      let total = negatives + positives
      let rates = [
        (hits + falseHits) / total, hits / positives, falseHits / negatives, (hits + rejected) / total,
        hits / (hits + falseHits), (counts[base + 4] - positives) / total,
      ].map { $0.isFinite ? $0 : .nan }
      out.flat += rates
      let place = base / GroupTally.width * 4
      for (index, (rate, condition)) in [(0, 0), (1, 1), (2, 2), (4, 3), (5, 0)].enumerated() {
        compared[index].append(takesPart[place + condition] ? rates[rate] : .nan)
      }
    }
    let gaps = compared.map { gap($0) }
    let odds: (value: Double, lowest: Int, highest: Int)?
    if let a = gaps[1], let b = gaps[2] { odds = a.value >= b.value ? a : b } else { odds = nil }
    for found in [gaps[0], gaps[1], odds, gaps[3], gaps[4]] {
      out.flat.append(found?.value ?? .nan)
      out.ends.append(found.map { ($0.lowest, $0.highest) })
    }
    return out
  }

  private static func gap(_ rates: [Double]) -> (value: Double, lowest: Int, highest: Int)? {
    let known = rates.indices.filter { rates[$0].isFinite }
    guard known.count >= 2, let low = known.min(by: { rates[$0] < rates[$1] }),
      let high = known.max(by: { rates[$0] < rates[$1] })
    else { return nil }
    return (rates[high] - rates[low], low, high)
  }
}
