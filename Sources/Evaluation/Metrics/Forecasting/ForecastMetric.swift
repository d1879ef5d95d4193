public import Basics

/// Forecasts and what came, with what the metrics need besides.
public struct ForecastRows: Sendable {
  /// Intervals around forecasts.
  public struct Intervals: Sendable {
    /// Lower ends.
    public var low: [Double]
    /// Upper ends.
    public var high: [Double]
    /// Share of truths they should hold, above 0 and below 1.
    public var coverage: Double

    /// Makes intervals.
    public init(low: [Double], high: [Double], coverage: Double) {
      self.low = low
      self.high = high
      self.coverage = coverage
    }
  }

  /// What came.
  public let truth: [Double]
  /// What was forecast.
  public let predicted: [Double]
  /// Intervals, where there are any.
  public let intervals: Intervals?
  /// Error of the naive forecast of each row's series (see `scale`); 0 where unknown.
  public let scales: [Double]
  /// Row weights.
  public let weights: [Double]

  /// - Parameter scales: one a row; `nil` where unknown.
  /// - Throws: `.shapeMismatch` when counts differ, `.invalidData` for numbers that are not finite or a coverage
  ///   outside 0…1.
  public init(
    truth: [Double], predicted: [Double], intervals: Intervals? = nil, scales: [Double]? = nil,
    weights: [Double]? = nil
  ) throws {
    let counts = [predicted.count, scales?.count, intervals?.low.count, intervals?.high.count].compactMap { $0 }
    guard counts.allSatisfy({ $0 == truth.count }) else {
      throw MLError(.shapeMismatch, "forecast: all numbers must be of \(truth.count) rows; got \(counts).")
    }
    let all = [truth, predicted, intervals?.low ?? [], intervals?.high ?? [], scales ?? []]
    guard all.allSatisfy({ $0.allSatisfy(\.isFinite) }), intervals.map({ $0.coverage > 0 && $0.coverage < 1 }) ?? true
    else { throw MLError(.invalidData, "forecast: numbers must be finite and the coverage above 0 and below 1.") }
    self.truth = truth
    self.predicted = predicted
    self.intervals = intervals
    self.scales = scales ?? [Double](repeating: 0, count: truth.count)
    self.weights = try RowWeights.checked(weights, rowCount: truth.count, owner: "forecast")
  }

  /// Mean absolute change of the past over one season: the error of repeating the season before. 0 when the past is no
  /// longer than a season.
  ///
  /// - Parameter season: moments in a season; 1 repeats the last value.
  public static func scale(past: [Double], season: Int = 1) -> Double {
    guard season >= 1, past.count > season else { return 0 }
    let steps = (season..<past.count).map { abs(past[$0] - past[$0 - season]) }
    return steps.reduce(0, +) / Double(steps.count)
  }

  func mean(_ term: (Int) -> Double?) -> Double? {
    var (sum, total) = (0.0, 0.0)
    for row in truth.indices where weights[row] > 0 {
      guard let value = term(row) else { continue }
      sum += weights[row] * value
      total += weights[row]
    }
    return total > 0 ? sum / total : nil
  }
}

/// A number that judges forecasts; `nil` where it is not defined.
public protocol ForecastMetric: Described, Sendable {
  /// Whether more is better.
  static var higherIsBetter: Bool { get }
  /// Has no settings.
  init()
  /// Value on `rows`.
  func value(_ rows: ForecastRows) -> Double?
}
