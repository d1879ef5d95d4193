import Kernels

/// Cuts the beginning of a file into cells, plainly: for looking at it, never for reading it.
struct CSVTokenizer {
  /// One cell without its quotes, escapes resolved, surrounding spaces off.
  struct Cell {
    var bytes: [UInt8]
    var isQuoted: Bool
    var text: String { CellParser.string(bytes.span) }
  }
  /// One record and where it starts.
  struct Record {
    var cells: [Cell]
    var offset: Int
    /// Where the next one starts.
    var end: Int
    /// Whether it has nothing but blanks.
    var isBlank: Bool { cells.count == 1 && cells[0].bytes.isEmpty && !cells[0].isQuoted }
  }
  /// What it found.
  struct Result {
    var records: [Record] = []
    /// Whether the text ended inside quotes.
    var isUnclosed = false
  }

  let layout: CSVLayout

  /// Up to `limit` records from `start` on; the last one counts without a line end only when `isFinal`.
  func records(_ text: [UInt8], from start: Int = 0, limit: Int, isFinal: Bool) -> Result {
    var result = Result()
    var position = start
    while position < text.count, result.records.count < limit {
      let begin = position
      guard let cells = record(text, &position, isFinal: isFinal, &result.isUnclosed) else { break }
      result.records.append(Record(cells: cells, offset: begin, end: position))
    }
    return result
  }

  private func record(
    _ text: [UInt8], _ position: inout Int, isFinal: Bool, _ isUnclosed: inout Bool
  ) -> [Cell]? {
    var cells: [Cell] = []
    while true {
      let (cell, end) = field(text, position, &isUnclosed)
      cells.append(cell)
      position = end + 1
      if end >= text.count {
        position = text.count
        return isFinal ? cells : nil
      }
      if text[end] == layout.newline { return cells }
    }
  }

  /// The cell that starts at `start` and where its separator is.
  private func field(_ text: [UInt8], _ start: Int, _ isUnclosed: inout Bool) -> (Cell, Int) {
    var position = start
    while position < text.count, isBlank(text[position]) { position += 1 }
    var out: [UInt8] = []
    if let quote = layout.quote, position < text.count, text[position] == quote {
      position += 1
      while position < text.count {
        let byte = text[position]
        if byte == layout.escape, position + 1 < text.count {
          out.append(text[position + 1])
          position += 2
        } else if byte != quote {
          out.append(byte)
          position += 1
        } else if position + 1 < text.count, text[position + 1] == quote {
          out.append(quote)
          position += 2
        } else {
          let end = skipBlanks(text, position + 1)
          if end >= text.count || text[end] == layout.delimiter || text[end] == layout.newline {
            return (Cell(bytes: out, isQuoted: true), end)
          }
          out.append(byte)
          position += 1
        }
      }
      isUnclosed = true
      return (Cell(bytes: out, isQuoted: true), text.count)
    }
    while position < text.count, text[position] != layout.delimiter, text[position] != layout.newline {
      if text[position] == layout.escape, position + 1 < text.count { position += 1 }
      out.append(text[position])
      position += 1
    }
    while let last = out.last, isBlank(last) { out.removeLast() }
    return (Cell(bytes: out, isQuoted: false), position)
  }

  private func skipBlanks(_ text: [UInt8], _ start: Int) -> Int {
    var position = start
    while position < text.count, isBlank(text[position]) { position += 1 }
    return position
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == 32 || (byte == 9 && layout.delimiter != 9) || (byte == 13 && layout.newline != 13)
  }
}
