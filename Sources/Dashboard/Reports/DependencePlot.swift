import Basics

/// What is predicted on average when one column is set to each of its values, over single rows drawn thin.
struct DependencePlot {
  let json: JSONValue

  /// Single rows drawn.
  static let limit = 50

  var html: HTML? {
    let points = json.list("points").filter { $0.number("mean") != nil }
    guard let column = json.text("column"), !points.isEmpty else { return nil }
    let places = places(points)
    let means = points.map { $0.number("mean") ?? 0 }
    let rows = individual(points.count)
    let axis = Axis(
      covering: means + rows.joined() + points.flatMap { [$0.number("low"), $0.number("high")] }.compactMap { $0 })
    let names = points.map { $0.text("value") ?? "–" }
    let x = isNumeric(points) ? PlotScale(column, Axis(covering: places)) : PlotScale(column, names: names)
    var plot = Plot(
      column, say: say(names, means), x: x, y: PlotScale(output ?? "Prediction", axis), numbers: table(column, points))
    plot.shape = .little
    plot.lines(rows.map { Array(zip(places, $0)) }, "thin")
    plot.line(Array(zip(places, means)), "line-1")
    if !isNumeric(points) { plot.dots(Array(zip(places, means)), "dot") }
    return plot.html
  }

  private var output: String? { json.text("output").flatMap { $0.isEmpty ? nil : "Probability of '\($0)'" } }

  private func isNumeric(_ points: [JSONValue]) -> Bool { points.allSatisfy { $0.number("number") != nil } }

  private func places(_ points: [JSONValue]) -> [Double] {
    isNumeric(points) ? points.map { $0.number("number") ?? 0 } : points.indices.map(Double.init)
  }

  private func individual(_ count: Int) -> [[Double]] {
    guard json.list("points").count == count else { return [] }
    return json.list("individual").prefix(Self.limit).compactMap { curve in
      let values = (curve.arrayValue ?? []).compactMap(\.plain)
      return values.count == count ? values : nil
    }
  }

  private func say(_ names: [String], _ means: [Double]) -> String {
    guard let low = means.indices.min(by: { means[$0] < means[$1] }),
      let high = means.indices.max(by: { means[$0] < means[$1] }), means[low] < means[high]
    else { return "The same for every value." }
    return
      "Lowest at \(names[low]) (\(Figures.precise(means[low]))), highest at \(names[high]) (\(Figures.precise(means[high])))."
  }

  private func table(_ column: String, _ points: [JSONValue]) -> ReportTable {
    ReportTable(
      title: "dependence on \(column)",
      columns: ["Value", .number("Mean"), .number("A tenth below"), .number("A tenth above")],
      rows: points.map {
        [
          "\($0.text("value") ?? "–")", "\(Figures.precise($0.number("mean")))", "\(Figures.precise($0.number("low")))",
          "\(Figures.precise($0.number("high")))",
        ]
      })
  }
}
