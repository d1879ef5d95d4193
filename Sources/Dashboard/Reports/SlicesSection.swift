import Basics

/// Parts of the test rows on which the model is clearly worse.
struct SlicesSection {
  let source: ReportSource

  /// What holds for the rows of a slice, e.g. `'age' is 60–70 and 'sex' is male`.
  static func name(_ slice: JSONValue) -> String {
    let conditions = slice.list("conditions").map { "'\($0.text("column") ?? "–")' is \($0.text("value") ?? "–")" }
    return conditions.isEmpty ? "–" : conditions.joined(separator: " and ")
  }

  var html: HTML? {
    let slices = source.analysis.list("slices").prefix(30)
    guard !slices.isEmpty else { return nil }
    let metric = slices.map { $0.measured("metric") }
    let axis = Strip.axis(metric, and: [source.test?.value])
    let table = ReportTable(
      title: "Slices that are clearly worse",
      columns: [
        "Rows where", .number("Rows"), .drawing(source.metric), .number(source.metric), .number("A row costs more by"),
        .number("Chance of it being luck"),
      ],
      rows: zip(slices, metric).map { slice, metric in
        [
          "\(Self.name(slice))", "\(slice.number("rows").map(Figures.chosen) ?? "–")",
          Strip.interval(metric, axis, limit: source.test?.value, .attention),
          "\(Figures.precise(metric?.value))\(ReportParts.note(Figures.range(metric)))",
          "\(Figures.precise(slice.measured("effect")?.value))\(ReportParts.note(Figures.range(slice.measured("effect"))))",
          "\(Figures.precise(slice.number("chance")))",
        ]
      })
    return ReportParts.figure(
      "Slices",
      "Rows that cost more than the rest, after correcting for every slice looked at. The upright line is "
        + "\(source.metric) on all test rows.", table.html)
  }
}
