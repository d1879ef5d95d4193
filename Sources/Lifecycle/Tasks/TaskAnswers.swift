import Basics
package import Frames
import Modeling

/// Answers that are not one a row: the best items for users, the next values of series.
package enum TaskAnswers {
  /// The best items for every user of `frame`, in the order of their first row.
  ///
  /// - Parameter includesSeen: also items the user had in training.
  /// - Returns: columns `user`, `rank`, `item`, `score`; users never seen get what is popular.
  /// - Throws: `.invalidParameter` for a model that does not recommend, `.schemaMismatch` without the user column.
  package static func recommendations(
    _ archive: ModelArchive, for frame: Frame, count: Int, includesSeen: Bool
  ) throws -> Frame {
    guard let model = archive.pipeline.members[0].model as? any RecommendingModel else {
      throw MLError(
        .invalidParameter, "predict: '--top' is for models that recommend; this one is of \(archive.task.rawValue).",
        field: "top")
    }
    let column = try frame.column(model.userColumn)
    var users: [String] = []
    var known: Set<String> = []
    for row in 0..<column.count {
      if let user = column.text(at: row), known.insert(user).inserted { users.append(user) }
    }
    let lists = try model.recommend(users: users, count: count, excludingSeen: !includesSeen)
    var out: (users: [String], ranks: [Int64], items: [String], scores: [Double]) = ([], [], [], [])
    for (user, list) in zip(users, lists) {
      for (rank, entry) in list.enumerated() {
        out.users.append(user)
        out.ranks.append(Int64(rank + 1))
        out.items.append(entry.item)
        out.scores.append(entry.score)
      }
    }
    return try Frame([
      (model.userColumn, Column(.text(out.users))), ("rank", Column(.integer(out.ranks))),
      (model.itemColumn, Column(.text(out.items))), ("score", Column(.number(out.scores))),
    ])
  }

  /// The next `steps` values of every series with intervals.
  ///
  /// - Parameter coverage: share of truths the intervals should hold, between 0 and 1.
  /// - Returns: `series` where there are several, then the time column, `prediction`, `low`, `high`.
  /// - Throws: `.invalidParameter` for a model that does not forecast.
  package static func forecast(_ archive: ModelArchive, steps: Int, coverage: Double) throws -> Frame {
    guard let model = archive.pipeline.members[0].model as? any ForecastingModel else {
      throw MLError(
        .invalidParameter, "predict: '--steps' is for models that forecast; this one is of \(archive.task.rawValue).",
        hint: "Name rows with --data.", field: "steps")
    }
    guard steps >= 1, steps <= 1_000_000, coverage > 0, coverage < 1 else {
      throw MLError(
        .invalidParameter,
        "predict: 'steps' must be at least 1 and 'coverage' between 0 and 1; got \(steps), \(coverage).",
        field: "steps")
    }
    let forecasts = try model.forecast(steps: steps, coverage: coverage)
    var columns: [(String, Column)] = []
    if forecasts.count > 1 {
      columns.append(
        ("series", Column(.text(forecasts.flatMap { forecast in forecast.moments.map { _ in forecast.series } }))))
    }
    columns += [
      (model.timeColumn, Column(.timestamp(forecasts.flatMap(\.moments)))),
      ("prediction", Column(.number(forecasts.flatMap(\.values)))), ("low", Column(.number(forecasts.flatMap(\.low)))),
      ("high", Column(.number(forecasts.flatMap(\.high)))),
    ]
    return try Frame(columns)
  }

  /// The bytes of a small table as CSV or JSON lines.
  package static func bytes(_ frame: Frame, jsonLines: Bool) throws -> [UInt8] {
    let writer: any FrameWriter = jsonLines ? JSONLinesWriter(frame.schema) : CSVWriter(frame.schema)
    return try writer.header() + writer.rows(frame)
  }
}
