/// Rows and columns of text that fit the width: numbers right-aligned, the widest text column wrapped or cut first.
package struct TextTable: Sendable {
  /// How one column looks.
  package struct Column: Sendable, Hashable {
    /// Heading.
    package var title: String
    /// Whether cells stand at the right, as numbers do.
    package var isNumeric: Bool
    /// Whether a cell that is too wide goes on in the next line instead of being cut.
    package var wraps: Bool

    /// A column of text, cut when too wide.
    package static func text(_ title: String) -> Column { Column(title: title, isNumeric: false, wraps: false) }
    /// A column of text, continued in further lines when too wide.
    package static func wrapping(_ title: String) -> Column { Column(title: title, isNumeric: false, wraps: true) }
    /// A column of numbers; never cut.
    package static func number(_ title: String) -> Column { Column(title: title, isNumeric: true, wraps: false) }
  }

  /// Columns in order.
  package let columns: [Column]
  /// Rows in the order added; cells as many as columns.
  package private(set) var rows: [[String]] = []
  private static let gap = 2
  private static let narrowest = 8

  /// An empty table.
  package init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; cells that are lacking stay empty.
  package mutating func append(_ cells: [String]) {
    let known = cells.prefix(columns.count).map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
    rows.append(known + Array(repeating: "", count: columns.count - known.count))
  }

  /// Heading, rule and rows, each without trailing spaces.
  package func lines(on terminal: Terminal) -> [String] {
    let widths = fitted(to: terminal.width)
    let heading = line(columns.map(\.title), widths)
    var out = heading.map { TextStyle.bold($0, on: terminal) }
    let total = widths.reduce(0, +) + Self.gap * max(0, widths.count - 1)
    out.append(TextStyle.dim(String(repeating: "─", count: total), on: terminal))
    for row in rows { out += line(row, widths) }
    return out
  }

  /// Column widths: natural, then text columns narrowed from the widest down until all fit.
  private func fitted(to width: Int) -> [Int] {
    var widths = columns.indices.map { index in
      rows.reduce(DisplayWidth.of(columns[index].title)) { max($0, DisplayWidth.of($1[index])) }
    }
    let room = width - Self.gap * max(0, columns.count - 1)
    while widths.reduce(0, +) > room {
      let flexible = columns.indices.filter { !columns[$0].isNumeric && widths[$0] > Self.narrowest }
      guard let widest = flexible.max(by: { (widths[$0], $1) < (widths[$1], $0) }) else { break }
      let second = flexible.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
      let excess = widths.reduce(0, +) - room
      widths[widest] = max(Self.narrowest, min(widths[widest] - 1, max(second, widths[widest] - excess)))
    }
    return widths
  }

  private func line(_ cells: [String], _ widths: [Int]) -> [String] {
    let parts = columns.indices.map { index in
      if columns[index].wraps { return DisplayWidth.wrapped(cells[index], to: widths[index]) }
      return [columns[index].isNumeric ? cells[index] : DisplayWidth.elided(cells[index], to: widths[index])]
    }
    return (0..<(parts.map(\.count).max() ?? 0)).map { part in
      let texts = columns.indices.map { index in
        let text = parts[index].indices.contains(part) ? parts[index][part] : ""
        return DisplayWidth.padded(text, to: widths[index], trailing: columns[index].isNumeric)
      }
      let joined = texts.joined(separator: String(repeating: " ", count: Self.gap))
      return String(joined.reversed().drop { $0 == " " }.reversed())
    }
  }
}
