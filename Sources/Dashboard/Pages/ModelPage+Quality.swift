extension ModelPage {
  /// Metrics with their intervals, against validation and training rows.
  var quality: HTML? {
    guard !model.metrics.isEmpty else { return nil }
    let shares = model.metrics.filter { Self.isShare($0) }
    let axis = Axis(
      covering: shares.flatMap { [$0.test.low ?? $0.test.value, $0.test.high ?? $0.test.value, $0.test.value] })
    let rows = model.metrics.map { metric -> [HTML] in
      let own = Axis(
        covering: [metric.test.value, metric.test.high ?? metric.test.value, project.goal ?? 0], fromZero: true)
      let isGoal = metric.name == project.metric
      let mark = IntervalMark(
        measured: metric.test, axis: Self.isShare(metric) ? axis : own, limit: isGoal ? project.goal : nil)
      let range = metric.test.low.flatMap { low in
        metric.test.high.map { "\(Figures.number(low)) – \(Figures.number($0))" }
      }
      return [
        "\(metric.name)", "\(Figures.number(metric.test.value))", "\(range ?? "–")", mark.html,
        "\(Figures.number(metric.validation))", "\(Figures.number(metric.train))",
      ]
    }
    let scale =
      shares.count > 1
      ? "Scores between 0 and 1 share one scale, \(axis.label(axis.low)) to \(axis.label(axis.high))." : ""
    let goal = project.goal == nil ? "" : " The upright line is the goal."
    let table = Parts.table(
      ["Metric", "Sealed test", "95 % interval", "On a scale", "Validation", "Training"], numeric: [1, 2, 4, 5], rows)
    let remarks: HTML =
      model.remarks.isEmpty ? "" : "<ul class=\"sentences\">\(model.remarks.html { "<li>\($0)</li>" })</ul>"
    return Parts.section(
      "Quality",
      "Measured on rows no fit has seen, opened \(Figures.count(project.testOpenings, "time")). \(scale)\(goal)",
      table + remarks)
  }

  private static func isShare(_ metric: MetricLine) -> Bool {
    (0...1).contains(metric.test.value) && (metric.test.high ?? 0) <= 1 && (metric.test.low ?? 0) >= 0
      && !["log_loss", "brier", "rmse", "mae"].contains(metric.name)
  }

  /// Checks that the newest version had to meet.
  var gate: HTML? {
    guard !model.gate.isEmpty else { return nil }
    let missed = model.gate.filter { !$0.passed }.count
    let rows = model.gate.map { check -> [HTML] in
      [
        "\(check.name)", Parts.badge(check.passed ? .good : .bad, check.passed ? "met" : "missed"),
        "\(Figures.number(check.value))", "\(check.limit)", "\(check.why)",
      ]
    }
    let hint =
      missed == 0
      ? "All \(model.gate.count) checks of the newest version are met."
      : "\(missed) of \(model.gate.count) checks of the newest version \(missed == 1 ? "is" : "are") missed; it cannot become champion unless a named person overrides that."
    return Parts.section(
      "Gate", hint,
      Parts.table(["Check", "Result", "Measured", "Asked for", "Why"], numeric: [2], rows)
        + Parts.decisions(model.decisions))
  }

  /// What each column contributes.
  var importance: HTML? {
    guard !model.importance.isEmpty else { return nil }
    let chart = RankChart(title: "What it decides by", unit: model.importanceUnit, items: model.importance)
    return Parts.section("Importance", "", "<div class=\"card\">\(chart.html)</div>")
  }
}
