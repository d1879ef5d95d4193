import Basics

/// Whether rows said to have a chance of 30 % come true in 30 % of cases.
struct CalibrationPlot {
  let json: JSONValue

  private var bins: [(predicted: Double, observed: Measured, weight: Double?)] {
    json.list("bins").compactMap { bin in
      bin.number("predicted").flatMap { predicted in
        bin.measured("observed").map { (predicted, $0, bin.number("weight")) }
      }
    }
  }

  var html: HTML? {
    let bins = bins
    guard !bins.isEmpty else { return nil }
    let unit = Axis(covering: [0, 1])
    var plot = Plot(
      "Calibration", say: say, x: PlotScale("Predicted probability", unit), y: PlotScale("Observed share", unit),
      numbers: ReportTable(
        title: "calibration",
        columns: [.number("Predicted"), .number("Observed"), .number("95 % interval"), .number("Rows")],
        rows: bins.map {
          [
            "\(Figures.precise($0.predicted))", "\(Figures.precise($0.observed.value))",
            "\(Figures.range($0.observed) ?? "–")", "\($0.weight.map(Figures.chosen) ?? "–")",
          ]
        }))
    plot.shape = .square
    plot.legend = [("dot", "Tenth of the rows, 95 % interval"), ("line-0", "Perfect")]
    plot.line([(0, 0), (1, 1)], "line-0")
    plot.whiskers(
      bins.compactMap { bin in
        bin.observed.low.flatMap { low in bin.observed.high.map { (bin.predicted, low, $0) } }
      })
    plot.dots(bins.map { ($0.predicted, $0.observed.value) }, "dot")
    return plot.html
  }

  private var say: String {
    let parts = [
      json.measured("expected_calibration_error").map { "Expected calibration error \(Figures.precise($0))" },
      json.number("maximum_calibration_error").map { "largest \(Figures.precise($0))" },
      json.measured("bias").map { "observed less predicted on the whole \(Figures.precise($0))" },
    ].compactMap { $0 }
    let sentence = parts.joined(separator: ", ")
    return "On the diagonal a predicted chance comes true as often as it says."
      + (sentence.isEmpty ? "" : " \(sentence).")
  }
}
