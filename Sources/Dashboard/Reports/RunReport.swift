package import Basics

/// The report of a training run: what became of it, how good it is, why, for whom, and how it was found.
///
/// Both documents are read leniently: what is lacking, `null` or of another shape leaves its part out. Nothing is
/// looked up elsewhere, so a report shows no value of a cell that the documents do not hold.
package enum RunReport {
  /// One page that stands alone: style and drawings inside, no script, nothing loaded from elsewhere.
  ///
  /// - Parameters:
  ///   - report: The document of `apus train --json`.
  ///   - analysis: Curves, slices, fairness, explanations and robustness on the sealed test rows; `null` where the task
  ///     has none.
  package static func html(report: JSONValue, analysis: JSONValue) -> String {
    let source = ReportSource(report: report, analysis: analysis)
    let sections = sections(source).filter { !$0.isEmpty }
    let verdict = VerdictSection(source: source)
    let page: HTML = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"/><title>\(verdict.headline) · Apus</title>\
      <meta name="viewport" content="width=device-width, initial-scale=1"/>\
      <meta name="color-scheme" content="light dark"/><style>\(ReportStyle.sheet)</style></head>
      <body><a class="skip" href="#content">To the content</a>
      <header class="top"><div><span class="brand">Apus</span><span>Report of a training run</span>\
      \(place(source))</div></header>
      \(contents(sections))
      <main id="content">\(verdict.html)
      \(sections.html { $0.html + "\n" })</main>
      <footer class="foot">Numbers come from the sealed test rows unless it says otherwise; intervals are 95 %. This page \
      loads nothing from elsewhere.</footer></body></html>

      """
    return page.text
  }

  private static func place(_ source: ReportSource) -> HTML? {
    source.report.text("run").map { "<span class=\"place\">Run \($0)</span>" }
  }

  private static func contents(_ sections: [ReportSection]) -> HTML {
    let links = sections.html { "<li><a href=\"#\($0.id)\">\($0.title)</a></li>" }
    return
      "<nav class=\"contents\" aria-label=\"Contents\"><ul><li><a href=\"#verdict\">Verdict</a></li>\(links)</ul></nav>"
  }

  private static func sections(_ source: ReportSource) -> [ReportSection] {
    [
      quality(source), reasons(source),
      ReportSection(
        "groups", "For whom", "Where it is worse, and how protected groups fare.",
        [SlicesSection(source: source).html] + FairnessFigures(source: source).blocks),
      search(source),
      ReportSection("provenance", "Provenance", "What this report is about.", [Provenance(source: source).html]),
    ]
  }

  private static func quality(_ source: ReportSource) -> ReportSection {
    let curves = CurvePlots(source: source).figures
    let calibration = CalibrationPlot(json: source.analysis.part("calibration")).html
    let confusion =
      Confusion(source.analysis.part("confusion"), quality: source.analysis.part("by_class"))?.figures ?? []
    let residuals = ResidualPlots(source: source).figures
    return ReportSection(
      "quality", "Quality", "How good it is on rows it has never seen.",
      [
        MetricsTable(source: source).html, ReportParts.pair(Array(curves.prefix(2))), ReportParts.pair(confusion),
        ReportParts.pair([calibration, curves[2]]), ThresholdFigures(source: source).html,
        ReportParts.pair(Array(residuals.prefix(2))), residuals[2],
        ReportParts.pair(TrustPlots(source: source).figures), LearningCurvePlot(source: source).html,
        ReportParts.sentences("Folds within folds", [source.report.part("nested").text("sentence")].compactMap { $0 }),
      ])
  }

  private static func reasons(_ source: ReportSource) -> ReportSection {
    let falls = source.analysis.list("examples").prefix(6).enumerated().compactMap {
      Waterfall(example: $0.element, index: $0.offset).html
    }
    let dependence = source.analysis.list("dependence").prefix(12).compactMap { DependencePlot($0)?.html }
    return ReportSection(
      "why", "Why it says so", "Which columns matter, and how they move single predictions.",
      [
        ImportanceFigures(source: source).html, DropColumnFigure(source: source).html,
        Beeswarm(json: source.analysis.part("shares")).html,
        titled("Rows explained", ReportParts.many(falls)),
        titled(
          "Dependence on single columns", ReportParts.many(dependence),
          "The prediction when one column is set to each value: on average in strong lines and dots, for single rows in "
            + "thin ones; whiskers hold eight of ten rows."),
      ])
  }

  private static func titled(_ title: String, _ content: HTML?, _ say: String? = nil) -> HTML? {
    content.map { "<h3 class=\"over\">\(title)</h3>\(say.map { "<p class=\"say\">\($0)</p>" as HTML })\($0)" }
  }

  private static func search(_ source: ReportSource) -> ReportSection {
    let findings = source.report.list("findings").compactMap { finding in
      finding.text("severity") == "info" ? finding.text("message") : nil
    }
    return ReportSection(
      "search", "How it was found", "What was tried, how the data were prepared, and how it bears disturbance.",
      [
        PromiseFigures(source: source).limits, SearchFigures(source: source).leaderboard,
        ReportParts.pair(ParetoFigures(source: source).figures), FoldSpread(source: source).html,
        TuningHistory(source: source).html,
        ReportParts.sentences("Preparation", source.report.texts("plan")),
        ReportParts.sentences("Data", source.report.texts("notes") + findings),
        ReportParts.sentences("Left out", source.analysis.texts("left_out")),
        RobustnessFigures(source: source).html,
      ])
  }
}
