package import Basics

extension RunReport {
  /// The same story in brief, as text with tables: verdict, numbers, worries, gate, metrics, importance, groups and
  /// search.
  ///
  /// - Parameters:
  ///   - report: The document of `apus train --json`.
  ///   - analysis: Curves, slices, fairness, explanations and robustness; `null` where the task has none.
  package static func markdown(report: JSONValue, analysis: JSONValue) -> String {
    ReportMarkdown(source: ReportSource(report: report, analysis: analysis)).text
  }
}

/// A report as Markdown; every text from the documents is escaped in `escaped` and nowhere else.
struct ReportMarkdown {
  let source: ReportSource

  /// The whole text.
  var text: String {
    let parts = [
      head, worries, gate, metrics, nested, moreRows, classes, importance, withoutColumns, slices, gaps, mitigated,
      price, mitigation, promises, candidates, front, robustness, data,
      provenance,
    ]
    return parts.compactMap { $0 }.joined(separator: "\n\n") + "\n"
  }

  // MARK: Pieces

  /// Text that means nothing to Markdown.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "~", "!", "&": out += "\\" + String(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": out += " "
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  private func section(_ title: String, _ columns: [String], _ rows: [[String]]) -> String? {
    guard !rows.isEmpty else { return nil }
    let lines =
      [columns.map(Self.escaped), columns.map { _ in "---" }].map(line) + rows.map { line($0.map(Self.escaped)) }
    return "## \(title)\n\n" + lines.joined(separator: "\n")
  }

  private func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  private func list(_ title: String, _ sentences: [String]) -> String? {
    guard !sentences.isEmpty else { return nil }
    return "## \(title)\n\n" + sentences.map { "- " + Self.escaped($0) }.joined(separator: "\n")
  }

  // MARK: Sections

  private var head: String {
    let verdict = VerdictSection(source: source)
    let numbers = verdict.keyNumbers.map {
      "- **\(Self.escaped($0.name)): \(Self.escaped($0.value))** (\(Self.escaped($0.words)))"
    }
    let reasons = verdict.reasons.map(Self.escaped).joined(separator: " ")
    return (["# \(Self.escaped(verdict.headline))", reasons, numbers.joined(separator: "\n")].filter { !$0.isEmpty })
      .joined(separator: "\n\n")
  }

  private var worries: String? {
    let worries = Worries(source: source).all.map { worry in
      "\(worry.word): \(worry.what)" + (worry.why.isEmpty ? "" : " \(worry.why)")
    }
    return list("Worries", worries.isEmpty ? ["None."] : worries)
  }

  private var gate: String? {
    section(
      "Gate", ["Check", "Outcome", "Value", "Limit", "Why"],
      source.report.part("gate").list("checks").map { check in
        let passed = check.part("passed").boolValue
        return [
          Figures.words(check.text("name") ?? "check"), passed.map { $0 ? "passed" : "failed" } ?? "–",
          Figures.precise(check.number("value")), Figures.precise(check.number("limit")), check.text("why") ?? "",
        ]
      })
  }

  private var metrics: String? {
    section(
      "Metrics on the sealed test rows", ["Metric", "Value", "95 % interval"],
      source.report.members("test").compactMap { name, json in
        json.measured.map { [name, Figures.precise($0.value), Figures.range($0) ?? "–"] }
      })
  }

  private var nested: String? {
    list("Folds within folds", [source.report.part("nested").text("sentence")].compactMap { $0 })
  }

  private var moreRows: String? {
    let curve = LearningCurvePlot(source: source)
    let table = section(
      "Learning curve", ["Training rows", source.metric],
      curve.points.map { [Figures.chosen($0.rows), Figures.precise($0.value)] })
    return table.map { [$0, curve.sentence.map(Self.escaped)].compactMap { $0 }.joined(separator: "\n\n") }
  }

  private var withoutColumns: String? {
    section(
      "Learnt anew without a column", ["Column", "Loss", "95 % interval"],
      DropColumnFigure(source: source).entries.map { name, loss in
        [name, Figures.precise(loss.value), Figures.range(loss) ?? "–"]
      })
  }

  private var classes: String? {
    let quality = source.analysis.part("by_class")
    guard let confusion = Confusion(source.analysis.part("confusion"), quality: quality) else { return nil }
    let table = confusion.classTable
    return section("By class", table.columns, table.rows.map { $0.map(\.text) })
  }

