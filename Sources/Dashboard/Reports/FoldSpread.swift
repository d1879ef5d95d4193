import Basics

/// The score of every fold of the best candidates: how much of a lead is luck.
struct FoldSpread {
  let source: ReportSource

  /// Candidates drawn.
  static let limit = 12

  var html: HTML? {
    let ranked = SearchFigures(source: source).ranked
    let whole = ranked.enumerated().filter { $0.element.folds.count > 1 && $0.element.isComplete }
    let learned = whole.filter { $0.element.algorithm != "baseline" }
    let shown = (learned.isEmpty ? whole : learned).prefix(Self.limit)
    guard !shown.isEmpty else { return nil }
    let axis = Axis(covering: shown.flatMap { $0.element.folds })
    let rows = shown.map { place, one -> [HTML] in
      var strip = Strip(axis)
      strip.dots(one.folds, "points")
      if let mean = one.mean { strip.limit(mean) }
      return [
        "\(place + 1). \(one.algorithm)", strip.html, "\(Figures.precise(one.mean))",
        "\(Figures.precise(one.folds.min()))", "\(Figures.precise(one.folds.max()))",
      ]
    }
    let folds = ReportTable(
      title: "fold scores",
      columns: ["Candidate"] + (0..<(shown.map(\.element.folds.count).max() ?? 0)).map { .number("Fold \($0 + 1)") },
      rows: shown.map { place, one in ["\(place + 1). \(one.algorithm)"] + one.folds.map { "\(Figures.precise($0))" } })
    let table = ReportTable(
      title: "Spread of fold scores",
      columns: ["Candidate", .drawing("Each fold"), .number("Mean"), .number("Least"), .number("Most")], rows: rows)
    return ReportParts.figure(
      "Spread across folds",
      "Each dot is \(source.metric) on one fold, from \(axis.label(axis.low)) to \(axis.label(axis.high)); the upright "
        + "line is the mean.", table.html + ReportParts.numbers(folds))
  }
}
