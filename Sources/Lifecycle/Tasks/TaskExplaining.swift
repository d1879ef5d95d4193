package import Basics
import Frames
import Modeling

/// Why items are recommended and what forecasts are made of.
package enum TaskExplaining {
  /// Reasons listed for an item; the others are summed.
  static let reasonCount = 8

  /// The best `count` items of every user of the file with what each of the user's items adds to the score.
  ///
  /// - Returns: `{"model", "users": [{"user", "items": [{"item", "score", "base", "reasons": [{"item", "share"}],
  ///   "others"}]}]}`: `score = base + Σ shares + others`.
  /// - Throws: `.invalidParameter` for a model without such weights, `.schemaMismatch` without the user column.
  package static func recommendations(
    _ loaded: LoadedModel, path: String, count: Int, context: LifecycleContext
  ) throws -> JSONValue {
    guard let model = loaded.archive.pipeline.members[0].model as? any ReasoningRecommender else {
      throw refusal(loaded, "top", "recommend")
    }
    let (frame, _) = try FrameSources.read(path, options: SourceOptions(workers: context.workers))
    let column = try frame.column(model.userColumn)
    var users: [String] = []
    var known: Set<String> = []
    for row in 0..<column.count {
      if let user = column.text(at: row), known.insert(user).inserted { users.append(user) }
    }
    let lists = try model.recommend(users: users, count: count, excludingSeen: true)
    return [
      "model": .string(loaded.reference),
      "users": .array(
        try zip(users, lists).map { user, list in
          try context.checkCancellation()
          let reasons = try model.reasons(user: user, items: list.map(\.item))
          return [
            "user": .string(user), "items": .array(zip(list, reasons).map { json($0, $1) }),
          ]
        }),
    ]
  }

  private static func json(_ entry: Recommendation, _ parts: [AnswerPart]) -> JSONValue {
    let base = parts.first?.value ?? 0
    let shares = parts.dropFirst().enumerated().sorted { a, b in
      let (x, y) = (abs(a.element.value), abs(b.element.value))
      return x == y ? a.offset < b.offset : x > y
    }.map(\.element)
    let shown = shares.prefix(reasonCount).filter { $0.value != 0 }
    return [
      "item": .string(entry.item), "score": .finite(entry.score), "base": .finite(base),
      "reasons": .array(shown.map { ["item": .string($0.name), "share": .finite($0.value)] }),
      "others": .finite(shares.dropFirst(shown.count).reduce(0) { $0 + $1.value }),
    ]
  }

  /// The next `steps` values of every series as sums of their parts.
  ///
  /// - Returns: `{"model", "series": [{"series", "steps": [{"time", "prediction", "components": [{"name",
  ///   "value"}]}]}]}`.
  /// - Throws: `.invalidParameter` for a model that does not forecast, or a number of steps it does not take.
  package static func forecast(_ loaded: LoadedModel, steps: Int) throws -> JSONValue {
    guard let model = loaded.archive.pipeline.members[0].model as? any DecomposableForecaster else {
      throw refusal(loaded, "steps", "forecast")
    }
    let forecasts = try model.forecast(steps: steps, coverage: 0.9)
    let components = try model.components(steps: steps)
    return [
      "model": .string(loaded.reference),
      "series": .array(
        zip(forecasts, components).map { forecast, parts in
          [
            "series": .string(forecast.series),
            "steps": .array(
              forecast.moments.indices.map { step in
                [
                  "time": .string(Timestamp(microseconds: forecast.moments[step]).description),
                  "prediction": .finite(forecast.values[step]),
                  "components": .array(
                    parts[step].map { ["name": .string($0.name), "value": .finite($0.value)] }),
                ]
              }),
          ]
        }),
    ]
  }

  private static func refusal(_ loaded: LoadedModel, _ option: String, _ verb: String) -> MLError {
    MLError(
      .invalidParameter,
      "explain: '--\(option)' is for models that \(verb); \(loaded.reference) is of \(loaded.archive.task.rawValue).",
      hint: "Name rows with --data.", field: option)
  }
}
