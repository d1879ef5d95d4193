import Basics
public import Modeling

/// Metrics with intervals: percentiles of a Poisson bootstrap, DeLong's for the area under the ROC curve of two classes
/// with at least ten rows each.
///
/// All metrics of a call see the same replicates, so they can be compared with one another. The rows are taken as
/// independent; rows that come in groups (several from one customer) make true intervals wider than these.
public enum Intervals {
  /// Every metric of the task with its interval.
  ///
  /// Where a rate or a ranking is perfect, every replicate is perfect too and says nothing; the interval then ends
  /// where even that many rows would all have come out right once in forty times (Clopper and Pearson, 1934).
  ///
  /// - Parameters:
  ///   - rowKeys: content keys of the rows; without them the row index seeds each row's draws.
  ///   - metrics: `nil` = those of `MetricCatalog.metrics`.
  /// - Returns: the metrics that are defined on these rows.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  /// - Complexity: O(replicates · rows · metrics); 16,000 rows and all metrics of two classes take about 0.15 s on one
  ///   core.
  public static func evaluateAll(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, rowKeys: [UInt64]? = nil,
    metrics: [any Metric]? = nil, options: BootstrapOptions = BootstrapOptions()
  ) throws -> MetricReport {
    let task: Task = predictions.values == nil ? .classification : .regression
    let metrics = metrics ?? MetricCatalog.metrics(for: task, classCount: predictions.classes.count)
    let ones = try RowWeights.checked(weights, rowCount: target.count, owner: "evaluation")
    let statistics = try metrics.map { try $0.anyStatistic(predictions, target) }
    let values = statistics.map { $0.value(ones) }
    let batch = StatisticBatch(statistics)
    let bootstrap = Bootstrap(
      rowKeys: rowKeys, truth: target.doubles, rowCount: target.count, weights: weights, options: options
    )
    let replicates = try bootstrap.run(width: metrics.count) { batch.fill($0, &$1) }
    let smallest = smallestClass(target, weights)
    let unitCount = options.keepsEqualKeysTogether ? rowKeys.map { Double(Set($0).count) } ?? .infinity : .infinity
    var entries: [(name: String, value: MetricValue)] = []
    for index in metrics.indices {
      guard let value = values[index] else { continue }
      let ends = Bootstrap.interval(replicates[index], confidence: options.confidence)
      var result = MetricValue(value: value, low: ends?.low, high: ends?.high)
      if metrics[index] is AreaUnderROC, DeLong.isTrusted(predictions, target, weights),
        !options.keepsEqualKeysTogether,
        let exact = try DeLong.interval(predictions, target, weights: weights, confidence: options.confidence)
      {
        result = MetricValue(value: value, low: exact.low, high: exact.high)
      }
      if task == .classification {
        let count = min(metrics[index] is Accuracy ? ones.reduce(0, +) : smallest, unitCount)
        widen(&result, metrics[index], count, options.confidence)
      }
      entries.append((metrics[index].name, result))
    }
    return MetricReport(entries)
  }

  /// One metric with its interval; `nil` when it is not defined on these rows.
  public static func evaluate(
    _ metric: any Metric, _ predictions: Predictions, _ target: Target, weights: [Double]? = nil,
    rowKeys: [UInt64]? = nil, options: BootstrapOptions = BootstrapOptions()
  ) throws -> MetricValue? {
    let report = try evaluateAll(
      predictions, target, weights: weights, rowKeys: rowKeys, metrics: [metric], options: options)
    return report.entries.first?.value
  }

  /// Opens an interval that has collapsed onto a perfect or a worst value.
  private static func widen(_ result: inout MetricValue, _ metric: any Metric, _ count: Double, _ confidence: Double) {
    guard type(of: metric).higherIsBetter, result.low == result.high, count > 0 else { return }
    let reach = Mathematics.pow((1 - confidence) / 2, 1 / max(1, count))
    if result.value == 1 { result.low = min(result.low, reach) }
    if result.value == 0 { result.high = max(result.high, 1 - reach) }
  }

  private static func smallestClass(_ target: Target, _ weights: [Double]?) -> Double {
    guard case .classes(let codes, let names) = target else { return 0 }
    var counts = [Double](repeating: 0, count: names.count)
    for (row, code) in codes.enumerated() where counts.indices.contains(Int(code)) {
      counts[Int(code)] += weights?[row] ?? 1
    }
    return counts.filter { $0 > 0 }.min() ?? 0
  }
}

/// Statistics of the same rows; the confusion matrix is counted once for all that need it.
struct StatisticBatch: Sendable {
  private let statistics: [WeightedStatistic]
  private let decided: DecidedRows?

  init(_ statistics: [WeightedStatistic]) {
    self.statistics = statistics
    decided = statistics.lazy.compactMap { if case .confusion(let rows, _) = $0 { rows } else { nil } }.first
  }

  /// Values under `weights`, NaN where undefined.
  func fill(_ weights: [Double], _ out: inout [Double]) {
    let matrix = decided?.matrix(weights)
    for index in statistics.indices {
      if case .confusion(_, let finish) = statistics[index], let matrix {
        out[index] = (matrix.total > 0 ? finish(matrix) : nil) ?? .nan
      } else {
        out[index] = statistics[index].value(weights) ?? .nan
      }
    }
  }
}
