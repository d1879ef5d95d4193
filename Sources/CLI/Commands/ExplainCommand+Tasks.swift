import Basics
import Lifecycle

extension ExplainCommand {
  /// Reasons for recommendations, or what forecasts are made of.
  func explainTask(_ session: Session) async throws -> Int32 {
    let context = session.context()
    let loaded = try Models.load(model, workspace: session.existingWorkspace(), registry: context.registry)
    if let steps {
      let json = try TaskExplaining.forecast(loaded, steps: steps)
      session.output.document(json)
      Self.show(forecast: json, session.output)
      return 0
    }
    guard let data, let top, top >= 1 else {
      throw MLError(
        .invalidParameter, "explain: '--top' needs a count of at least 1 and --data with the users.",
        hint: "Example: apus explain ratings --data users.csv --top 5", field: "top")
    }
    guard FileSystem.exists(data) else { throw ProjectFiles.missing(data) }
    let json = try await onThread {
      try TaskExplaining.recommendations(loaded, path: data, count: top, context: context)
    }
    session.output.document(json)
    Self.show(recommendations: json, session.output)
    return 0
  }

  private static func show(recommendations json: JSONValue, _ output: Output) {
    for user in (json["users"]?.arrayValue ?? []).prefix(20) {
      output.line("\nFor \(user["user"]?.stringValue ?? "")")
      var table = TextTable([.text("item"), .number("score"), .wrapping("because of")])
      for item in user["items"]?.arrayValue ?? [] {
        let reasons = (item["reasons"]?.arrayValue ?? []).prefix(3).map { reason in
          "\(reason["item"]?.stringValue ?? "") (\(NumberFormat.number(reason["share"]?.doubleValue)))"
        }
        table.append([
          item["item"]?.stringValue ?? "", NumberFormat.number(item["score"]?.doubleValue),
          reasons.isEmpty ? "what is popular" : reasons.joined(separator: ", "),
        ])
      }
      output.table(table)
    }
  }

  private static func show(forecast json: JSONValue, _ output: Output) {
    for series in json["series"]?.arrayValue ?? [] {
      if let name = series["series"]?.stringValue, !name.isEmpty { output.line("\n\(name)") }
      let steps = series["steps"]?.arrayValue ?? []
      let names = (steps.first?["components"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
      var table = TextTable([.text("time"), .number("prediction")] + names.map { .number($0) })
      for step in steps.prefix(60) {
        let parts = step["components"]?.arrayValue ?? []
        let cells = names.map { name in
          NumberFormat.number(parts.first { $0["name"]?.stringValue == name }?["value"]?.doubleValue)
        }
        table.append(
          [step["time"]?.stringValue ?? "", NumberFormat.number(step["prediction"]?.doubleValue)] + cells)
      }
      output.table(table)
    }
  }
}
