import Basics

/// How much is lost when the input is worse than it was tested on.
struct RobustnessFigures {
  let source: ReportSource

  /// Columns shown of each kind, those that cost most.
  static let limit = 8

  var html: HTML? {
    let json = source.analysis.part("robustness")
    guard !entries.isEmpty else { return nil }
    let shown = shown
    let losses = shown.map { $0.measured("loss") }
    let axis = Strip.axis(losses, and: [0])
    let metric = json.text("metric") ?? source.metric
    let table = ReportTable(
      title: "Loss under disturbance",
      columns: ["Disturbance", .drawing("Loss, 95 % interval"), .number("Loss"), .number(metric)],
      rows: zip(shown, losses).map { entry, loss in
        [
          "\(Self.name(entry))", Strip.interval(loss, axis, limit: 0, (loss?.low ?? 0) > 0 ? .attention : .unknown),
          "\(Figures.precise(loss?.value))\(ReportParts.note(Figures.range(loss)))",
          "\(Figures.precise(entry.number("value")))",
        ]
      })
    let rest = entries.count > shown.count ? " The costliest columns of \(entries.count) disturbances." : ""
    let start = json.number("baseline").map { " Undisturbed it is \(Figures.precise($0))." } ?? ""
    return ReportParts.figure(
      "Robustness",
      "How much worse \(metric) gets; the upright line is no loss, and in another colour stands what surely loses.\(start)\(rest)",
      table.html)
  }

  private var entries: [JSONValue] {
    source.analysis.part("robustness").list("entries").filter { $0.measured("loss") != nil }
  }

  /// What concerns all columns, then the costliest columns of each kind.
  var shown: [JSONValue] {
    let entries = entries
    var out = entries.filter { $0.text("column") == nil }
    for kind in ["absent-column", "permuted-column"] {
      let own = entries.filter { $0.text("column") != nil && $0.text("kind") == kind }
      out += own.sorted { ($0.measured("loss")?.value ?? 0) > ($1.measured("loss")?.value ?? 0) }.prefix(Self.limit)
    }
    let others = entries.filter {
      $0.text("column") != nil && !["absent-column", "permuted-column"].contains($0.text("kind") ?? "")
    }
    return out + others.prefix(Self.limit)
  }

  static func name(_ entry: JSONValue) -> String {
    let column = entry.text("column").map { "'\($0)'" }
    switch entry.text("kind") {
    case "noise": return "Noise of \(Figures.chosen(entry.number("amount"))) deviations on numbers"
    case "missing": return "\(Figures.percent(entry.number("amount"))) of cells missing"
    case "absent-column": return "\(column ?? "A column") is absent"
    case "permuted-column": return "\(column ?? "A column") is shuffled"
    case let kind: return Figures.words(kind ?? "Disturbance") + (column.map { " of \($0)" } ?? "")
    }
  }
}
