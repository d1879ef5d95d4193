import Basics

/// Truth against decision, row-major counts.
struct Confusion {
  let classes: [String]
  let counts: [Double]
  /// Metrics of a class with intervals, by its name; empty in records of releases that kept none.
  private let quality: [String: JSONValue]

  /// - Parameter quality: `{"class": {"precision": {…}, "recall", "f1", "roc_auc"}}`.
  /// - Returns: `nil` unless there are as many counts as pairs of classes.
  init?(_ json: JSONValue, quality: JSONValue = .null) {
    self.quality = Dictionary(quality.objectValue ?? [], uniquingKeysWith: { first, _ in first })
    classes = json.texts("classes")
    guard let counts = json.numbers("counts"), !classes.isEmpty, counts.count == classes.count * classes.count else {
      return nil
    }
    self.counts = counts
  }

  /// Largest matrix whose counts are written into its cells.
  static let writtenCount = 12
  /// Largest matrix that is drawn.
  static let drawnCount = 60

  func count(_ truth: Int, _ decided: Int) -> Double { counts[truth * classes.count + decided] }
  func truths(_ index: Int) -> Double { classes.indices.reduce(0) { $0 + count(index, $1) } }
  func decisions(_ index: Int) -> Double { classes.indices.reduce(0) { $0 + count($1, index) } }

  /// How much of the truth is of a class.
  func share(of name: String?) -> Double? {
    let total = counts.reduce(0, +)
    guard let name, total > 0, let index = classes.firstIndex(of: name) else { return nil }
    return truths(index) / total
  }

  /// Matrix and table by class.
  var figures: [HTML?] { [matrix, byClass] }

  private var right: Double { classes.indices.reduce(0) { $0 + count($1, $1) } }

  private var say: String {
    "\(Self.rows(right)) of \(Self.rows(counts.reduce(0, +))) test rows are decided rightly; those stand on the diagonal."
  }

  private static func rows(_ count: Double) -> String { Figures.chosen(count) }

  private var matrix: HTML {
    if classes.count <= Self.writtenCount {
      return ReportParts.figure("Confusion matrix", say + " The darker, the larger the share of its row.", written)
    }
    let common = ReportParts.numbers(mistakes, "Most frequent mistakes")
    guard classes.count <= Self.drawnCount else { return ReportParts.figure("Confusion matrix", say, mistakes.html) }
    return ReportParts.figure(
      "Confusion matrix",
      say + " Truth from top to bottom, decision from left to right, in the order of the table by class.",
      drawn + common)
  }

  private var written: HTML {
    let head = classes.html { "<th scope=\"col\" class=\"num\">\($0)</th>" }
    let body = classes.indices.html { truth -> HTML in
      let total = truths(truth)
      let cells = classes.indices.html { decided -> HTML in
        let share = total > 0 ? count(truth, decided) / total : 0
        let part: HTML = total > 0 ? "<span class=\"note\">\(Figures.percent(share))</span>" : ""
        return "<td class=\"num shade-\(Self.shade(share))\">\(Self.rows(count(truth, decided)))\(part)</td>"
      }
      return "<tr><th scope=\"row\">\(classes[truth])</th>\(cells)</tr>"
    }
    return """
      <div class="scroll matrix" tabindex="0" role="group" aria-label="Table: confusion matrix"><table><thead>\
      <tr><th scope="col">Truth ↓ decided →</th>\(head)</tr></thead><tbody>\(body)</tbody></table></div>
      """
  }

  private static func shade(_ share: Double) -> Int { share <= 0 ? 0 : min(4, Int(min(1, share) * 4) + 1) }

  private var drawn: HTML {
    let size = 100 / Double(classes.count)
    let cells = classes.indices.html { truth -> HTML in
      let total = truths(truth)
      return classes.indices.html { decided -> HTML in
        guard count(truth, decided) > 0, total > 0 else { return "" }
        return """
          <rect class="shade-\(Self.shade(count(truth, decided) / total))" x="\(coordinate(Double(decided) * size))" \
          y="\(coordinate(Double(truth) * size))" width="\(coordinate(size))" height="\(coordinate(size))"/>
          """
      }
    }
    return """
      <svg class="plot heat" viewBox="0 0 100 100" role="img" aria-label="Confusion matrix. \(say)">\(cells)</svg>
      """
  }

  private var mistakes: ReportTable {
    let pairs = counts.indices.filter { $0 / classes.count != $0 % classes.count && counts[$0] > 0 }
      .sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(40)
    return ReportTable(
      title: "Most frequent mistakes", columns: ["Truth", "Decided", .number("Rows")],
      rows: pairs.map {
        ["\(classes[$0 / classes.count])", "\(classes[$0 % classes.count])", "\(Self.rows(counts[$0]))"]
      })
  }

  /// A metric and its interval, where that is known.
  struct Cell {
    let value: String
    var range: String?
    /// Both in one line.
    var text: String { value + (range.map { " (\($0))" } ?? "") }
  }

  /// Rows, precision, recall, F1 and area under the ROC curve of the largest classes.
  var classTable: (columns: [String], rows: [[Cell]]) {
    let shown = classes.indices.sorted { (truths($1), $0) < (truths($0), $1) }.prefix(Self.drawnCount).sorted()
    let rows = shown.map { index -> [Cell] in
      let (hits, truths, decided) = (count(index, index), truths(index), decisions(index))
      let own = quality[classes[index]] ?? .null
      let cell = { (key: String, value: Double?) in
        guard let value, let known = own.measured(key), let low = known.low, let high = known.high else {
          return Cell(value: Figures.number(value))
        }
        // Fewer digits than elsewhere, so that all intervals stand side by side.
        let ends = [low, high].map { Figures.fixed($0, decimals: 2) }
        return Cell(value: Figures.fixed(value, decimals: 3), range: ends.joined(separator: "–"))
      }
      let counts = quality.isEmpty ? [truths, decided] : [truths]
      let counted = ([classes[index]] + counts.map(Self.rows)).map { Cell(value: $0) }
      let rates = [
        cell("precision", decided > 0 ? hits / decided : nil), cell("recall", truths > 0 ? hits / truths : nil),
        cell("f1", truths + decided > 0 ? 2 * hits / (truths + decided) : nil),
      ]
      return counted + rates + (quality.isEmpty ? [] : [cell("roc_auc", own.measured("roc_auc")?.value)])
    }
    let names = ["Class", "Rows"] + (quality.isEmpty ? ["Decided"] : [])
    return (names + ["Precision", "Recall", "F1"] + (quality.isEmpty ? [] : ["ROC AUC"]), rows)
  }

  private var byClass: HTML {
    let (columns, rows) = classTable
    let table = ReportTable(
      title: "Quality by class",
      columns: columns.enumerated().map { $0.offset == 0 ? .init($0.element) : .number($0.element) },
      rows: rows.map { $0.map { "\($0.value)\(ReportParts.note($0.range))" } })
    let whole =
      quality.isEmpty ? "Counted from the matrix." : "Each class against all others, with 95 % intervals."
    return ReportParts.figure(
      "By class",
      rows.count < classes.count ? "The \(rows.count) largest of \(classes.count) classes. \(whole)" : whole,
      rows.count > Self.writtenCount ? "<div class=\"long\">\(table.html)</div>" : table.html)
  }
}
