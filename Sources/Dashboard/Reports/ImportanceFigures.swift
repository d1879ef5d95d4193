import Basics

/// Which columns matter, with intervals where the analysis has them.
struct ImportanceFigures {
  let source: ReportSource

  /// Columns shown at once.
  static let limit = 20

  var html: HTML? {
    let measured = source.analysis.list("importance")
    let entries = (measured.isEmpty ? source.report.list("importance") : measured).compactMap { entry in
      entry.text("column").flatMap { name in entry.measured.map { (name, $0, entry.number("share")) } }
    }
    guard !entries.isEmpty else { return nil }
    let shown = Array(entries.prefix(Self.limit))
    let axis = Strip.axis(shown.map(\.1), and: [0])
    let hasShares = shown.contains { $0.2 != nil }
    let rows = shown.map { name, value, share -> [HTML] in
      var strip = Strip(axis)
      strip.bar(from: 0, to: value.value, "window")
      if let low = value.low, let high = value.high { strip.reach(low, high) }
      return ["\(name)", strip.html, "\(Figures.precise(value.value))\(ReportParts.note(Figures.range(value)))"]
        + (hasShares ? ["\(Figures.percent(share))"] : [])
    }
    let columns: [ReportTable.Column] = [
      "Column", .drawing("Importance, 95 % interval"), .number("Value"),
    ]
    let table = ReportTable(
      title: "Importance of columns", columns: columns + (hasShares ? [.number("Share")] : []), rows: rows)
    let rest = entries.count > shown.count ? " The first \(shown.count) of \(entries.count) columns." : ""
    let say =
      measured.isEmpty
      ? "How much each column contributes.\(rest)"
      : "How much worse \(source.metric) gets when a column's values are shuffled among rows.\(rest)"
    return ReportParts.figure("Importance", say, table.html)
  }
}
