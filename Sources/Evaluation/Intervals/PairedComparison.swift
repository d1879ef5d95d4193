public import Basics
public import Modeling

/// Two models on the same rows: the difference of a metric and how sure it is.
///
/// Pairing removes what both models find hard alike, so the interval of the difference is much narrower than two
/// intervals side by side suggest.
public struct PairedComparison: Sendable, Hashable, Codable {
  /// What the comparison says.
  public enum Verdict: String, Sendable, Hashable, Codable {
    /// `a` is better; the interval of the difference leaves out zero.
    case better
    /// `a` is worse; the interval of the difference leaves out zero.
    case worse
    /// These rows cannot tell.
    case undecided
  }

  /// Registered name of the metric.
  public var metric: String
  /// Value of the first model.
  public var a: Double
  /// Value of the second model.
  public var b: Double
  /// `a - b`.
  public var difference: Double
  /// Lower end of the interval of the difference.
  public var low: Double
  /// Upper end of the interval of the difference.
  public var high: Double
  /// How much better `a` is: the difference, with its sign turned where less is better.
  public var improvement: Double
  /// Share of replicates in which `a` is not better than `b` (ties count half).
  public var probabilityNotBetter: Double
  /// What it says.
  public var verdict: Verdict
  /// How interval and chance were found; `nil` in records that do not say.
  public var method: Method?

  /// Ways to find the interval of a difference.
  public enum Method: String, Sendable, Hashable, Codable {
    /// Replicates of the rows.
    case bootstrap
    /// Spread of placements; areas under ROC curves only (see `DeLong`).
    case delong
  }

  /// What follows from two values and the interval `low ... high` of their difference.
  public init(metric: any Metric, a: Double, b: Double, low: Double, high: Double, probabilityNotBetter: Double) {
    self.metric = metric.name
    self.a = a
    self.b = b
    self.low = low
    self.high = high
    self.probabilityNotBetter = probabilityNotBetter
    difference = a - b
    improvement = metric.improvement(a, over: b)
    let isDecided = low > 0 || high < 0
    verdict =
      isDecided
      ? (metric.improvement(low, over: 0) + metric.improvement(high, over: 0) > 0 ? .better : .worse)
      : .undecided
  }

  enum CodingKeys: String, CodingKey {
    case metric, a, b, difference, low, high, improvement, verdict, method
    case probabilityNotBetter = "probability_not_better"
  }

  /// Every field in order of reading.
  public var json: JSONValue {
    [
      "metric": .string(metric), "a": .finite(a), "b": .finite(b), "difference": .finite(difference),
      "low": .finite(low), "high": .finite(high), "improvement": .finite(improvement),
      "probability_not_better": .finite(probabilityNotBetter), "verdict": .string(verdict.rawValue),
      "method": method.map { .string($0.rawValue) } ?? .null,
    ]
  }
}

extension Intervals {
  /// The difference between two models: DeLong's test for the area under the ROC curve of two classes with at least
  /// ten rows each, otherwise, and where rows are drawn by group, a paired bootstrap.
  ///
  /// - Returns: `nil` when the metric is not defined for one of them.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public static func compare(
    _ metric: any Metric, _ a: Predictions, _ b: Predictions, _ target: Target, weights: [Double]? = nil,
    rowKeys: [UInt64]? = nil, options: BootstrapOptions = BootstrapOptions()
  ) throws -> PairedComparison? {
    let ones = try RowWeights.checked(weights, rowCount: target.count, owner: "comparison")
    if metric is AreaUnderROC, !options.keepsEqualKeysTogether, DeLong.isTrusted(a, target, weights),
      b.classes.count == 2,
      let result = try DeLong.compare(a, b, target, weights: weights, confidence: options.confidence)
    {
      return result
    }
    let (first, second) = (try metric.anyStatistic(a, target), try metric.anyStatistic(b, target))
    guard let valueA = first.value(ones), let valueB = second.value(ones) else { return nil }
    let bootstrap = Bootstrap(
      rowKeys: rowKeys, truth: target.doubles, rowCount: target.count, weights: weights, options: options
    )
    let differences = try bootstrap.run(width: 1) { weights, out in
      guard let x = first.value(weights), let y = second.value(weights) else { return out[0] = .nan }
      out[0] = x - y
    }[0].filter(\.isFinite)
    let ends = Bootstrap.interval(differences, confidence: options.confidence)
    let difference = valueA - valueB
    let (low, high) = (ends?.low ?? min(difference, 0), ends?.high ?? max(difference, 0))
    let sign = type(of: metric).higherIsBetter ? 1.0 : -1.0
    let notBetter = differences.reduce(0.0) { $0 + ($1 * sign < 0 ? 1 : $1 == 0 ? 0.5 : 0) }
    var result = PairedComparison(
      metric: metric, a: valueA, b: valueB, low: low, high: high,
      probabilityNotBetter: differences.isEmpty ? 0.5 : notBetter / Double(differences.count))
    result.method = .bootstrap
    return result
  }
}
