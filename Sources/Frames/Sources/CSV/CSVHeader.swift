import Basics
import Kernels

/// Names of the columns and where the rows start.
struct CSVHeader {
  /// Names in file order, unique.
  var names: [String]
  /// Where the first row starts.
  var firstRowOffset: Int
  /// Whether the file has no header.
  var isMade: Bool
  /// What to say about it.
  var notes: [String]

  /// Finds the header among the first records.
  ///
  /// - Parameter known: names of a contract; a first record that holds half of them is a header.
  /// - Throws: `.schemaMismatch` naming two columns of the same name.
  static func find(_ dialect: CSVDialect, hasHeader: Bool?, known: Set<String>, path: String) throws -> CSVHeader {
    var notes: [String] = []
    var records = dialect.records[...]
    if hasHeader == nil || hasHeader == true { skipTitles(&records, dialect.width, &notes) }
    guard let first = records.first else {
      throw MLError(
        .invalidData, "\(path): has no rows, only blank lines or comments.",
        hint: "Name a file with a header and at least one row."
      )
    }
    let rest = records.dropFirst()
    let isHeader = hasHeader ?? decide(first, rest, known)
    guard isHeader else {
      let width = dialect.width
      let names = (1...max(1, width)).map { "c\($0)" }
      notes.append("no header found: \(width == 1 ? "the column is named c1" : "columns are named c1 … c\(width)").")
      return CSVHeader(names: names, firstRowOffset: first.offset, isMade: true, notes: notes)
    }
    let names = try names(of: first, width: dialect.width, rows: rest, path: path, &notes)
    return CSVHeader(names: names, firstRowOffset: first.end, isMade: false, notes: notes)
  }

  /// Drops lines before the header: a title in one cell, or counts as in `150,4,setosa,…`.
  private static func skipTitles(
    _ records: inout ArraySlice<CSVTokenizer.Record>, _ width: Int, _ notes: inout [String]
  ) {
    guard width >= 2, records.count >= 3 else { return }
    for _ in 0..<3 {
      guard records.count >= 3, let first = records.first else { return }
      let second = records[records.startIndex + 1]
      let wide = records.dropFirst().count { $0.cells.count == width }
      let isTitle = first.cells.count == 1 && width > 2
      let isCount = first.cells.count < width - 1 && first.cells.contains { number($0) }
      guard isTitle || isCount, second.cells.count >= width - 1, wide * 10 >= (records.count - 1) * 7 else { return }
      notes.append("a line before the table with \(first.cells.count) of \(width) fields was skipped.")
      records = records.dropFirst()
    }
  }

  private static func names(
    of first: CSVTokenizer.Record, width: Int, rows: ArraySlice<CSVTokenizer.Record>, path: String,
    _ notes: inout [String]
  ) throws -> [String] {
    var names = first.cells.map(\.text)
    // Rows that end with a delimiter have no field more, only an empty one.
    let endsEmpty = rows.allSatisfy { $0.cells.count < width || $0.cells[width - 1].bytes.isEmpty }
    let width = names.count == width - 1 && endsEmpty ? names.count : width
    if names.count == width - 1, !rows.isEmpty, rows.allSatisfy({ $0.cells.count >= width || $0.cells.count == 1 }) {
      var name = "row"
      while names.contains(name) { name += "_" }
      notes.append("the header has one name fewer than the rows have fields: the first column is named '\(name)'.")
      names.insert(name, at: 0)
    }
    while names.count < width { names.append("") }
    if let longest = rows.map(\.cells.count).max(), longest < names.count, names[longest...].allSatisfy(\.isEmpty) {
      names.removeLast(names.count - longest)
      notes.append("the header ends with delimiters that no row has: ignored.")
    }
    var unnamed: [String] = []
    for index in names.indices where names[index].isEmpty {
      var name = "c\(index + 1)"
      while names.contains(name) { name += "_" }
      names[index] = name
      unnamed.append(name)
    }
    if !unnamed.isEmpty {
      let shown = unnamed.prefix(5).joined(separator: ", ")
      notes.append(
        "\(CSVErrors.count(unnamed.count, "column")) without a name, named by position: "
          + "\(shown)\(unnamed.count > 5 ? ", …" : "")."
      )
    }
    try refuseDuplicates(names, path)
    return names
  }

  private static func refuseDuplicates(_ names: [String], _ path: String) throws {
    var places: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      if let other = places.updateValue(index, forKey: name) {
        throw MLError(
          .schemaMismatch,
          "\(path): column name '\(name)' must be unique; columns \(other + 1) and \(index + 1) both have it.",
          hint: "Rename one of the two columns.", field: name)
      }
    }
  }

  // MARK: Is the first record a header?

  private static func decide(
    _ first: CSVTokenizer.Record, _ rest: ArraySlice<CSVTokenizer.Record>, _ known: Set<String>
  ) -> Bool {
    if !known.isEmpty {
      let matches = first.cells.count { known.contains($0.text) }
      if matches * 2 >= min(known.count, first.cells.count) { return true }
      if known.allSatisfy(isMadeName) { return false }
    }
    guard !rest.isEmpty else { return !first.cells.contains { typed($0) } }
    let rows = rest.prefix(300)
    var forHeader = 0
    var against = 0
    for (index, cell) in first.cells.enumerated() {
      let below = rows.compactMap { index < $0.cells.count ? $0.cells[index] : nil }.filter { !isMissing($0) }
      let typedShare = below.isEmpty ? 0 : Double(below.count { typed($0) }) / Double(below.count)
      if typed(cell) {
        against += 1
      } else if !cell.bytes.isEmpty, DecimalText.marker(cell.bytes.span) == .none, typedShare > 0.6 {
        forHeader += 1
      }
    }
    if forHeader != against { return forHeader > against }
    return against == 0 && looksLikeNames(first, rows)
  }

  /// For tables of texts only: names do not come again below them, and are not longer than what they head.
  private static func looksLikeNames(_ first: CSVTokenizer.Record, _ rows: ArraySlice<CSVTokenizer.Record>) -> Bool {
    let names = first.cells.map(\.bytes).filter { !$0.isEmpty }
    guard Set(names).count == names.count, !first.cells.contains(where: { $0.bytes == [63] }) else { return false }
    var recurring = 0
    for (index, cell) in first.cells.enumerated() where !cell.bytes.isEmpty {
      if rows.contains(where: { index < $0.cells.count && $0.cells[index].bytes == cell.bytes }) { recurring += 1 }
    }
    if recurring * 4 >= max(1, names.count) { return false }
    return !first.cells.contains { $0.bytes.count > 80 || $0.bytes.contains(10) }
  }

  private static func isMissing(_ cell: CSVTokenizer.Cell) -> Bool { DecimalText.marker(cell.bytes.span) != .none }

  private static func isMadeName(_ name: String) -> Bool { name.first == "c" && Int(name.dropFirst()) != nil }

  private static func number(_ cell: CSVTokenizer.Cell) -> Bool {
    DecimalText.number(cell.bytes.span, allowsLeadingZeros: true) != nil
  }

  private static func typed(_ cell: CSVTokenizer.Cell) -> Bool {
    number(cell) || StyledNumber(cell.bytes.span) != nil || TimestampText(cell.bytes.span).isInstant
      || CellParser.spelledBoolean(cell.bytes.span) != nil
  }
}
