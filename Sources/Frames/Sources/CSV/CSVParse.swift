import Basics
import Kernels

/// Rows of a region of a file, with what is needed to speak of them.
struct CSVParse {
  let region: ByteRegion
  let table: CSVTable
  /// Line of the region's first byte, counted from 0.
  let lineBase: Int
  let name: String
  let layout: CSVLayout

  /// Parses; a file with stray quotes is read again with more care.
  ///
  /// - Throws: `.invalidData` naming the line of a quote that is never closed or of a line that is too long.
  static func run(
    _ region: ByteRegion, _ request: CSVRequest, lineBase: Int, name: String, workers: Workers
  ) throws -> CSVParse {
    func line(_ offset: Int) -> Int {
      lineBase + region.occurrences(of: request.layout.newline, in: 0..<offset) + 1
    }
    do {
      let table = try CSVKernel.parse(region, request, workers: workers)
      return CSVParse(region: region, table: table, lineBase: lineBase, name: name, layout: request.layout)
    } catch .strayQuote {
      var exact = request
      exact.layout.isExact = true
      return try run(region, exact, lineBase: lineBase, name: name, workers: workers)
    } catch .unclosedQuote(let offset) {
      guard request.layout.isExact || request.layout.escape != nil else {
        var exact = request
        exact.layout.isExact = true
        return try run(region, exact, lineBase: lineBase, name: name, workers: workers)
      }
      throw MLError(
        .invalidData, "\(name): a quote is opened on line \(line(offset)) or after and never closed.",
        hint: "Close it, or double quotes that are part of a text.")
    } catch .recordTooLong(let offset) {
      throw CSVErrors.tooLong(name, line: line(offset), limit: request.recordLimit)
    } catch .tooSparse {
      throw MLError(
        .invalidData,
        "\(name): most lines have far fewer fields than the \(request.kinds.count) columns of the header.",
        hint: "Check the delimiter and the header.")
    } catch .outOfMemory {
      throw MLError(.io, "\(name): memory is short for \(request.range.count) bytes.", hint: "Read the file in parts.")
    }
  }

  /// The line, counted from 1, of a position in the region.
  func line(_ offset: Int) -> Int { lineBase + region.occurrences(of: layout.newline, in: 0..<offset) + 1 }

  /// The content of a cell of which an event tells.
  func cell(_ event: CSVEvent) -> [UInt8] {
    let raw = region.bytes(event.offset..<(event.offset + event.length))
    let isQuoted =
      layout.quote != nil && event.offset > 0 && region.bytes((event.offset - 1)..<event.offset).first == layout.quote
    guard layout.escape != nil || (isQuoted && raw.contains(layout.quote ?? 34)) else { return raw }
    var out: [UInt8] = []
    var index = 0
    while index < raw.count {
      let isEscape = raw[index] == layout.escape && index + 1 < raw.count
      let isDoubled = isQuoted && raw[index] == layout.quote && index + 1 < raw.count && raw[index + 1] == layout.quote
      if isEscape || isDoubled { index += 1 }
      out.append(raw[index])
      index += 1
    }
    return out
  }

  /// Column `index` as `field` says; cells that do not fit are missing, or an error.
  func typed(_ index: Int, _ field: Field, _ invalidCells: SourceOptions.InvalidCells) throws -> TextColumn.Typed {
    let raw = table.columns[index]
    var typed: TextColumn.Typed
    switch raw.values {
    case .texts(let codes, let levels): typed = TextColumn(codes: codes, levels: levels).typed(field)
    case .integers(let values): typed = patched(.integer(values), raw, index, field)
    case .numbers(let values): typed = patched(.number(values), raw, index, field)
    case .skipped: throw MLError(.internalFailure, "\(name): column '\(field.name)' was not read.")
    }
    if typed.invalidCount > 0, invalidCells == .fail {
      let place = typed.firstInvalid.map { ", first on line \(line($0))" } ?? ""
      throw MLError(
        .invalidData,
        "\(name): column '\(field.name)' must hold \(CellParser(field).expectation); "
          + "\(CSVErrors.count(typed.invalidCount, "cell")) cannot be read so\(place).",
        hint: "Correct the cells, or read them as missing.", field: field.name)
    }
    return typed
  }

