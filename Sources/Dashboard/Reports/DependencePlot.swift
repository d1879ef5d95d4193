import Basics

/// What is predicted on average when one column is set to each of its values, over single rows drawn thin.
struct DependencePlot {
  let column: String
  private let output: String
  private let points: [Point]
  private let rows: [[Double]]

  /// Single rows drawn.
  static let limit = 50

  private struct Point {
    let index: Int
    let name: String
    let number: Double?
    let mean: Double
    let low: Double?
    let high: Double?
  }

  /// - Returns: `nil` without a point.
  init?(_ json: JSONValue) {
    let all = json.list("points")
    points = all.enumerated().compactMap { index, point in
      point.number("mean").map {
        Point(
          index: index, name: point.text("value") ?? "–", number: point.number("number"), mean: $0,
          low: point.number("low"), high: point.number("high"))
      }
    }
    guard let column = json.text("column"), !points.isEmpty else { return nil }
    self.column = column
    output = json.text("output").flatMap { $0.isEmpty ? nil : "Probability of '\($0)'" } ?? "Prediction"
    rows = json.list("individual").prefix(Self.limit).compactMap { curve in
      let values = (curve.arrayValue ?? []).compactMap(\.plain)
      return values.count == all.count ? values : nil
    }
  }

  /// The figure.
  var html: HTML {
    let numeric = points.filter { $0.number != nil }
    var plot = numeric.count > 1 && points.count - numeric.count <= 1 ? curve(numeric) : steps
    plot.shape = .little
    return plot.html
  }

  /// Numbers: a line over their scale; what is said of missing ones stands in the sentence.
  private func curve(_ points: [Point]) -> Plot {
    let places = points.map { $0.number ?? 0 }
    let curves = rows.map { row in points.map { row[$0.index] } }
    let axis = Axis(covering: points.map(\.mean) + curves.joined())
    let missing = self.points.first { $0.number == nil }.map { " \($0.name): \(Figures.precise($0.mean))." } ?? ""
    var plot = plot(PlotScale("", Axis(covering: places, count: 3)), axis, say(points) + missing)
    plot.lines(curves.map { Array(zip(places, $0)) }, "thin")
    plot.line(Array(zip(places, points.map(\.mean))), "line-1")
    return plot
  }

  /// Categories: a dot each, with where eight of ten rows lie.
  private var steps: Plot {
    let axis = Axis(covering: points.flatMap { [$0.mean, $0.low ?? $0.mean, $0.high ?? $0.mean] })
    var plot = plot(PlotScale("", names: points.map(\.name)), axis, say(points))
    let placed = points.enumerated().map { (x: Double($0.offset), point: $0.element) }
    plot.whiskers(
      placed.compactMap { x, point in
        point.low.flatMap { low in point.high.map { (x, low, $0) } }
      })
    plot.dots(placed.map { ($0.x, $0.point.mean) }, "dot")
    return plot
  }

  private func plot(_ x: PlotScale, _ axis: Axis, _ say: String) -> Plot {
    let table = ReportTable(
      title: "dependence on \(column)",
      columns: ["Value", .number("Mean"), .number("A tenth below"), .number("A tenth above")],
      rows: points.map {
        ["\($0.name)", "\(Figures.precise($0.mean))", "\(Figures.precise($0.low))", "\(Figures.precise($0.high))"]
      })
    return Plot(column, say: say, x: x, y: PlotScale(output, axis), numbers: table)
  }

  private func say(_ points: [Point]) -> String {
    guard let low = points.min(by: { $0.mean < $1.mean }), let high = points.max(by: { $0.mean < $1.mean }),
      low.mean < high.mean
    else { return "The same for every value." }
    return
      "Lowest at \(low.name) (\(Figures.precise(low.mean))), highest at \(high.name) (\(Figures.precise(high.mean)))."
  }
}
