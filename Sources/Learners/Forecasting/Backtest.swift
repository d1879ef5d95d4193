import Basics
import Frames
public import Modeling

/// Judges a forecaster from origins that roll through the past: fit on what was known, forecast, compare.
///
/// The last origin leaves `horizon` steps of the longest series to compare with; earlier ones lie `stride` steps
/// before each other.
public struct Backtest: Sendable, Hashable {
  /// Steps ahead.
  public var horizon: Int
  /// Origins.
  public var originCount: Int
  /// Steps between origins.
  public var stride: Int
  /// Share of truths that intervals should hold.
  public var coverage: Double
  /// Column of moments; empty: found by itself.
  public var time: String
  /// Column of series names; empty: found by itself.
  public var series: String

  /// Five origins, one horizon apart, intervals of 90 %.
  public init(
    horizon: Int, originCount: Int = 5, stride: Int? = nil, coverage: Double = 0.9, time: String = "",
    series: String = ""
  ) {
    (self.horizon, self.originCount, self.stride) = (horizon, originCount, stride ?? horizon)
    (self.coverage, self.time, self.series) = (coverage, time, series)
  }

  /// How forecasts so many steps ahead did.
  public struct Step: Sendable, Hashable {
    /// Steps ahead; 0 = all together.
    public var ahead: Int
    /// Forecasts compared.
    public var count: Int
    /// Mean absolute error over the mean absolute change from season to season before the origin; below 1 = better
    /// than saying what was one season before (Hyndman and Koehler 2006).
    public var mase: Double
    /// Symmetric mean absolute percentage error, 0…2: mean of `2·|y − ŷ| / (|y| + |ŷ|)`.
    public var smape: Double
    /// Share of truths inside their intervals.
    public var coverage: Double
  }

  /// One entry a step ahead, and all together first.
  ///
  /// - Throws: `.invalidParameter` for settings out of range, `.invalidData` when no origin leaves enough rows; what
  ///   the estimator throws.
  public func run<E: Estimator>(_ estimator: E, on data: TrainingData, in context: FitContext) throws -> [Step]
  where E.Model: ForecastingModel {
    guard horizon > 0, originCount > 0, stride > 0, coverage > 0, coverage < 1 else {
      throw MLError(.invalidParameter, "backtest: 'horizon', 'originCount', 'stride' and 'coverage' must be positive.")
    }
    let known = try SeriesData(data, time: time, series: series, owner: "backtest")
    let period = ForecastSettings.period(0, known)
    let moments = try data.frame.column(known.timeField.name).moments
    let end = zip(known.starts, known.values).map { $0 + $1.count }.max() ?? 0
    var tallies = [BacktestTally](repeating: BacktestTally(), count: horizon + 1)
    for origin in 0..<originCount {
      try context.checkCancellation()
      let cut = end - horizon - origin * stride
      let rows = moments.indices.filter { moments[$0].map { known.grid.index(of: $0) < cut } ?? false }
      guard rows.count > 2 else { break }
      let model = try estimator.fit(data.gathered(rows), in: context)
      let forecasts = try model.forecast(steps: horizon, coverage: coverage)
      for forecast in forecasts {
        guard let series = known.names.firstIndex(of: forecast.series) else { continue }
        compare(forecast, known, series, cut, period, &tallies)
      }
    }
    guard tallies[0].count > 0 else {
      throw MLError(
        .invalidData, "backtest: no origin leaves rows to learn from and to compare with.", hint: "Lower 'horizon'.")
    }
    return tallies.enumerated().map { $1.step(ahead: $0) }
  }

  private func compare(
    _ forecast: Forecast, _ known: SeriesData, _ series: Int, _ cut: Int, _ period: Int,
    _ tallies: inout [BacktestTally]
  ) {
    let (values, scale) = (known.values[series], known.scales[series])
    let before = Array(values.prefix(max(1, cut - known.starts[series])))
    let spread = HorizonErrors.spread(before, period) * scale
    for (step, moment) in forecast.moments.enumerated() {
      let index = known.grid.index(of: moment) - known.starts[series]
      guard values.indices.contains(index), !values[index].isNaN, index + known.starts[series] >= cut else { continue }
      let truth = values[index] * scale
      for place in [0, step + 1] {
        tallies[place].add(
          truth, forecast.values[step], inside: (forecast.low[step]...forecast.high[step]).contains(truth), spread)
      }
    }
  }
}

/// Sums behind one `Backtest.Step`.
private struct BacktestTally {
  var count = 0
  private var scaled = 0.0
  private var relative = 0.0
  private var inside = 0

  mutating func add(_ truth: Double, _ said: Double, inside isInside: Bool, _ spread: Double) {
    count += 1
    scaled += abs(truth - said) / spread
    let size = abs(truth) + abs(said)
    relative += size > 0 ? 2 * abs(truth - said) / size : 0
    inside += isInside ? 1 : 0
  }

  func step(ahead: Int) -> Backtest.Step {
    let total = Double(max(1, count))
    return Backtest.Step(
      ahead: ahead, count: count, mase: scaled / total, smape: relative / total, coverage: Double(inside) / total)
  }
}