  private var importance: String? {
    let measured = source.analysis.list("importance")
    return section(
      "Importance", ["Column", "Value", "95 % interval"],
      (measured.isEmpty ? source.report.list("importance") : measured).prefix(20).compactMap { entry in
        entry.text("column").flatMap { name in
          entry.measured.map { [name, Figures.precise($0.value), Figures.range($0) ?? "–"] }
        }
      })
  }

  private var slices: String? {
    section(
      "Slices that are clearly worse", ["Rows where", "Rows", source.metric, "A row costs more by"],
      source.analysis.list("slices").prefix(30).map {
        [
          SlicesSection.name($0), $0.number("rows").map(Figures.chosen) ?? "–", Figures.precise($0.measured("metric")),
          Figures.precise($0.measured("effect")),
        ]
      })
  }

  private var gaps: String? {
    section(
      "Gaps between groups", ["By", "Measure", "Gap", "Lowest", "Highest"],
      source.analysis.part("fairness").list("audits").flatMap { audit in
        audit.list("disparities").map {
          [
            audit.texts("attributes").joined(separator: " and "), Figures.words($0.text("measure") ?? "–"),
            Figures.precise($0.measured("difference")), $0.text("lowest") ?? "–", $0.text("highest") ?? "–",
          ]
        }
      })
  }

  private var mitigation: String? {
    section(
      "Closing the gap", ["Constraint", "Gap before", "Gap after", "Accuracy before", "Accuracy after"],
      source.analysis.part("fairness").list("mitigation").map {
        [
          Figures.words($0.text("constraint") ?? "–"), Figures.precise($0.part("fit").number("gap_before")),
          Figures.precise($0.part("fit").number("gap_after")), Figures.precise($0.measured("accuracy_before")?.value),
          Figures.precise($0.measured("accuracy_after")?.value),
        ]
      })
  }

  private var mitigated: String? {
    section(
      "Mitigation by \(source.report.part("mitigation").text("method") ?? "")",
      ["By", "Measure", "Gap before", "Gap after"],
      source.report.part("mitigation").list("gaps").map {
        [
          $0.text("attribute") ?? "–", Figures.words($0.text("metric") ?? "–"), Figures.precise($0.measured("before")),
          Figures.precise($0.measured("after")),
        ]
      })
  }

  private var price: String? {
    section(
      "Price of mitigation", ["Metric", "Without", "With", "Change"],
      source.report.part("mitigation").list("price").map {
        [
          $0.text("metric") ?? "–", Figures.precise($0.number("before")), Figures.precise($0.number("after")),
          Figures.precise($0.measured("change")),
        ]
      })
  }

  private var promises: String? {
    guard let kept = PromiseFigures(source: source).kept else { return nil }
    return section(
      "Promises", ["Promise", "Measured", "Kept"], kept.rows.map { $0.map { Self.plain($0.text) } })
  }

  /// Words of a cell without its marks.
  private static func plain(_ html: String) -> String {
    var out = ""
    var isMark = false
    for character in html.replacing("<span class=\"note\">", with: "; ") {
      if character == "<" { isMark = true }
      if !isMark { out.append(character) }
      if character == ">" { isMark = false }
    }
    return out.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
      .replacing("&quot;", with: "\"").replacing("&#39;", with: "'")
  }

  private var front: String? {
    section(
      "Quality, speed and size", ["Candidate", source.metric, "A single row", "Size", "Front"],
      ParetoFigures(source: source).entries.filter { $0.isFront || $0.isChosen }.prefix(20).map {
        [
          $0.name, Figures.precise($0.value), $0.microseconds.map(ParetoFigures.duration) ?? "–",
          Figures.bytes($0.bytes), $0.isChosen ? "chosen" : "yes",
        ]
      })
  }

  private var candidates: String? {
    section(
      "Best candidates", ["Algorithm", "Settings", "Cross-validated", "On training rows"],
      SearchFigures(source: source).ranked.prefix(SearchFigures.limit).map {
        [$0.algorithm, $0.settings, Figures.precise($0.mean), Figures.precise($0.trainingMean)]
      })
  }

  private var robustness: String? {
    section(
      "Robustness", ["Disturbance", "Loss"],
      RobustnessFigures(source: source).shown.map {
        [RobustnessFigures.name($0), Figures.precise($0.measured("loss"))]
      })
  }

  private var data: String? { list("Data and preparation", source.report.texts("notes") + source.report.texts("plan")) }

  private var provenance: String? {
    section(
      "Provenance", ["What", "Value"],
      Provenance(source: source).facts.compactMap { name, value in
        value.map { [name, $0] }
      })
  }
}
