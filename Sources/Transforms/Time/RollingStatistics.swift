public import Basics
public import Frames
public import Modeling

/// Mean, spread, extremes, median, slope and count of a column over a window that ends just before a row, per entity
/// and by time.
///
/// **Point in time:** as `Lags`: only rows of the same entity that are strictly earlier by the time column, from the
/// end of training kept inside and from the batch; row order does not matter, later rows never do. With
/// `include_current` the row's own moment counts too, but never for columns in `known_later`, which are removed
/// afterwards.
///
/// Made are `<column>_<statistic>_<window>`. `sd` divides by the count less one; `slope` is the least-squares rise
/// per second. A statistic is missing where the window holds too few values (1; 2 for `sd` and `slope`); `count`
/// never is. With no setting given and no timestamp column, nothing is made.
public struct RollingStatistics: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "rolling-statistics", summary: "Adds statistics of a window before each row, per entity and by time.",
    capabilities: [.usesHistory, .handlesMissing],
    hyperparameters: [
      .init("columns", "Columns to look back at; empty: all numbers.", .texts),
      .init("windows", "Window lengths: numbers of rows, or durations such as 24h.", .texts),
      .init("statistics", "Any of mean, sd, min, max, median, slope, count.", .texts),
      .init("include_current", "Whether the row itself counts.", .boolean),
      .init("known_later", "Columns known only after the moment: looked back at, then removed.", .texts),
      .init("time", "Column of moments; empty: found by itself.", .column),
      .init("by", "Column of entities; empty: found by itself, or all rows are one.", .column),
    ], source: "pandas 2 DataFrame.rolling(closed='left')")

  /// Columns to look back at; empty: all numbers.
  public var columns: [String] = []
  /// Window lengths.
  public var windows: [String] = ["5", "20"]
  /// Statistics of each window.
  public var statistics: [String] = ["mean", "sd", "min", "max"]
  /// Whether the row itself counts.
  public var includeCurrent = false
  /// Columns known only after the moment.
  public var knownLater: [String] = []
  /// Column of moments; empty: found by itself.
  public var time = ""
  /// Column of entities; empty: found by itself.
  public var by = ""

  enum CodingKeys: String, CodingKey {
    case columns, windows, statistics, time, by
    case includeCurrent = "include_current"
    case knownLater = "known_later"
  }

  /// Five and twenty rows.
  public init() {}

  /// Keeps the end of each entity's rows, as far as the windows reach.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, `.invalidParameter` naming a setting, `.cancelled`.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedRollingStatistics {
    try context.checkCancellation()
    let step = Self.card.name
    let windows = try self.windows.map { try LookBack($0, setting: "windows", step: step) }
    for name in statistics where WindowStatistic(rawValue: name) == nil {
      throw MLError.unknown(
        "statistic", name, among: WindowStatistic.allCases.map(\.rawValue), in: step, code: .invalidParameter)
    }
    let named = TimeColumns.all(columns, knownLater)
    let found = try TimeColumns((named, time, by), in: frame.schema, step: step)
    guard let found, !windows.isEmpty, !statistics.isEmpty else { return try FittedRollingStatistics(nothing: self) }
    try found.requireValues(knownLater, step: step)
    let rows = try TimedRows(frame, found, step: step)
    let timelines = rows.timelines.mapValues { timeline in
      let needed = windows.map { window -> Int in
        switch window {
        case .rows(let count): return count + 1
        case .span(let span):
          return timeline.moments.count - timeline.position(of: (timeline.moments.last ?? 0) &- span)
        }
      }
      return timeline.tail(needed.max() ?? 1)
    }
    return try FittedRollingStatistics(self, TimeHistory(columns: found, timelines: timelines), schema: frame.schema)
  }
}

/// A statistic of some values in time order.
enum WindowStatistic: String, Sendable, Hashable, Codable, CaseIterable {
  case mean, sd, min, max, median, slope, count

