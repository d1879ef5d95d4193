import Basics

/// How one row's prediction comes about: from what an average row is given, column by column.
struct Waterfall {
  let example: JSONValue
  let index: Int

  /// Columns shown one by one.
  static let limit = 8
  /// Outputs shown for one row.
  static let outputLimit = 3

  var html: HTML? {
    let outputs = telling
    let words = elements
    guard !outputs.isEmpty || words != nil else { return nil }
    let limit = example["image"] == nil ? Self.outputLimit : 2
    let shown = outputs.prefix(limit).html { output in
      let name: HTML = output.text("class").map { "<h4>Probability of '\($0)'</h4>" } ?? ""
      return name + (map(output)?.html("Shares of regions") ?? "") + table(output)
    }
    let said = [
      example.text("prediction").map { "Predicted \(Self.figure($0, example.number("prediction")))" },
      example.text("actual").map { "actually \(Self.figure($0, example.number("actual")))" },
    ].compactMap { $0 }.joined(separator: ", ")
    return ReportParts.figure(
      "Row \(index + 1)", said.isEmpty ? "" : said + ".", "<div class=\"fall\">\(shown)</div>\(words)")
  }

  /// Outputs, the one decided first, then the true one, then those that are likeliest.
  private var telling: [JSONValue] {
    let known = example.list("outputs").filter { $0.number("baseline") != nil }
    let ranked = known.map { output -> (output: JSONValue, rank: Double) in
      let name = output.text("class")
      if name == example.text("prediction") { return (output, 3) }
      if name == example.text("actual") { return (output, 2) }
      return (
        output, output.list("contributions").reduce(output.number("baseline") ?? 0) { $0 + ($1.number("value") ?? 0) }
      )
    }
    return ranked.indices.sorted { (ranked[$1].rank, $0) < (ranked[$0].rank, $1) }.map { ranked[$0].output }
  }

  private static func figure(_ text: String, _ number: Double?) -> String {
    number.map { Figures.precise($0) } ?? "'\(text)'"
  }

  /// Regions of the image, where the row is one.
  private func map(_ output: JSONValue) -> RegionMap? {
    RegionMap(
      image: example.part("image"), regions: output.list("regions"), pixels: example.numbers("pixels") ?? [])
  }

  /// Largest contributions, of images those of regions, and the sum of the rest.
  private func steps(_ output: JSONValue) -> [(String, Double)] {
    if let map = map(output) {
      let all = map.largestFirst
      let rest = all.dropFirst(Self.limit).reduce(0) { $0 + $1.value }
      return all.prefix(Self.limit).map { ($0.name, $0.value) }
        + (all.count > Self.limit ? [("\(all.count - Self.limit) other regions", rest)] : [])
    }
    let all = output.list("contributions").compactMap { step in
      step.text("column").flatMap { name in step.number("value").map { (name, $0) } }
    }.sorted { abs($0.1) > abs($1.1) }
    guard all.count > Self.limit + 1 else { return all }
    let rest = all.dropFirst(Self.limit)
    return all.prefix(Self.limit) + [("\(rest.count) other columns", rest.reduce(0) { $0 + $1.1 })]
  }

  private func table(_ output: JSONValue) -> HTML {
    let steps = steps(output)
    let baseline = output.number("baseline") ?? 0
    var levels = [baseline]
    for step in steps { levels.append(levels[levels.count - 1] + step.1) }
    let axis = Axis(covering: levels)
    let last = levels[levels.count - 1]
    var rows: [[HTML]] = [["Average row", Self.mark(axis, at: baseline), "\(Figures.precise(baseline))"]]
    rows += steps.indices.map { index in
      var strip = Strip(axis)
      strip.bar(from: levels[index], to: levels[index + 1], steps[index].1 < 0 ? "minus" : "plus")
      return ["\(steps[index].0)", strip.html, "\(Figures.signed(steps[index].1))"]
    }
    rows.append(["This row", Self.mark(axis, at: last), "\(Figures.precise(last))"])
    return ReportTable(
      title: "Contributions to the prediction of row \(index + 1)",
      columns: [map(output) == nil ? "Column" : "Region", .drawing("Moves it"), .number("By")], rows: rows,
      chosen: [0, rows.count - 1]
    ).html
  }

  private static func mark(_ axis: Axis, at value: Double) -> HTML {
    var strip = Strip(axis)
    strip.dots([value], "dot")
    return strip.html
  }

  private var elements: HTML? {
    let words = example.list("elements").compactMap { entry in
      entry.text("element").map { ($0, entry.text("column") ?? "", entry.number("score_share")) }
    }
    guard !words.isEmpty else { return nil }
    let table = ReportTable(
      title: "Words and levels of row \(index + 1)", columns: ["Element", "Column", .number("Share of the score")],
      rows: words.prefix(20).map { ["\($0.0)", "\($0.1)", "\(Figures.signed($0.2))"] })
    return "<h4>Words and levels</h4>\(table.html)"
  }
}
