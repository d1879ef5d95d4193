import Kernels

/// How a file is cut, found by trying the usual ways on its first records.
struct CSVDialect {
  var layout: CSVLayout
  /// Records looked at.
  var records: [CSVTokenizer.Record]
  /// Fields a record has, as far as the beginning tells.
  var width: Int
  /// Share of records with that many fields.
  var agreement: Double

  /// The way that cuts `head` most evenly into clean cells.
  ///
  /// A way scores by how many records agree on a number of fields (too few count half, too many not at all), by
  /// that number and by how clean the cells are: numbers, dates, and texts without quotes or other delimiters.
  ///
  /// - Source: van den Burg, Nazábal, Sutton, *Wrangling messy CSV files by detecting row and type patterns*, 2019
  ///   (pattern score times type score; the scores themselves are ours).
  static func detect(
    _ head: [UInt8], from start: Int, isWhole: Bool, delimiter: UInt8?, preferred: UInt8?, names: Set<String>
  ) -> CSVDialect {
    let newline = Self.newline(head, from: start)
    let hasQuotes = head[start...].contains(34)
    var best: CSVDialect?
    var bestScore = -1.0
    for candidate in delimiter.map({ [$0] }) ?? order(preferred) {
      let hasEscapes = containsEscape(of: candidate, head, from: start)
      for quote in hasQuotes ? [UInt8(34), nil] : [UInt8(34)] {
        for escape in hasEscapes ? [nil, UInt8(92)] : [UInt8?.none] {
          let layout = CSVLayout(delimiter: candidate, newline: newline, quote: quote, escape: escape)
          let dialect = measure(layout, head, from: start, isWhole: isWhole)
          var score = dialect.score(names)
          if quote == nil { score *= 0.9 }
          if candidate == preferred { score *= 1.2 }
          if score > bestScore + 1e-9 { (best, bestScore) = (dialect, score) }
        }
      }
    }
    guard let best, delimiter != nil || best.width > 1, delimiter != nil || best.agreement >= 0.6 else {
      let layout = CSVLayout(delimiter: delimiter ?? preferred ?? 44, newline: newline)
      return single(layout, head, from: start, isWhole: isWhole)
    }
    return best
  }

  /// LF, or CR when the file has no LF.
  private static func newline(_ head: [UInt8], from start: Int) -> UInt8 {
    head[start...].contains(10) || !head[start...].contains(13) ? 10 : 13
  }

  private static func order(_ preferred: UInt8?) -> [UInt8] {
    let usual: [UInt8] = [44, 9, 59, 124]
    return preferred.map { first in [first] + usual.filter { $0 != first } } ?? usual
  }

  /// Whether a backslash stands before a quote or a delimiter.
  private static func containsEscape(of delimiter: UInt8, _ head: [UInt8], from start: Int) -> Bool {
    head.indices.dropFirst(start + 1).contains { (head[$0] == 34 || head[$0] == delimiter) && head[$0 - 1] == 92 }
  }

  /// One column: a delimiter that does not occur, or does not divide the text evenly.
  private static func single(_ layout: CSVLayout, _ head: [UInt8], from start: Int, isWhole: Bool) -> CSVDialect {
    var layout = layout
    let unused: [UInt8] = [44, 9, 59, 124, 31, 30]
    layout.delimiter = unused.first { !head[start...].contains($0) } ?? 31
    return measure(layout, head, from: start, isWhole: isWhole)
  }

  private static func measure(_ layout: CSVLayout, _ head: [UInt8], from start: Int, isWhole: Bool) -> CSVDialect {
    let result = CSVTokenizer(layout: layout).records(head, from: start, limit: 400, isFinal: isWhole)
    let records = result.records.filter { !$0.isBlank }
    guard let first = records.first else { return CSVDialect(layout: layout, records: [], width: 0, agreement: 0) }
    var counts: [Int: Int] = [:]
    for record in records { counts[record.cells.count, default: 0] += 1 }
    let mode = counts.sorted { ($1.value, $1.key) < ($0.value, $0.key) }[0].key
    let share = Double(counts[mode] ?? 0) / Double(records.count)
    var width = first.cells.count
    if mode > width, share >= 0.5 { width = mode }
    var credit = records.reduce(0.0) { $0 + Self.credit($1.cells.count, width) }
    // Rows that agree among themselves, all shorter than the header.
    if mode < width, mode > 1, share >= 0.9 { credit = max(credit, 0.8 * share * Double(records.count)) }
    let unclosed = result.isUnclosed && isWhole ? 0.8 : 1
    return CSVDialect(
      layout: layout, records: records, width: width, agreement: credit / Double(records.count) * unclosed)
  }

  private static func credit(_ count: Int, _ width: Int) -> Double {
    if count == width { return 1 }
    return count > width ? 0 : count == 1 ? 0.25 : 0.5
  }

  private func score(_ names: Set<String>) -> Double {
    guard width > 1, agreement >= 0.6 else { return agreement * 1e-3 }
    var score = agreement * (1 - 1 / Double(width + 1)) * cleanness
    if !names.isEmpty, let first = records.first {
      score += Double(first.cells.count { names.contains($0.text) }) / Double(names.count)
    }
    return score
  }

  /// Share of cells that look like values and not like pieces of something cut wrongly.
  private var cleanness: Double {
    var clean = 0.0
    var total = 0.0
    let marks: Set<UInt8> = [34, 44, 59, 9, 124]
    for record in records.prefix(100) {
      for cell in record.cells.prefix(200) {
        total += 1
        let isTorn = cell.isQuoted ? false : cell.bytes.contains { marks.contains($0) }
        clean += isTorn ? 0.1 : 1
      }
    }
    return total > 0 ? clean / total : 0
  }
}
