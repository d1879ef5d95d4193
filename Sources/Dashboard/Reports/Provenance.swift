import Basics

/// Where the report comes from.
struct Provenance {
  let source: ReportSource

  var html: HTML? { ReportParts.facts(facts).map { "<div class=\"card\">\($0)</div>" } }

  /// How rows were told apart.
  private var split: String? {
    let split = source.report.part("split")
    return split.text("by").map { by in split.text("column").map { "\(by), by '\($0)'" } ?? by }
  }

  /// Names with their values, `nil` where unknown.
  var facts: [(name: String, value: String?)] {
    let report = source.report
    let rows = report.part("rows")
    return [
      ("Run", report.text("run")), ("Model", report.text("model")), ("Task", report.text("task")),
      ("Target", report.text("target")), ("Judged by", report.text("metric")),
      ("Split", split), ("Training rows", rows.number("training").map(Figures.chosen)),
      ("Sealed test rows", rows.number("test").map(Figures.chosen)),
      ("Sealed test opened", report.count("sealed_openings").map { Figures.count($0, "time") }),
      ("Time", report.number("seconds").map { SearchFigures.duration($0) }),
      ("Peak memory", report.number("peak_memory_bytes").map { Figures.bytes($0) }),
      ("Analysis", report.text("analysis").map { String($0.prefix(12)) }),
    ]
  }
}
