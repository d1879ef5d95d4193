public import Basics
public import Modeling

/// How well each class is told from all others.
public struct ClassMetrics: Sendable, Hashable {
  /// One class.
  public struct Entry: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Rows of it, by weight.
    public var rowCount: Double
    /// Share of the rows decided so that are so; `nil` where none is.
    public var precision: MetricValue?
    /// Share of its rows that are decided so; `nil` where there are none.
    public var recall: MetricValue?
    /// Harmonic mean of the two; `nil` where there is neither a row nor a decision.
    public var f1: MetricValue?
    /// Area under the ROC curve of its probability against all others; `nil` unless both sides have rows.
    public var rocAUC: MetricValue?

    /// `{"rows", "precision", "recall", "f1", "roc_auc"}`, each `{"value", "low", "high"}` or `null`.
    public var json: JSONValue {
      let json = { (value: MetricValue?) in value?.json ?? .null }
      return [
        "rows": .finite(rowCount), "precision": json(precision), "recall": json(recall), "f1": json(f1),
        "roc_auc": json(rocAUC),
      ]
    }
  }

  /// Classes in the order of the predictions.
  public var entries: [Entry]

  /// `{"class": {…}, …}`.
  public var json: JSONValue { .object(entries.map { ($0.name, $0.json) }) }

  /// Rates with bootstrap intervals, areas with DeLong's (of groups bootstrapped); a rate of 1 or 0 has the exact
  /// interval of its rows.
  ///
  /// - Parameters:
  ///   - weights: how much each row counts.
  ///   - rowKeys: content keys of the rows, or of their groups where `options` draws those.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  /// - Source: scikit-learn, `precision_recall_fscore_support` (one value a class); Clopper and Pearson, 1934.
  public static func make(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, rowKeys: [UInt64]? = nil,
    options: BootstrapOptions = BootstrapOptions(replicateCount: 200)
  ) throws -> ClassMetrics {
    let decided = try DecidedRows(predictions, target, owner: "class metrics")
    let ones = try RowWeights.checked(weights, rowCount: target.count, owner: "class metrics")
    let width = decided.classes.count
    let whole = Rates(decided.matrix(ones))
    let drawn = try Bootstrap(
      rowKeys: rowKeys, truth: target.doubles, rowCount: target.count, weights: weights, options: options
    ).run(width: 3 * width) { weights, out in
      let rates = Rates(decided.matrix(weights))
      for (place, value) in (rates.precision + rates.recall + rates.f1).enumerated() { out[place] = value ?? .nan }
    }
    let unitCount = options.keepsEqualKeysTogether ? rowKeys.map { Double(Set($0).count) } ?? .infinity : .infinity
    let value = { (value: Double?, place: Int, rows: Double) -> MetricValue? in
      value.map {
        let ends = Bootstrap.interval(drawn[place], confidence: options.confidence)
        let interval = MetricValue(value: $0, low: ends?.low, high: ends?.high)
        return opened(interval, min(rows, unitCount), options.confidence)
      }
    }
    let areas = try areas(predictions, target, weights, rowKeys, options)
    return ClassMetrics(
      entries: decided.classes.indices.map { k in
        Entry(
          name: decided.classes[k], rowCount: whole.truths[k],
          precision: value(whole.precision[k], k, whole.decisions[k]),
          recall: value(whole.recall[k], width + k, whole.truths[k]),
          f1: value(whole.f1[k], 2 * width + k, min(whole.truths[k], whole.decisions[k])), rocAUC: areas[k])
      })
  }

  /// Opens an interval that has collapsed onto 0 or 1.
  private static func opened(_ value: MetricValue, _ rows: Double, _ confidence: Double) -> MetricValue {
    guard value.low == value.high, rows > 0 else { return value }
    let reach = Mathematics.pow((1 - confidence) / 2, 1 / max(1, rows))
    var out = value
    if value.value == 1 { out.low = reach }
    if value.value == 0 { out.high = 1 - reach }
    return out
  }

  private static func areas(
    _ predictions: Predictions, _ target: Target, _ weights: [Double]?, _ rowKeys: [UInt64]?,
    _ options: BootstrapOptions
  ) throws -> [MetricValue?] {
    let rows = try ClassRows(predictions, target, owner: "class metrics")
    return try (0..<rows.classCount).map { k in
      let names = ["others", rows.classes[k]]
      let one = Predictions(.probabilities(rows.column(k).flatMap { [max(0, 1 - $0), $0] }, classes: names))
      let truth = Target.classes(codes: rows.truth.map { Int($0) == k ? 1 : 0 }, names: names)
      if !options.keepsEqualKeysTogether, DeLong.isTrusted(one, truth, weights) {
        return try DeLong.interval(one, truth, weights: weights, confidence: options.confidence)
      }
      guard rows.truth.contains(where: { Int($0) == k }) else { return nil }
      return try Intervals.evaluate(AreaUnderROC(), one, truth, weights: weights, rowKeys: rowKeys, options: options)
    }
  }
}

/// Precision, recall and F1 of every class.
private struct Rates: Sendable {
  let truths: [Double]
  let decisions: [Double]
  let precision: [Double?]
  let recall: [Double?]
  let f1: [Double?]

  init(_ matrix: ConfusionMatrix) {
    let width = matrix.classes.count
    let hits = (0..<width).map { matrix.counts[$0 * width + $0] }
    let truths = (0..<width).map { k in (0..<width).reduce(0) { $0 + matrix.counts[k * width + $1] } }
    let decisions = (0..<width).map { k in (0..<width).reduce(0) { $0 + matrix.counts[$1 * width + k] } }
    precision = (0..<width).map { decisions[$0] > 0 ? hits[$0] / decisions[$0] : nil }
    recall = (0..<width).map { truths[$0] > 0 ? hits[$0] / truths[$0] : nil }
    f1 = (0..<width).map { truths[$0] + decisions[$0] > 0 ? 2 * hits[$0] / (truths[$0] + decisions[$0]) : nil }
    self.truths = truths
    self.decisions = decisions
  }
}
