import Basics
public import Frames
public import Modeling

/// What every forecasting algorithm learnt: the series it knows, how to go on from them, and how far it was off.
///
/// `predict` says, for a moment after a series' last training row, the forecast of its grid position; for one within,
/// what would have been said one step before (from the rows before it, with what was learnt from all); for one before
/// the first row, what was said of the first. A row of an unknown series, or without a moment, gets the mean of the
/// training rows. Further than 4,096 steps ahead the last season of the forecast repeats.
public struct SeriesModel: ForecastingModel {
  /// Time column, and series column if there is one.
  public let schema: Schema
  /// Name of the time column.
  public var timeColumn: String { schema.fields[0].name }
  /// Usual step between moments, microseconds.
  public var step: Int64 { grid.step }
  /// Trees of the first step's model; `nil` for other algorithms.
  public var iterationCount: Int? { if case .boosted(let rule) = rule { rule.iterationCount } else { nil } }

  let grid: TimeGrid
  let names: [String]
  let starts: [Int]
  let values: [[Double]]
  let scales: [Double]
  let rule: ForecastRule
  let errors: HorizonErrors
  private let fitted: [[Double]]
  private let mean: Double
  private let positions: [String: Int]

  static let longestPath = 4096

  init(_ data: SeriesData, rule: ForecastRule, errors: HorizonErrors) throws {
    schema = try Schema(([data.timeField] + (data.seriesField.map { [$0] } ?? [])).map { Field($0.name, $0.kind) })
    (grid, names, starts, values, scales) = (data.grid, data.names, data.starts, data.values, data.scales)
    self.rule = rule
    self.errors = errors
    fitted = try data.values.indices.map { series in
      try rule.fitted(
        data.values[series], SeriesPlace(series: series, start: data.starts[series], grid: data.grid))
    }
    var (total, count) = (0.0, 0.0)
    for (list, scale) in zip(data.values, data.scales) {
      for value in list where !value.isNaN {
        (total, count) = (total + (value * scale - total) / (count + 1), count + 1)
      }
    }
    mean = total.isFinite ? total : 0
    positions = Dictionary(data.names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Forecasts, or what would have been forecast one step before.
  public func predict(_ frame: Frame) throws -> Predictions {
    let moments = try frame.column(timeColumn).moments
    let keys =
      schema.count > 1
      ? try frame.column(schema.fields[1].name).texts : [String?](repeating: "", count: frame.rowCount)
    let places = zip(keys, moments).map { key, moment -> (series: Int, index: Int)? in
      guard let moment, let key, let series = positions[key] else { return nil }
      return (series, max(0, grid.index(of: moment) - starts[series]))
    }
    var furthest: [Int: Int] = [:]
    for place in places {
      guard let place, place.index >= values[place.series].count else { continue }
      let ahead = min(Self.longestPath, place.index - values[place.series].count + 1)
      furthest[place.series] = max(furthest[place.series] ?? 0, ahead)
    }
    var paths: [Int: [Double]] = [:]
    for (series, steps) in furthest { paths[series] = try path(series, steps: steps) }
    return Predictions(
      .values(
        places.map { place in
          guard let place else { return mean }
          let ahead = place.index - values[place.series].count
          let said =
            ahead < 0 ? fitted[place.series][place.index] : paths[place.series]?[Self.repeated(ahead, rule.period)]
          return sound(said, place.series)
        }))
  }

  /// The next `steps` moments of every series, with intervals.
  ///
  /// - Throws: `.invalidParameter` unless `steps` is in 1…4096 and `coverage` between 0 and 1.
  public func forecast(steps: Int, coverage: Double) throws -> [Forecast] {
    guard (1...Self.longestPath).contains(steps) else {
      throw MLError(
        .invalidParameter, "forecast: 'steps' must be in 1…\(Self.longestPath); got \(steps).", field: "steps")
    }
    guard coverage > 0, coverage < 1 else {
      throw MLError(
        .invalidParameter, "forecast: 'coverage' must lie between 0 and 1; got \(coverage).", field: "coverage")
    }
    return try names.indices.map { series in
      let path = try path(series, steps: steps).map { sound($0, series) }
      let end = starts[series] + values[series].count
      let reach = (1...steps).map { errors.reach(series, ahead: $0, coverage: coverage) * scales[series] }
      return Forecast(
        series: names[series], moments: (0..<steps).map { grid.moment(at: end + $0) }, values: path,
        low: zip(path, reach).map { held($0 - $1) }, high: zip(path, reach).map { held($0 + $1) }, coverage: coverage)
    }
  }

  private func path(_ series: Int, steps: Int) throws -> [Double] {
    try rule.path(values[series], SeriesPlace(series: series, start: starts[series], grid: grid), steps: steps)
  }

  /// Position on the longest path that stands for `ahead` steps.
  private static func repeated(_ ahead: Int, _ period: Int) -> Int {
    guard ahead >= longestPath else { return ahead }
    let season = max(1, min(period, longestPath))
    return longestPath - season + (ahead - longestPath) % season
  }

  private func sound(_ scaled: Double?, _ series: Int) -> Double {
    guard let scaled, scaled.isFinite else { return held((values[series].last { !$0.isNaN } ?? 0) * scales[series]) }
    return held(scaled * scales[series])
  }

  private func held(_ value: Double) -> Double {
    min(max(value, -Double.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }
}
