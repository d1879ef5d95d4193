/// A drawing with a title, words for those who do not see it, and its numbers as a table.
///
/// The plot stretches with the page and holds no text, so that labels keep their size on a narrow screen.
struct Chart {
  /// What it shows.
  let title: String
  /// What it says, in a sentence.
  let summary: String
  /// Columns of the table.
  let columns: [String]
  /// Rows of the table, as shown.
  let rows: [[String]]
  /// Marks inside the plot, in a square of 100 by 100.
  let marks: HTML
  /// Texts along the upright axis, lowest first.
  var upright: [String] = []
  /// Texts along the level axis, from the left.
  var level: [String] = []
  /// What the marks mean: class of the mark and its name.
  var legend: [(mark: String, name: String)] = []
  /// Lower plot, for small ones side by side.
  var isSmall = false

  /// The figure.
  var html: HTML {
    """
    <figure class="chart\(isSmall ? " small" : "")"><figcaption><span class="chart-title">\(title)</span>\(legendMarkup)\
    </figcaption><div class="frame">\(uprightMarkup)<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" \
    role="img" aria-label="\(title). \(summary)">\(gridMarkup)\(marks)</svg>\(levelMarkup)</div>\
    \(numbersMarkup)</figure>
    """
  }

  private var legendMarkup: HTML {
    guard !legend.isEmpty else { return "" }
    return "<span class=\"legend\">\(legend.html { "<span><i class=\"key \($0.mark)\"></i>\($0.name)</span>" })</span>"
  }

  private var uprightMarkup: HTML {
    guard !upright.isEmpty else { return "" }
    return "<div class=\"upright\" aria-hidden=\"true\">\(upright.reversed().html { "<span>\($0)</span>" })</div>"
  }

  private var levelMarkup: HTML {
    guard !level.isEmpty else { return "" }
    return "<div class=\"level\" aria-hidden=\"true\">\(level.html { "<span>\($0)</span>" })</div>"
  }

  private var gridMarkup: HTML {
    guard upright.count > 1 else { return "<path class=\"grid\" d=\"M0 100H100\"/>" }
    return upright.indices.html { index in
      let y = coordinate(100 - 100 * Double(index) / Double(upright.count - 1))
      return "<path class=\"grid\" d=\"M0 \(y)H100\"/>"
    }
  }

  private var numbersMarkup: HTML {
    "<details class=\"numbers\"><summary>Numbers<span class=\"hidden\"> of \(title)</span></summary>\(Table(columns: columns, rows: rows).html)</details>"
  }
}

/// A table of texts; the first column names the row, numbers stand right.
struct Table {
  let columns: [String]
  let rows: [[String]]

  var html: HTML {
    let numeric = columns.indices.map { column in
      column > 0 && !rows.isEmpty && rows.allSatisfy { column < $0.count && Self.isNumeric($0[column]) }
    }
    let head = columns.indices.html { index in
      "<th scope=\"col\"\(numeric[index] ? " class=\"num\"" as HTML : "")>\(columns[index])</th>"
    }
    let body = rows.html { row in
      let cells = row.indices.html { index -> HTML in
        if index == 0 { return "<th scope=\"row\">\(row[0])</th>" }
        return "<td\(index < numeric.count && numeric[index] ? " class=\"num\"" as HTML : "")>\(row[index])</td>"
      }
      return "<tr>\(cells)</tr>"
    }
    return
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>"
  }

  private static func isNumeric(_ text: String) -> Bool {
    text == "–" || (text.first.map { $0.isNumber || $0 == "−" } ?? false)
  }
}
