import Basics

/// How well scores put one class before the other: ROC, precision–recall and lift.
struct CurvePlots {
  let source: ReportSource

  private typealias CurvePoint = (x: Double, y: Double, threshold: Double?)

  private func points(_ name: String) -> [CurvePoint] {
    source.analysis.part("curves").list(name).compactMap { point in
      point.number("x").flatMap { x in point.number("y").map { (x, $0, point.number("threshold")) } }
    }
  }

  var figures: [HTML?] { [roc, precisionRecall, lift] }

  private var classWords: String { source.positive.map { " for class '\($0)'" } ?? "" }
  private let unit = Axis(covering: [0, 1])

  private var roc: HTML? {
    let points = points("roc")
    guard !points.isEmpty else { return nil }
    let area = source.report.part("test").measured("roc_auc").map { " Area under the curve \(Figures.precise($0))." }
    var plot = Plot(
      "ROC curve", say: "Rows found against false alarms\(classWords), for every threshold.\(area ?? "")",
      x: PlotScale("False positive rate", unit), y: PlotScale("True positive rate", unit),
      numbers: table("ROC curve", ["False positive rate", "True positive rate"], points))
    plot.shape = .square
    plot.legend = [("line-1", "Model"), ("line-0", "Guessing")]
    plot.line([(0, 0), (1, 1)], "line-0")
    plot.line(points.thinned(to: 1000).map { ($0.x, $0.y) }, "line-1")
    return plot.html
  }

  private var precisionRecall: HTML? {
    let points = points("precision_recall")
    guard !points.isEmpty else { return nil }
    let mean = source.report.part("test").measured("average_precision").map {
      " Average precision \(Figures.precise($0))."
    }
    var plot = Plot(
      "Precision and recall",
      say: "How many of the flagged rows are right, against how many are found\(classWords).\(mean ?? "")",
      x: PlotScale("Recall", unit), y: PlotScale("Precision", unit),
      numbers: table("precision and recall", ["Recall", "Precision"], points))
    plot.shape = .square
    plot.legend = [("line-1", "Model")]
    if let share = Confusion(source.analysis.part("confusion")).flatMap({ $0.share(of: source.positive) }) {
      plot.line([(0, share), (1, share)], "line-0")
      plot.legend.append(("line-0", "Guessing"))
    }
    plot.line(points.thinned(to: 1000).map { ($0.x, $0.y) }, "line-1")
    return plot.html
  }

  private var lift: HTML? {
    let points = points("lift")
    guard !points.isEmpty else { return nil }
    var plot = Plot(
      "Lift", say: "How many times more often the truth\(classWords) among the highest scores than among all rows.",
      x: PlotScale("Share of rows, highest scores first", unit, isPercent: true),
      y: PlotScale("Lift", Axis(covering: points.map(\.y), fromZero: true)),
      numbers: table("lift", ["Share of rows", "Lift"], points))
    plot.shape = .square
    plot.legend = [("line-1", "Model"), ("line-0", "Guessing")]
    plot.line([(0, 1), (1, 1)], "line-0")
    plot.line(points.thinned(to: 1000).map { ($0.x, $0.y) }, "line-1")
    return plot.html
  }

  private func table(_ title: String, _ names: [String], _ points: [CurvePoint]) -> ReportTable {
    ReportTable(
      title: title, columns: [.number("Threshold")] + names.map { .number($0) },
      rows: points.thinned(to: 100).map {
        ["\(Figures.precise($0.threshold))", "\(Figures.precise($0.x))", "\(Figures.precise($0.y))"]
      })
  }
}
