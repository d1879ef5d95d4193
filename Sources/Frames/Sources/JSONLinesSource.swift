public import Basics
import Kernels

/// JSON Lines: one object a line.
///
/// Without a contract the columns are the union of all keys, in order of first appearance; kinds follow from all
/// values, as in CSV. Objects inside are flattened one level (`a.b`), deeper ones and arrays kept as JSON text;
/// both is said in the report.
public struct JSONLinesSource: Source {
  /// What it says of itself.
  public static var card: Card {
    Card(name: "jsonl", summary: "JSON Lines: one object a line; plain or gzip.", source: "jsonlines.org; RFC 8259")
  }
  /// File name endings.
  public static var suffixes: [String] { ["jsonl", "ndjson"] }

  /// Makes the source.
  public init() {}

  /// Opens `path`, plain or gzip, or standard input when it is `-`.
  public func reader(for path: String, options: SourceOptions) throws -> any FrameReader {
    let lines = try JSONLineFeed(path)
    if let contract = options.contract { return try JSONLinesContractReader(lines, contract, options) }
    var inference = JSONLinesInference(name: lines.name, options)
    return try inference.read(lines)
  }
}

/// Lines of a file, one after the other, with their numbers.
final class JSONLineFeed {
  let name: String
  private let feed: any ByteFeed
  private var buffer: [UInt8]
  private var start = 0
  private var isAtEnd = false
  /// Line of the last one handed out, counted from 1.
  private(set) var line = 0

  init(_ path: String) throws {
    let opened = try ByteFeeds.open(path)
    name = path == "-" ? "standard input" : FileSystem.name(path)
    feed = opened.feed
    buffer = opened.head
    if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
  }

  /// The next line that is not blank; `nil` at the end.
  func next() throws -> [UInt8]? {
    while true {
      if let end = buffer[start...].firstIndex(of: 10) {
        let line = Array(buffer[start..<end])
        start = end + 1
        self.line += 1
        if line.contains(where: { $0 > 32 }) { return line }
      } else if isAtEnd {
        let line = Array(buffer[start...])
        guard !line.isEmpty else { return nil }
        start = buffer.count
        self.line += 1
        return line.contains { $0 > 32 } ? line : nil
      } else {
        buffer.removeFirst(start)
        start = 0
        guard buffer.count <= CSVErrors.recordLimit else {
          throw CSVErrors.tooLong(name, line: line + 1, limit: CSVErrors.recordLimit)
        }
        if try feed.read(into: &buffer, maximumCount: max(1 << 20, buffer.count)) == 0 { isAtEnd = true }
      }
    }
  }

  /// The object a line holds.
  ///
  /// - Throws: `.invalidData` with the line.
  func object(_ bytes: [UInt8]) throws -> JSONValue {
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch let error as MLError {
      throw MLError(
        .invalidData, "\(name), line \(line): \(error.message)", hint: "Put one JSON object on each line.", cause: error
      )
    }
    guard case .object = value else {
      throw MLError(
        .invalidData, "\(name): line \(line) must hold an object.", hint: "Put one JSON object on each line.")
    }
    return value
  }
}

/// Reads rows by contract, part by part.
final class JSONLinesContractReader: FrameReader {
  let schema: Schema
  private(set) var report = ReadReport()
  private let lines: JSONLineFeed
  private let decoder: RowDecoder
  private let options: SourceOptions

  init(_ lines: JSONLineFeed, _ contract: Schema, _ options: SourceOptions) throws {
    self.lines = lines
    self.options = options
    decoder = RowDecoder(contract: contract, optionalColumns: options.optionalColumns)
    schema = contract
  }

  func next(maximumRows: Int) throws -> Frame? {
    // Optional columns stay in every part, so that all parts have one schema.
    var batch = RowBatch(decoder.plan, options.invalidCells)
    let limit = maximumRows == .max ? .max : maximumRows
    while batch.rowCount < limit, let line = try lines.next() {
      var scanner = JSONRowScanner(line)
      if batch.append(&scanner) {
        if !scanner.isAtEndOfDocument { _ = try lines.object(line) }
        continue
      }
      try batch.append(lines.object(line), place: "\(lines.name), line \(lines.line)")
    }
    guard batch.rowCount > 0 else { return nil }
    let decoded = try batch.finish(keepsAll: true)
    report.rowCount += decoded.frame.rowCount
    for key in decoded.ignoredKeys where !report.ignoredColumns.contains(key) { report.ignoredColumns.append(key) }
    for (name, count) in decoded.invalidCells { report.invalidCells[name, default: 0] += count }
    return decoded.frame
  }
}

