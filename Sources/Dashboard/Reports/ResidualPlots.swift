import Basics

/// How far numbers are from the truth, and where.
struct ResidualPlots {
  let source: ReportSource

  var figures: [HTML?] { [predictedAndActual, errors, spread] }

  private var predictedAndActual: HTML? {
    let pairs = source.analysis.list("predicted_and_actual").compactMap { pair -> Plot.Point? in
      pair[0]?.plain.flatMap { predicted in pair[1]?.plain.map { (predicted, $0) } }
    }
    guard !pairs.isEmpty else { return nil }
    let axis = Axis(covering: pairs.flatMap { [$0.x, $0.y] })
    var plot = Plot(
      "Predicted and actual", say: "Each dot is a test row; on the line it is predicted exactly.",
      x: PlotScale("Predicted", axis), y: PlotScale("Actual", axis),
      numbers: ReportTable(
        title: "predicted and actual", columns: [.number("Predicted"), .number("Actual")],
        rows: pairs.thinned(to: 200).map { ["\(Figures.precise($0.x))", "\(Figures.precise($0.y))"] }))
    plot.shape = .square
    plot.line([(axis.low, axis.low), (axis.high, axis.high)], "line-0")
    plot.dots(pairs, "points")
    return plot.html
  }

  private var errors: HTML? {
    let bins = source.analysis.part("residuals").list("bins").filter {
      $0.number("predicted") != nil && $0.number("absolute_error") != nil
    }
    guard !bins.isEmpty else { return nil }
    let error = bins.map { ($0.number("predicted") ?? 0, $0.number("absolute_error") ?? 0) }
    let bias = bins.compactMap { bin in
      bin.number("predicted").flatMap { at in bin.number("observed").map { (at, $0 - at) } }
    }
    let axis = Axis(covering: (error + bias).map(\.1), fromZero: true)
    var plot = Plot(
      "Error by prediction",
      say: "Rows in tenths by rising prediction: how far off they are on average, and in which direction.",
      x: PlotScale("Mean prediction", Axis(covering: error.map(\.0))), y: PlotScale("Error", axis), numbers: table(bins)
    )
    plot.shape = .square
    plot.legend = [("line-1", "Mean absolute error"), ("line-2", "Truth less prediction")]
    plot.line([(error.map(\.0).min() ?? 0, 0), (error.map(\.0).max() ?? 0, 0)], "line-0")
    plot.line(error.map { ($0.0, $0.1) }, "line-1")
    plot.line(bias.map { ($0.0, $0.1) }, "line-2")
    return plot.html
  }

  private func table(_ bins: [JSONValue]) -> ReportTable {
    ReportTable(
      title: "error by prediction",
      columns: [.number("Predicted"), .number("Observed"), .number("Mean absolute error"), .number("Rows")],
      rows: bins.map {
        [
          "\(Figures.precise($0.number("predicted")))", "\(Figures.precise($0.number("observed")))",
          "\(Figures.precise($0.number("absolute_error")))", "\($0.number("rows").map(Figures.chosen) ?? "–")",
        ]
      })
  }

  /// Levels of the quantiles in the document.
  static let levels = ["least", "5 %", "25 %", "50 %", "75 %", "95 %", "most"]

  private var spread: HTML? {
    let residuals = source.analysis.part("residuals")
    guard let quantiles = residuals.numbers("quantiles"), quantiles.count == Self.levels.count else { return nil }
    var strip = Strip(Axis(covering: quantiles + [0]))
    strip.reach(quantiles[1], quantiles[5])
    strip.bar(from: quantiles[2], to: quantiles[4], "window")
    strip.dots([quantiles[0], quantiles[6]], "points")
    strip.limit(quantiles[3])
    let table = ReportTable(
      title: "Residuals", columns: ["Quantile", .number("Truth less prediction")],
      rows: zip(Self.levels, quantiles).map { ["\($0)", "\(Figures.precise($1))"] })
    let scale =
      "<p class=\"ends\"><span>\(strip.axis.label(strip.axis.low))</span><span>\(strip.axis.label(strip.axis.high))</span></p>"
      as HTML
    let mean = residuals.number("mean").map { "Mean \(Figures.precise($0)), " } ?? ""
    let deviation = residuals.number("deviation").map { "standard deviation \(Figures.precise($0)). " } ?? ""
    return ReportParts.figure(
      "Residuals",
      "\(mean)\(deviation)The box holds the middle half of rows, its line the median, the whiskers nine tenths, dots the ends.",
      "<div class=\"tall\">\(strip.html)</div>\(scale)\(ReportParts.numbers(table))")
  }
}
