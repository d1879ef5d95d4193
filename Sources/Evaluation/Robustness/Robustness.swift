public import Basics
public import Frames
public import Modeling

/// How much a model loses when its input is worse than it was tested on.
public struct RobustnessReport: Sendable, Hashable {
  /// One disturbance.
  public struct Entry: Sendable, Hashable {
    /// What was done to the rows.
    public var disturbance: Disturbance
    /// Column it was done to; `nil` for all.
    public var column: String?
    /// The metric afterwards.
    public var value: Double
    /// How much worse it is, with its interval from a paired comparison; below 0 where it is better.
    public var loss: MetricValue
  }

  /// Registered name of the metric.
  public var metric: String
  /// The metric on the rows as they are.
  public var baseline: Double
  /// Disturbances in the order they were made.
  public var entries: [Entry]

  /// `{"metric", "baseline", "entries": [{"kind", "amount", "column", "value", "loss": {…}}]}`.
  public var json: JSONValue {
    [
      "metric": .string(metric), "baseline": .finite(baseline),
      "entries": .array(
        entries.map {
          [
            "kind": .string($0.disturbance.kind), "amount": .finite($0.disturbance.amount),
            "column": $0.column.map(JSONValue.string) ?? .null, "value": .finite($0.value), "loss": $0.loss.json,
          ]
        }),
    ]
  }
}

/// What can be wrong with rows.
public enum Disturbance: Sendable, Hashable {
  /// Every number of all columns moves by a normal deviate of this share of its column's standard deviation.
  case noise(Double)
  /// This share of cells is missing.
  case missing(Double)
  /// A column is missing altogether; once for each.
  case absent
  /// A column's values are dealt to other rows; once for each.
  case permuted

  /// Name in reports.
  public var kind: String {
    switch self {
    case .noise: "noise"
    case .missing: "missing"
    case .absent: "absent-column"
    case .permuted: "permuted-column"
    }
  }

  /// Standard deviations or share of cells; `nil` for whole columns.
  public var amount: Double? {
    switch self {
    case .noise(let amount), .missing(let amount): amount
    case .absent, .permuted: nil
    }
  }
}

/// Disturbs rows and looks at what the model then says.
public enum Robustness {
  /// Noise of a tenth and a half, a tenth and three tenths of cells missing, each column absent and permuted.
  public static let usual: [Disturbance] = [
    .noise(0.1), .noise(0.5), .missing(0.1), .missing(0.3), .absent, .permuted,
  ]

  /// The metric under each disturbance. What is disturbed follows hashes of row keys, so row order does not matter.
  ///
  /// A model that refuses missing values makes those disturbances fail; they are then left out.
  ///
  /// - Parameters:
  ///   - columns: columns to disturb; `nil` = all.
  ///   - single: columns that are also disturbed one by one; `nil` = all of them.
  ///   - groups: keys of groups, where `options` draws those instead of rows.
  ///   - score: predictions for a frame.
  /// - Returns: `nil` when the metric is not defined on these rows.
  /// - Throws: `.shapeMismatch`, `.invalidData`, `.invalidParameter` for an amount below 0 or a share above 1, and what
  ///   `score` throws for the rows as they are.
  public static func evaluate(
    _ frame: Frame, _ target: Target, metric: any Metric, disturbances: [Disturbance] = usual,
    columns: [String]? = nil, single: [String]? = nil, weights: [Double]? = nil, rowKeys: [UInt64]? = nil,
    groups: [UInt64]? = nil, options: BootstrapOptions = BootstrapOptions(replicateCount: 200),
    score: (Frame) throws -> Predictions
  ) throws -> RobustnessReport? {
    guard frame.rowCount == target.count else {
      throw MLError(.shapeMismatch, "robustness: frame must have \(target.count) rows; got \(frame.rowCount).")
    }
    let whole = try score(frame)
    guard let baseline = try metric.value(whole, target, weights: weights) else { return nil }
    let keys = RowIdentity.distinct(rowKeys, target: target.doubles, rowCount: target.count)
    let names = columns ?? frame.schema.names
    var entries: [RobustnessReport.Entry] = []
    for disturbance in disturbances {
      if let amount = disturbance.amount, !(amount >= 0), disturbance.kind == "noise" || amount > 1 {
        throw MLError(.invalidParameter, "robustness: '\(disturbance.kind)' cannot be \(amount).", field: "amount")
      }
      for column in disturbance.amount == nil ? (single ?? names).map(Optional.some) : [nil] {
        let changed = try Disturber(seed: options.seed, keys: keys)
          .applied(disturbance, to: frame, columns: column.map { [$0] } ?? names)
        guard let after = try? score(changed),
          let comparison = try Intervals.compare(
            metric, whole, after, target, weights: weights, rowKeys: groups ?? rowKeys, options: options)
        else { continue }
        let turned = type(of: metric).higherIsBetter
        entries.append(
          .init(
            disturbance: disturbance, column: column, value: comparison.b,
            loss: MetricValue(
              value: comparison.improvement, low: turned ? comparison.low : -comparison.high,
              high: turned ? comparison.high : -comparison.low)))
      }
    }
    return RobustnessReport(metric: metric.name, baseline: baseline, entries: entries)
  }
}

/// Changes columns by hashes of row keys.
private struct Disturber {
  let seed: Seed
  let keys: [UInt64]

  func applied(_ disturbance: Disturbance, to frame: Frame, columns: [String]) throws -> Frame {
    var out = frame
    for name in columns {
      let column = try frame.column(name)
      let salt = seed.derived(disturbance.kind).derived(name).value
      let changed: Column
      switch disturbance {
      case .noise(let amount): changed = noisy(column, amount, salt)
      case .missing(let share):
        changed = hidden(column) { StableHash.fraction(StableHash.combine(keys[$0], salt)) < share }
      case .absent: changed = hidden(column) { _ in true }
      case .permuted:
        let hashes = keys.map { StableHash.combine($0, salt) }
        let from = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        let onto = keys.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
        var dealt = [Int](repeating: 0, count: keys.count)
        for (a, b) in zip(from, onto) { dealt[a] = b }
        changed = column.gathered(dealt)
      }
      out = try out.setting(frame.schema[name] ?? Field(of: changed, name: name), changed)
    }
    return out
  }

  private func noisy(_ column: Column, _ amount: Double, _ salt: UInt64) -> Column {
    guard column.kind.isNumeric, let values = column.doubles else { return column }
    let known = values.filter(\.isFinite)
    guard known.count > 1 else { return column }
    let mean = known.reduce(0, +) / Double(known.count)
    let spread = (known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)).squareRoot()
    let moved = values.indices.map { row in
      var stream = Seed(StableHash.combine(keys[row], salt)).generator
      return values[row] + amount * spread * stream.normal()
    }
    if case .integer = column.storage {
      let whole = moved.map { Int64(max(-9e18, min(9e18, $0.isFinite ? $0.rounded() : 0))) }
      return Column(.integer(whole), validity: column.validity)
    }
    return Column(.number(moved.map { $0.isNaN ? 0 : $0 }), validity: column.validity)
  }

  private func hidden(_ column: Column, _ isHidden: (Int) -> Bool) -> Column {
    guard column.kind != .vector else { return column }
    let present = (0..<column.count).map { column.isPresent($0) && !isHidden($0) }
    return Column(column.storage, validity: Validity(present))
  }
}
