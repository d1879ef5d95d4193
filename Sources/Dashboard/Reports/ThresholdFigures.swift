import Basics

/// What follows from each decision threshold, and what it costs.
struct ThresholdFigures {
  let source: ReportSource

  private var rows: [JSONValue] { source.analysis.list("thresholds").filter { $0.number("threshold") != nil } }

  private static let lines: [(key: String, name: String, mark: String)] = [
    ("precision", "Precision", "line-1"), ("recall", "Recall", "line-2"), ("f1", "F1", "line-3"),
  ]

  var html: HTML? {
    let rows = rows
    guard !rows.isEmpty else { return nil }
    return ReportParts.pair([explorer(rows), costs(rows)]).map { $0 + table(rows) }
  }

  private func points(_ rows: [JSONValue], _ key: String) -> [Plot.Point] {
    rows.compactMap { row in row.number("threshold").flatMap { x in row.measured(key).map { (x, $0.value) } } }
  }

  private func explorer(_ rows: [JSONValue]) -> HTML {
    let unit = Axis(covering: [0, 1])
    var plot = Plot(
      "Thresholds",
      say: "A row is flagged when its probability\(source.positive.map { " of '\($0)'" } ?? "") reaches the threshold: "
        + "a higher one is right more often and finds less.",
      x: PlotScale("Threshold", unit), y: PlotScale("Precision, recall, F1", unit), numbers: compact(rows))
    for line in Self.lines {
      plot.line(points(rows, line.key), line.mark)
      plot.legend.append((line.mark, line.name))
    }
    return plot.html
  }

  private func costs(_ rows: [JSONValue]) -> HTML? {
    let known = rows.filter { $0.measured("cost") != nil }
    guard let best = best(known, by: "cost", isHigherBetter: false) else { return nil }
    let values = known.compactMap { $0.measured("cost") }
    let axis = Axis(covering: values.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }, fromZero: true)
    var plot = Plot(
      "Cost of decisions",
      say: "Cheapest at the threshold \(Figures.chosen(known[best].number("threshold"))): "
        + "\(Figures.precise(values[best])).",
      x: PlotScale("Threshold", Axis(covering: [0, 1])), y: PlotScale("Cost", axis), numbers: compact(known))
    plot.legend = [("line-1", "Cost"), ("band", "95 % interval")]
    plot.band(
      known.compactMap { row in
        guard let x = row.number("threshold"), let cost = row.measured("cost") else { return nil }
        return cost.low.flatMap { low in cost.high.map { (x, low, $0) } }
      })
    plot.line(points(known, "cost"), "line-1")
    plot.dots([(known[best].number("threshold") ?? 0, values[best].value)], "dot")
    return plot.html
  }

  private func best(_ rows: [JSONValue], by key: String, isHigherBetter: Bool) -> Int? {
    let values = rows.map { $0.measured(key)?.value }
    return values.indices.filter { values[$0] != nil }.min { a, b in
      let (x, y) = (values[a] ?? 0, values[b] ?? 0)
      return isHigherBetter ? x > y : x < y
    }
  }

  private func compact(_ rows: [JSONValue]) -> ReportTable {
    let hasCosts = rows.contains { $0.measured("cost") != nil }
    let keys = Self.lines.map { ($0.key, $0.name) } + (hasCosts ? [("cost", "Cost")] : [])
    return ReportTable(
      title: "thresholds", columns: [.number("Threshold")] + keys.map { .number($0.1) },
      rows: rows.map { row in
        ["\(Figures.chosen(row.number("threshold")))"] + keys.map { "\(Figures.precise(row.measured($0.0)?.value))" }
      })
  }

  private func table(_ rows: [JSONValue]) -> HTML {
    let keys = ["flagged", "precision", "recall", "false_positive_rate", "f1", "cost"].filter { key in
      rows.contains { $0.measured(key) != nil }
    }
    let hasCosts = keys.contains("cost")
    let best = hasCosts ? best(rows, by: "cost", isHigherBetter: false) : best(rows, by: "f1", isHigherBetter: true)
    let table = ReportTable(
      title: "What each threshold leads to",
      columns: [.number("Threshold")] + keys.map { .number(Figures.words($0)) },
      rows: rows.map { row in
        ["\(Figures.chosen(row.number("threshold")))"]
          + keys.map { key -> HTML in
            let value = row.measured(key)
            return
              "\(Figures.precise(value?.value))\(ReportParts.note(Figures.range(value)))"
          }
      }, chosen: Set([best].compactMap { $0 }))
    return ReportParts.figure(
      "Threshold explorer",
      "Each number with its 95 % interval; "
        + (hasCosts ? "the cheapest row stands out." : "the row with the best F1 stands out."), table.html)
  }
}
