/// What is expected at future moments, with intervals.
public struct Forecast: Sendable, Hashable {
  /// Series name; empty for a single one.
  public var series: String
  /// Moments, microseconds since 1970 UTC.
  public var moments: [Int64]
  /// Expected values.
  public var values: [Double]
  /// Lower ends of the intervals.
  public var low: [Double]
  /// Upper ends of the intervals.
  public var high: [Double]
  /// Share of truths the intervals should hold.
  public var coverage: Double

  /// Makes a forecast.
  public init(series: String, moments: [Int64], values: [Double], low: [Double], high: [Double], coverage: Double) {
    self.series = series
    self.moments = moments
    self.values = values
    self.low = low
    self.high = high
    self.coverage = coverage
  }
}

/// Learns from rows `time[, series], …` and a numeric target in time order. `predict` on rows with moments says
/// `.values`: for moments after the training rows the forecast, for moments within them the one-step-ahead fit.
public protocol ForecastingModel: FittedModel {
  /// Name of the time column.
  var timeColumn: String { get }
  /// Usual step between moments, microseconds.
  var step: Int64 { get }
  /// The next `steps` moments of every series, in series order by name.
  ///
  /// - Parameter coverage: share of truths the intervals should hold, in 0…1.
  func forecast(steps: Int, coverage: Double) throws -> [Forecast]
}