  /// Numbers as the kernel read them, with the cells it left to us.
  private func patched(_ storage: Column.Storage, _ raw: CSVRawColumn, _ index: Int, _ field: Field) -> TextColumn.Typed
  {
    var validity = raw.missing.isEmpty ? nil : Validity(count: table.rowCount, missing: raw.missing)
    guard raw.failedCount > 0 else { return TextColumn.Typed(column: Column(zeroed: storage, validity: validity)) }
    let parser = CellParser(field)
    var typed = TextColumn.Typed(column: Column(.boolean([])))
    var numbers: [Double] = []
    var integers: [Int64] = []
    if case .number(let values) = storage { numbers = values }
    if case .integer(let values) = storage { integers = values }
    for event in table.events where event.kind == .cell && event.column == index {
      switch parser.parse(cell(event).span) {
      case .number(let value):
        numbers[event.row] = value
        validity?.set(event.row, true)
      case .integer(let value):
        integers[event.row] = value
        validity?.set(event.row, true)
      case .missing: break
      default:
        typed.invalidCount += 1
        if typed.firstInvalid == nil { typed.firstInvalid = event.offset }
      }
    }
    typed.column = Column(zeroed: field.kind == .number ? .number(numbers) : .integer(integers), validity: validity)
    return typed
  }

  /// Speaks of records with too few or too many fields.
  ///
  /// - Throws: `.invalidData` for a record with too many fields that are not all empty, unless cells that do not
  ///   fit are missing.
  func recordNotes(_ invalidCells: SourceOptions.InvalidCells) throws -> [String] {
    let width = table.columns.count
    var notes: [String] = []
    let long = table.events.filter { $0.kind == .long }
    if let first = long.first {
      guard invalidCells == .missing else {
        throw MLError(
          .invalidData, "\(name): line \(line(first.offset)) has \(first.length) fields where \(width) are expected.",
          hint: "Quote fields that hold \(CSVErrors.name(of: layout.delimiter)), or mend the line.")
      }
      notes.append(
        "\(CSVErrors.count(long.count, "row")) with too many fields (first on line \(line(first.offset))); "
          + "what is beyond the columns was dropped."
      )
    }
    let extras = table.events.filter { $0.kind == .emptyExtras }
    if let first = extras.first {
      notes.append(
        "\(extras.count < 1000 ? CSVErrors.count(extras.count, "row") : "many rows") with empty fields "
          + "beyond the columns (first on line \(line(first.offset))); they were dropped."
      )
    }
    let short = table.events.filter { $0.kind == .short }
    if let first = short.first {
      let count = table.shortCount
      notes.append(
        "\(CSVErrors.count(count, "row")) with too few fields (first on line \(line(first.offset)): "
          + "\(first.length) of \(width)); the cells that lack are missing."
      )
    }
    return notes
  }

  /// Lines at the very end with one field where three or more are expected: a footer, not data.
  var footer: (offset: Int, note: String)? {
    guard table.columns.count >= 3 else { return nil }
    if let offset = paddedFooter {
      return (offset, "a line after the table (line \(line(offset))) was skipped.")
    }
    var first: CSVEvent?
    var expected = table.rowCount - 1
    for event in table.events.reversed() where event.kind == .short {
      guard event.row == expected, event.length == 1, table.rowCount - expected <= 5 else { break }
      first = event
      expected -= 1
    }
    guard let first, first.row > 0 else { return nil }
    let count = table.rowCount - first.row
    return (
      first.offset,
      "\(count) \(count == 1 ? "line" : "lines") after the table (from line \(line(first.offset))) were skipped."
    )
  }

  /// The last line when it follows a blank one and has a text in its first field only, padded with delimiters.
  private var paddedFooter: Int? {
    guard table.rowCount > 1 else { return nil }
    let start = max(0, table.position - 4096)
    let tail = region.bytes(start..<table.position)
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 13 }
    guard let end = tail.lastIndex(where: { $0 != layout.newline && !isBlank($0) }) else { return nil }
    guard let before = tail[...end].lastIndex(of: layout.newline) else { return nil }
    guard let blank = tail[..<before].lastIndex(where: { !isBlank($0) }), tail[blank] == layout.newline else {
      return nil
    }
    let line = tail[(before + 1)...end]
    let text = line.reversed().drop { $0 == layout.delimiter }
    let padding = line.count - text.count
    guard padding == table.columns.count - 1, !text.isEmpty, !text.contains(layout.delimiter) else { return nil }
    return layout.quote.map(line.contains) == true ? nil : start + before + 1
  }
}
