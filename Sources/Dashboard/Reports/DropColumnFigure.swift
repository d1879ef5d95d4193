import Basics

/// What is lost when the model is learnt anew without a column.
struct DropColumnFigure {
  let source: ReportSource

  /// Columns with their loss, most important first.
  var entries: [(column: String, loss: Measured)] {
    source.analysis.list("drop_column").compactMap { entry in
      entry.text("column").flatMap { name in entry.measured.map { (name, $0) } }
    }
  }

  var html: HTML? {
    let entries = entries
    guard !entries.isEmpty else { return nil }
    let axis = Strip.axis(entries.map(\.loss), and: [0])
    let rows = entries.map { name, loss -> [HTML] in
      [
        "\(name)", Strip.interval(loss, axis, limit: 0, (loss.low ?? 0) > 0 ? .attention : .unknown),
        "\(Figures.precise(loss.value))\(ReportParts.note(Figures.range(loss)))",
      ]
    }
    let table = ReportTable(
      title: "Loss without a column", columns: ["Column", .drawing("Loss, 95 % interval"), .number("Loss")], rows: rows)
    return ReportParts.figure(
      "Without a column",
      "How much worse \(source.metric) gets on held-out training rows when the model is learnt anew without the column; "
        + "the upright line is no loss. A column whose story another one tells too loses nothing.", table.html)
  }
}
