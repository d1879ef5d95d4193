import Basics

/// What candidates reach and what they cost to use: metric against latency and against size, the front marked.
struct ParetoFigures {
  let source: ReportSource

  /// One candidate, or the mixture that answers.
  struct Entry {
    let name: String
    let value: Double
    let microseconds: Double?
    let bytes: Double?
    let isFront: Bool
    let isChosen: Bool
  }

  /// Rows of the table.
  static let limit = 40

  private var pareto: JSONValue { source.report.part("pareto") }

  /// Candidates on the front first, then the others; the best metric first.
  var entries: [Entry] {
    let points = pareto.list("points").compactMap { point in
      point.number("value").map { value in
        Entry(
          name: "\((point.count("candidate") ?? 0) + 1). \(point.text("algorithm") ?? "unnamed")", value: value,
          microseconds: point.number("latency_microseconds"), bytes: point.number("size_bytes"),
          isFront: point.part("front").boolValue == true, isChosen: point.part("chosen").boolValue == true)
      }
    }
    let mixture = pareto.part("mixture")
    let mixed = mixture.number("value").map { value in
      Entry(
        name: "Mixture of \(mixture.list("members").count)", value: value,
        microseconds: mixture.number("latency_microseconds"), bytes: mixture.number("size_bytes"), isFront: false,
        isChosen: true)
    }
    return (points + [mixed].compactMap { $0 }).enumerated().sorted { a, b in
      if a.element.isChosen != b.element.isChosen { return a.element.isChosen }
      if a.element.isFront != b.element.isFront { return a.element.isFront }
      return a.element.value == b.element.value
        ? a.offset < b.offset : source.isBetter(a.element.value, b.element.value)
    }.map(\.element)
  }

  var figures: [HTML?] {
    let entries = entries
    guard entries.count > 1 else { return [] }
    return [
      plot("Quality and speed", "Time for a single row", entries, \.microseconds) { Self.duration($0) },
      plot("Quality and size", "Size when kept", entries, \.bytes) { Figures.bytes($0) },
    ]
  }

  /// The same as a table: chosen, front, rest.
  var table: ReportTable {
    let entries = entries.prefix(Self.limit)
    return ReportTable(
      title: "quality, speed and size",
      columns: ["Candidate", .number(source.metric), .number("A single row"), .number("Size"), "Front"],
      rows: entries.map {
        [
          "\($0.name)", "\(Figures.precise($0.value))", "\($0.microseconds.map { Self.duration($0) } ?? "–")",
          "\(Figures.bytes($0.bytes))", $0.isChosen ? "chosen" : $0.isFront ? "yes" : "",
        ]
      }, chosen: Set(entries.indices.filter { entries[$0].isChosen }))
  }

  private func plot(
    _ title: String, _ cost: String, _ entries: [Entry], _ key: KeyPath<Entry, Double?>, _ text: (Double) -> String
  ) -> HTML? {
    let known = entries.filter { ($0[keyPath: key] ?? 0) > 0 }
    guard known.count > 1 else { return nil }
    let scale = PlotScale(cost, decadesOver: known.compactMap { $0[keyPath: key] }, text)
    let values = known.map(\.value).sorted { source.isBetter($0, $1) }
    // One hopeless candidate does not flatten the rest.
    let limit = values[values.count / 2] + 2 * (values[values.count / 2] - values[0])
    let axis = Axis(covering: values.filter { !source.isBetter(limit, $0) })
    let preference = pareto.text("prefer").map { $0 == "accuracy" ? "" : " \($0) was preferred." } ?? ""
    var plot = Plot(
      title,
      say:
        "Cross-validated \(source.metric) against what a candidate costs, each decade as wide as the next. Nothing beats "
        + "the front in quality, speed and size at once.\(preference)",
      x: scale, y: PlotScale(source.metric, axis), numbers: table)
    plot.legend = [("points", "Front"), ("dropped", "Beaten"), ("line-0", "Chosen")]
    let place = { (entry: Entry) -> Plot.Point in (entry[keyPath: key] ?? 0, entry.value) }
    plot.dots(known.filter { !$0.isFront && !$0.isChosen }.map(place), "dropped")
    plot.dots(known.filter { $0.isFront }.map(place), "points")
    for chosen in known where chosen.isChosen {
      let point = place(chosen)
      plot.line([(point.x, axis.low), (point.x, axis.high)], "line-0")
      plot.dots([point], "points")
    }
    return plot.html
  }

  /// `35 µs`, `1.2 ms`.
  static func duration(_ microseconds: Double) -> String {
    let (value, unit) =
      microseconds < 1000
      ? (microseconds, "µs") : microseconds < 1e6 ? (microseconds / 1e3, "ms") : (microseconds / 1e6, "s")
    return "\(Figures.chosen(value)) \(unit)"
  }
}
