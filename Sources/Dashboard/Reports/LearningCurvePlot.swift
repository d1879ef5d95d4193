import Basics

/// Whether more rows would help: the metric after learning from some of them.
struct LearningCurvePlot {
  let source: ReportSource

  /// What it comes down to; `nil` where it was not measured.
  var sentence: String? { source.analysis.part("learning_curve").text("sentence") }

  /// Rows, value and standard error of each size.
  var points: [(rows: Double, value: Double, error: Double)] {
    source.analysis.part("learning_curve").list("points").compactMap { point in
      point.number("rows").flatMap { rows in
        point.number("value").map { (rows, $0, point.number("error") ?? 0) }
      }
    }
  }

  var html: HTML? {
    let points = points
    guard points.count > 1 else { return nil }
    let metric = source.analysis.part("learning_curve").text("metric") ?? source.metric
    let ends = points.flatMap { [$0.value - $0.error, $0.value + $0.error] }
    var plot = Plot(
      "Learning curve", say: sentence ?? "", x: PlotScale("Training rows", Axis(covering: points.map(\.rows))),
      y: PlotScale(metric, Axis(covering: ends)),
      numbers: ReportTable(
        title: "learning curve", columns: [.number("Training rows"), .number(metric), .number("Standard error")],
        rows: points.map {
          [
            "\(Figures.chosen($0.rows))", "\(Figures.precise($0.value))",
            $0.error > 0 ? "\(Figures.precise($0.error))" : "–",
          ]
        }))
    plot.legend = [("line-1", "On rows not learnt from")]
    plot.whiskers(points.map { ($0.rows, $0.value - $0.error, $0.value + $0.error) })
    plot.line(points.map { ($0.rows, $0.value) }, "line-1")
    return plot.html
  }
}
