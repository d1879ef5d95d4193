import Basics

/// How far single answers can be trusted: prediction sets that hold what they promise, and leaving hard rows to people.
struct TrustPlots {
  let source: ReportSource

  var figures: [HTML?] { [coverage, abstention] }

  private var coverage: HTML? {
    let conformal = source.analysis.part("conformal")
    guard let overall = conformal.measured("coverage") else { return nil }
    let entries =
      [("All rows", overall)]
      + conformal.members("by_class").prefix(60).compactMap { name, json in
        json.measured.map { ("Class \(name)", $0) }
      }
    let nominal = conformal.number("nominal")
    let axis = Strip.axis(entries.map(\.1), and: [nominal, 1])
    let isSet = conformal.number("single") != nil
    let table = ReportTable(
      title: "Coverage of prediction sets",
      columns: ["Rows", .drawing("95 % interval"), .number("Coverage")],
      rows: entries.map { name, value in
        let isShort = nominal.map { (value.high ?? value.value) < $0 } ?? false
        return [
          "\(name)", Strip.interval(value, axis, limit: nominal, isShort ? .attention : .unknown),
          "\(Figures.percent(value.value))\(ReportParts.note(Self.percents(value)))",
        ]
      })
    let facts = ReportParts.facts([
      ("Promised", nominal.map { Figures.percent($0) }),
      (
        isSet ? "Classes in a set, mean" : "Width of an interval, mean",
        conformal.number("size").map { Figures.precise($0) }
      ),
      ("Sets of one class", conformal.number("single").map { Figures.percent($0) }),
      ("Empty sets", conformal.number("empty").flatMap { $0 > 0 ? Figures.percent($0) : nil }),
    ])
    return ReportParts.figure(
      isSet ? "Prediction sets" : "Prediction intervals",
      "How often they hold the truth (conformal prediction); the upright line is what was promised. "
        + "apus predict --coverage adds them to predictions, for any share.",
      "\(table.html)\(facts)")
  }

  static func percents(_ value: Measured) -> String? {
    value.low.flatMap { low in value.high.map { "\(Figures.percent(low)) – \(Figures.percent($0))" } }
  }

  private var abstention: HTML? {
    let json = source.analysis.part("abstention")
    let points = json.list("points").compactMap { point in
      point.number("coverage").flatMap { x in point.measured("risk").map { (x, $0, point.number("confidence")) } }
    }
    guard !points.isEmpty else { return nil }
    let axis = Axis(covering: points.map(\.1.value), fromZero: true)
    let area = json.number("area").map { " Area under the curve \(Figures.precise($0))." } ?? ""
    var plot = Plot(
      "Leaving rows to people",
      say: "Share of wrong decisions when only the surest rows are decided.\(area) "
        + "apus predict --abstain-below leaves decisions open that are less probable than it is told.",
      x: PlotScale("Share of rows decided, surest first", Axis(covering: [0, 1]), isPercent: true),
      y: PlotScale("Share wrong", axis, isPercent: true),
      numbers: ReportTable(
        title: "leaving rows to people",
        columns: [.number("Decided"), .number("Wrong"), .number("95 % interval"), .number("Least confidence")],
        rows: points.thinned(to: 100).map {
          [
            "\(Figures.percent($0.0))", "\(Figures.percent($0.1.value))", "\(Self.percents($0.1) ?? "–")",
            "\(Figures.precise($0.2))",
          ]
        }))
    plot.legend = [("line-1", "Risk"), ("band", "95 % interval")]
    plot.band(
      points.compactMap { point in
        point.1.low.flatMap { low in point.1.high.map { (point.0, low, $0) } }
      })
    plot.line(points.map { ($0.0, $0.1.value) }, "line-1")
    return plot.html
  }
}
