public import Basics
public import Frames
public import Modeling

/// Earlier values of a column as features of a row: its value one row ago, a day ago, …, per entity and by time.
///
/// **Point in time.** The value made for a row uses rows of the same entity that are strictly earlier by the time
/// column, wherever they stand in the batch; rows of one moment count as one, with their mean. What is known is the
/// end of training, kept inside the fitted step, joined with the rows of the batch; where both have a moment, the
/// batch is believed. So a row's output depends on earlier rows of its batch (`usesHistory`), never on later ones and
/// never on row order.
///
/// What becomes known only after the moment (the outcome, say) belongs into a column named in `known_later`: its lags
/// are made and the column itself is removed, so that nothing later can use its present value. The target of a fit is
/// never looked at.
///
/// Made are `<column>_lag_<lag>`; a lag in rows is the entity's so many moments before, a lag in time (`24h`) the
/// last value known that long before. Missing where nothing is known, or where it is older than `maximum_age`. With
/// no setting given and no timestamp column, nothing is made.
public struct Lags: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "lags", summary: "Adds earlier values of columns, per entity and by time, without looking ahead.",
    capabilities: [.usesHistory, .handlesMissing],
    hyperparameters: [
      .init("columns", "Columns to look back at; empty: all numbers.", .texts),
      .init("lags", "How far back: numbers of rows, or durations such as 24h.", .texts),
      .init("known_later", "Columns known only after the moment: lagged, then removed.", .texts),
      .init("time", "Column of moments; empty: found by itself.", .column),
      .init("by", "Column of entities; empty: found by itself, or all rows are one.", .column),
      .init("maximum_age", "Seconds after which a value is too old; 0: never.", .real(0...1e12, logarithmic: false)),
    ], source: "Kaufman et al., Leakage in data mining, ACM TKDD 6(4), 2012, for what may be looked at")

  /// Columns to look back at; empty: all numbers.
  public var columns: [String] = []
  /// How far back.
  public var lags: [String] = ["1", "2", "3"]
  /// Columns known only after the moment.
  public var knownLater: [String] = []
  /// Column of moments; empty: found by itself.
  public var time = ""
  /// Column of entities; empty: found by itself.
  public var by = ""
  /// Seconds after which a value is too old; 0 = never.
  public var maximumAge = 0.0

  enum CodingKeys: String, CodingKey {
    case columns, lags, time, by
    case knownLater = "known_later"
    case maximumAge = "maximum_age"
  }

  /// The last three values.
  public init() {}

  /// Keeps the end of each entity's rows, as far as the lags reach.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, `.invalidParameter` naming a setting, `.cancelled`.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedLags {
    try context.checkCancellation()
    let step = Self.card.name
    let lags = try self.lags.map { try LookBack($0, setting: "lags", step: step) }
    let found = try TimeColumns((TimeColumns.all(columns, knownLater), time, by), in: frame.schema, step: step)
    guard let found, !lags.isEmpty else { return try FittedLags(nothing: self) }
    try found.requireValues(knownLater, step: step)
    let rows = try TimedRows(frame, found, step: step)
    let timelines = rows.timelines.mapValues { timeline in
      let needed = lags.map { lag -> Int in
        switch lag {
        case .rows(let count): return count + 1
        case .span(let span):
          return timeline.moments.count - max(0, timeline.position(of: (timeline.moments.last ?? 0) &- span) - 1)
        }
      }
      return timeline.tail(needed.max() ?? 1)
    }
    return try FittedLags(
      self, TimeHistory(columns: found, timelines: timelines), schema: frame.schema)
  }
}

/// Lags and the end of training they start from.
public struct FittedLags: FittedTransform {
  /// Columns it reads.
  public let input: Schema
  /// The same columns, but for those known only later, and the lags as numbers.
  public let output: Schema
  let settings: Lags
  let history: TimeHistory?

  enum CodingKeys: String, CodingKey { case input, output, settings, history }

  init(nothing settings: Lags) throws {
    (input, output, history) = (.empty, .empty, nil)
    self.settings = settings
  }

  init(_ settings: Lags, _ history: TimeHistory, schema: Schema) throws {
    let columns = history.columns
    self.settings = settings
    self.history = history
    input = try Schema(columns.fields)
    output = try columns.output(settings.lags.map { "lag_\($0)" }, without: settings.knownLater, schema)
  }

  /// Adds the lags; rows without a moment or entity have none.
  public func transform(_ frame: Frame) throws -> Frame {
    guard let history else { return frame }
    let step = Lags.card.name
    let lags = try settings.lags.map { try LookBack($0, setting: "lags", step: step) }
    let oldest = settings.maximumAge > 0 ? Int64(min(settings.maximumAge, 9e12) * 1e6) : Int64.max
    let found = try history.look(frame, step: step, includesRow: true) { timeline, end in
      let now = timeline.moments[end - 1]
      return timeline.values.flatMap { values in
        lags.map { lag -> Double in
          let place: Int
          switch lag {
          case .rows(let count): place = end - 1 - count
          case .span(let span): place = timeline.position(of: now &- span &+ 1) - 1
          }
          guard place >= 0, place < end - 1, now &- timeline.moments[place] <= oldest else { return .nan }
          return values[place]
        }
      }
    }
    let made = (0..<(settings.lags.count * history.columns.values.count)).map { index in
      Column(numbers: found.map { $0?[index] ?? .nan })
    }
    return try frame.adding(made, input: input, output: output)
  }
}