  /// `seconds` are distances from the window's last moment. NaN where it is not defined.
  func value(_ values: [Double], seconds: [Double]) -> Double {
    let count = Double(values.count)
    guard self != .count else { return count }
    guard let first = values.first else { return .nan }
    switch self {
    case .count: return count
    case .min: return values.reduce(first, Swift.min)
    case .max: return values.reduce(first, Swift.max)
    case .median:
      let sorted = values.sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2
    case .mean: return Self.mean(values)
    case .sd:
      guard values.count > 1 else { return .nan }
      let mean = Self.mean(values)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot()
    case .slope:
      guard values.count > 1 else { return .nan }
      let (mean, center) = (Self.mean(values), Self.mean(seconds))
      var (product, square) = (0.0, 0.0)
      for (value, second) in zip(values, seconds) {
        product += (value - mean) * (second - center)
        square += (second - center) * (second - center)
      }
      return square > 0 ? product / square : .nan
    }
  }

  private static func mean(_ values: [Double]) -> Double {
    let count = Double(values.count)
    let sum = values.reduce(0, +)
    return sum.isFinite ? sum / count : values.reduce(0) { $0 + $1 / count }
  }
}

/// Windows and the end of training they start from.
public struct FittedRollingStatistics: FittedTransform {
  /// Columns it reads.
  public let input: Schema
  /// The same columns, but for those known only later, and the statistics as numbers.
  public let output: Schema
  let settings: RollingStatistics
  let history: TimeHistory?

  enum CodingKeys: String, CodingKey { case input, output, settings, history }

  init(nothing settings: RollingStatistics) throws {
    (input, output, history) = (.empty, .empty, nil)
    self.settings = settings
  }

  init(_ settings: RollingStatistics, _ history: TimeHistory, schema: Schema) throws {
    self.settings = settings
    self.history = history
    input = try Schema(history.columns.fields)
    let suffixes = settings.windows.flatMap { window in settings.statistics.map { "\($0)_\(window)" } }
    output = try history.columns.output(suffixes, without: settings.knownLater, schema)
  }

  /// Adds the statistics; rows without a moment or entity have none.
  public func transform(_ frame: Frame) throws -> Frame {
    guard let history else { return frame }
    let step = RollingStatistics.card.name
    let windows = try settings.windows.map { try LookBack($0, setting: "windows", step: step) }
    let statistics = settings.statistics.compactMap(WindowStatistic.init)
    let isPresent = history.columns.values.map { settings.includeCurrent && !settings.knownLater.contains($0.name) }
    let found = try history.look(frame, step: step, includesRow: true) { timeline, end in
      timeline.values.indices.flatMap { column in
        windows.flatMap { window -> [Double] in
          let stop = isPresent[column] ? end : end - 1
          let part = Self.part(timeline, column, window, now: timeline.moments[end - 1], stop: stop)
          return statistics.map { $0.value(part.values, seconds: part.seconds) }
        }
      }
    }
    let made = (0..<(output.count - input.count + settings.knownLater.count)).map { index in
      Column(
        numbers: found.map { row in
          guard let value = row?[index], value.isFinite else { return .nan }
          return value
        })
    }
    return try frame.adding(made, input: input, output: output)
  }

  /// Known values of `column` inside `window`, before position `stop`.
  private static func part(
    _ timeline: Timeline, _ column: Int, _ window: LookBack, now: Int64, stop: Int
  ) -> (values: [Double], seconds: [Double]) {
    let start =
      switch window {
      case .rows(let count): max(0, stop - count)
      case .span(let span): timeline.position(of: now &- span)
      }
    var out: (values: [Double], seconds: [Double]) = ([], [])
    guard start < stop else { return out }
    for place in start..<stop where !timeline.values[column][place].isNaN {
      out.values.append(timeline.values[column][place])
      out.seconds.append(Double(timeline.moments[place] - now) * 1e-6)
    }
    return out
  }
}
