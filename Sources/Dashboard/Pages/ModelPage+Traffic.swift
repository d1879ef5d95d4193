extension ModelPage {
  /// Requests, latency and errors.
  var traffic: HTML? {
    guard project.champion != nil else { return nil }
    guard project.traffic.requestCount > 0 else {
      let example = "curl -s localhost:8080/api/v1/models/\(project.name)/predict -d '{…}'"
      return Parts.section(
        "Traffic", "",
        "<div class=\"card empty\"><p>No requests yet. Send one row as JSON, column by name:</p>\(Parts.command(example))</div>"
      )
    }
    let chart = TrafficChart(title: "Requests a minute", minutes: project.traffic.minutes)
    let facts = Parts.facts([
      ("Requests", "\(Figures.count(project.traffic.requestCount))"),
      ("Half answered within", "\(Figures.duration(seconds: project.traffic.p50Seconds))"),
      ("99 of 100 within", "\(Figures.duration(seconds: project.traffic.p99Seconds))"),
      ("Errors", "\(Figures.count(project.traffic.errorCount))"),
      ("Predictions logged", "\(Figures.count(model.predictionCount))"),
    ])
    return Parts.section("Traffic", "", "<div class=\"card\">\(chart.html)\(facts)</div>")
  }

  /// Columns against training, ranked, with the strongest drawn.
  var drift: HTML? {
    guard !model.drift.isEmpty else {
      guard project.champion != nil else { return nil }
      return Parts.section(
        "Drift", "",
        "<div class=\"card empty\"><p>No window has been judged yet. Compare a file with training now:</p>\(Parts.command("apus watch \(project.name) --data new.csv"))</div>"
      )
    }
    let rows = model.drift.map { column -> [HTML] in
      let measured = column.measured
      let axis = Axis(
        covering: [0, measured.value, measured.high ?? 0, column.threshold * 1.25], fromZero: true)
      let mark = IntervalMark(
        measured: measured, axis: axis, limit: column.threshold, standing: column.drifted ? .attention : .good)
      return [
        "\(column.name)<span class=\"note\">\(column.kind), \(column.distance)</span>",
        Parts.badge(column.drifted ? .attention : .good, column.drifted ? "drifted" : "steady"), mark.html,
        "<span class=\"one\">\(Figures.interval(measured))</span>", "\(Figures.chosen(column.threshold))",
        "\(column.impact.map { Figures.percent($0) } ?? "–")",
      ]
    }
    let words = model.driftVerdict.map { $0 + " " } ?? ""
    let table = Parts.table(
      ["Column", "Verdict", "Distance", "95 % interval", "Limit", "Impact"], numeric: [3, 4, 5], rows)
    let drawn = model.drift.filter { !$0.bins.isEmpty }.prefix(6)
    let charts: HTML =
      drawn.isEmpty
      ? ""
      : "<div class=\"grid-many summary\">\(drawn.html { "<div class=\"card\">\(HistogramChart(title: $0.name, bins: $0.bins).html)</div>" })</div>"
    return Parts.section(
      "Drift",
      "\(words)\(Figures.count(model.windowRowCount, "row")) in the window against training, ranked by impact on the predictions.",
      table + charts)
  }

  /// What the truth says, once it is back.
  var realised: HTML? {
    guard project.champion != nil, model.predictionCount > 0 else { return nil }
    let share = Double(model.labelledCount) / Double(max(1, model.predictionCount))
    let counts =
      "\(Figures.count(model.labelledCount)) of \(Figures.count(model.predictionCount, "prediction")) "
      + "(\(Figures.percent(share))) \(model.labelledCount == 1 ? "has its" : "have their") truth."
    guard !model.realised.isEmpty else {
      return Parts.section(
        "What came true", counts,
        "<div class=\"card empty\"><p>Send the truth by prediction id, late or corrected as it may be:</p>\(Parts.command("apus feedback \(project.name) --data truth.csv"))</div>"
      )
    }
    let test = model.metrics.first { $0.name == project.metric }?.test ?? project.test
    let chart = RealisedChart(
      title: "\(project.metric), window by window", metric: project.metric, points: model.realised, test: test)
    return Parts.section("What came true", counts, "<div class=\"card\">\(chart.html)</div>")
  }
}