/// Reads all lines and finds columns and kinds.
struct JSONLinesInference {
  private let name: String
  private let options: SourceOptions
  private var columns: [Builder] = []
  private var positions: [String: Int] = [:]
  private var rowCount = 0
  private var flattened: Set<String> = []
  private var kept: Set<String> = []

  /// Texts of one column.
  private struct Builder {
    let name: String
    var codes: [Int32]
    var places: [String: Int32] = [:]
    var texts: [String] = []
    var lines: [Int] = []

    mutating func append(_ text: String, row: Int, line: Int) {
      while codes.count < row { codes.append(-1) }
      if codes.count > row { codes.removeLast() }
      guard !text.isEmpty else { return codes.append(-1) }
      if let code = places[text] { return codes.append(code) }
      let code = Int32(texts.count)
      places[text] = code
      texts.append(text)
      lines.append(line)
      codes.append(code)
    }

    mutating func finish(_ rows: Int) -> TextColumn {
      while codes.count < rows { codes.append(-1) }
      var bytes: [UInt8] = []
      var ends: [Int] = []
      for text in texts {
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
      }
      return TextColumn(codes: codes, levels: CSVLevels(bytes: bytes, ends: ends, offsets: lines))
    }
  }

  init(name: String, _ options: SourceOptions) {
    self.name = name
    self.options = options
  }

  /// Everything, in memory.
  mutating func read(_ lines: JSONLineFeed) throws -> WholeFrameReader {
    while let bytes = try lines.next() {
      guard case .object(let pairs) = try lines.object(bytes) else { continue }
      for (key, value) in pairs { add(key, value, line: lines.line) }
      rowCount += 1
    }
    guard rowCount > 0 else {
      throw MLError(.invalidData, "\(name): has no rows, only blank lines.", hint: "Put one JSON object on each line.")
    }
    var report = ReadReport()
    let overrides = try overrides()
    var typed: [TextColumn.Inferred] = []
    for index in columns.indices {
      let texts = columns[index].finish(rowCount)
      typed.append(try column(texts, columns[index].name, overrides[index]))
    }
    if !flattened.isEmpty {
      report.notes.append("objects were flattened one level: \(flattened.sorted().joined(separator: ", ")).")
    }
    if !kept.isEmpty {
      report.notes.append("arrays and deeper objects were kept as JSON text: \(kept.sorted().joined(separator: ", ")).")
    }
    for column in typed { report.notes += column.notes }
    report.rowCount = rowCount
    let frame = try Frame(Schema(typed.map(\.field)), typed.map(\.column), rowCount: rowCount)
    return WholeFrameReader(frame, report)
  }

  private mutating func add(_ key: String, _ value: JSONValue, line: Int) {
    if case .object(let inner) = value, !inner.isEmpty {
      flattened.insert(key)
      for (name, value) in inner { addScalar("\(key).\(name)", value, line: line) }
    } else {
      addScalar(key, value, line: line)
    }
  }

  private mutating func addScalar(_ key: String, _ value: JSONValue, line: Int) {
    let index = positions[key] ?? columns.count
    if index == columns.count {
      positions[key] = index
      columns.append(Builder(name: key, codes: []))
    }
    let text: String
    switch value {
    case .null: text = ""
    case .string(let string): text = string
    case .integer(let number): text = String(number)
    case .number(let number): text = NumberText.shortest(number)
    case .boolean(let flag): text = flag ? "true" : "false"
    case .array, .object:
      kept.insert(key)
      text = value.compact
    }
    columns[index].append(text, row: rowCount, line: line)
  }

  private func overrides() throws -> [Int: ColumnKind] {
    let schema = try Schema(columns.map { Field($0.name, .text) })
    var out: [Int: ColumnKind] = [:]
    for (reference, kind) in options.kinds.sorted(by: { $0.key < $1.key }) {
      out[try schema.resolve(reference, in: name)] = kind
    }
    return out
  }

  private func column(_ texts: TextColumn, _ column: String, _ kind: ColumnKind?) throws -> TextColumn.Inferred {
    let found = texts.inferred(name: column) { $0 }
    guard let kind, kind != found.field.kind else { return found }
    var field = Field(column, kind)
    let typed = texts.typed(field)
    if typed.invalidCount > 0, options.invalidCells == .fail {
      throw MLError(
        .invalidData,
        "\(name): column '\(column)' must hold \(CellParser(field).expectation); "
          + "\(CSVErrors.count(typed.invalidCount, "value")) cannot be read so, "
          + "first on line \(typed.firstInvalid ?? 0).",
        hint: "Correct the values, or read them as missing.", field: column)
    }
    if case .category(_, let levels) = typed.column.storage { field.categories = levels }
    field.mayBeMissing = typed.column.missingCount > 0
    return TextColumn.Inferred(field: field, column: typed.column)
  }
}
