import Basics
import Kernels

/// Reads a file by contract, part by part, in memory that does not grow with it.
final class CSVContractReader: FrameReader {
  let schema: Schema
  private(set) var report = ReadReport()
  private var file: CSVFile
  private let options: SourceOptions
  /// Field of the contract for each column of the file; `nil`: not wanted.
  private let fields: [Field?]
  private let kinds: [CSVColumnKind]
  /// Column of the file for each field of `schema`.
  private let places: [Int]
  private var buffer: [UInt8]
  private var isAtEnd = false
  private var linesDone: Int
  private var rowsSeen = 0
  private var pending: Frame?
  private var pendingStart = 0
  private var trimmed = 0
  private var latin1 = 0
  private var isMapped = false

  /// - Throws: `.schemaMismatch` naming fields of the contract that the file lacks.
  init(_ file: CSVFile, contract: Schema, _ options: SourceOptions) throws {
    self.file = file
    self.options = options
    let plan = try ContractPlan(
      columns: file.header, contract: contract, optional: options.optionalColumns, path: file.name)
    schema = plan.schema
    places = plan.places
    var fields = [Field?](repeating: nil, count: file.header.names.count)
    for (field, place) in zip(plan.schema.fields, plan.places) { fields[place] = field }
    self.fields = fields
    kinds = fields.map { field in
      guard let field else { return .skip }
      return field.kind == .number ? .number : field.kind == .integer ? .integer : .text
    }
    report.notes = file.notes + plan.notes
    report.ignoredColumns = plan.ignored
    let start = file.header.firstRowOffset
    linesDone = file.head[..<start].count { $0 == file.layout.newline }
    buffer = Array(file.head[start...])
    self.file.head = []
  }

  func next(maximumRows: Int) throws -> Frame? {
    guard maximumRows > 0 else { return nil }
    while true {
      if let frame = pending {
        let end = min(frame.rowCount, pendingStart + min(maximumRows, frame.rowCount))
        let part = pendingStart == 0 && end == frame.rowCount ? frame : frame.gathered(Array(pendingStart..<end))
        pendingStart = end
        if end == frame.rowCount { pending = nil }
        if part.rowCount > 0 { return part }
      }
      guard !isAtEnd || !buffer.isEmpty else { return nil }
      try readPart(wantsAll: maximumRows == .max)
    }
  }

  private func readPart(wantsAll: Bool) throws {
    if wantsAll, rowsSeen == 0, file.isPlainFile, !isMapped {
      isMapped = true
      isAtEnd = true
      buffer = []
      let region = ByteRegion(try MappedFile(file.path))
      linesDone = 0
      return try take(region, from: file.header.firstRowOffset)
    }
    try fill(wantsAll ? .max : 4 << 20 * options.workers.count)
    guard !buffer.isEmpty else { return }
    try take(ByteRegion(buffer), from: 0)
  }

  /// Reads on: up to `wanted` bytes from files, what is there from pipes.
  private func fill(_ wanted: Int) throws {
    guard let feed = file.feed else {
      isAtEnd = true
      return
    }
    let before = buffer.count
    repeat {
      let room = wanted == .max ? 16 << 20 : max(64 << 10, wanted - buffer.count)
      if try feed.read(into: &buffer, maximumCount: room) == 0 { isAtEnd = true }
    } while !isAtEnd && (wanted == .max || (file.isPlainFile && buffer.count < wanted) || buffer.count == before)
  }

  private func take(_ region: ByteRegion, from start: Int) throws {
    var request = CSVRequest(
      range: start..<region.count, layout: file.layout, kinds: kinds, isFinal: isAtEnd,
      recordLimit: CSVErrors.recordLimit)
    var parse = try CSVParse.run(region, request, lineBase: linesDone, name: file.name, workers: options.workers)
    if isAtEnd, let footer = parse.footer {
      report.notes.append(footer.note)
      request.range = start..<footer.offset
      parse = try CSVParse.run(region, request, lineBase: linesDone, name: file.name, workers: options.workers)
    }
    file.layout = parse.layout
    if isAtEnd {
      buffer = []
    } else {
      linesDone += region.occurrences(of: file.layout.newline, in: 0..<parse.table.position)
      buffer = region.bytes(parse.table.position..<region.count)
      guard buffer.count <= CSVErrors.recordLimit else {
        throw CSVErrors.tooLong(file.name, line: linesDone + 1, limit: CSVErrors.recordLimit)
      }
    }
    pendingStart = 0
    pending = try frame(parse)
    rowsSeen += pending?.rowCount ?? 0
    report.rowCount = rowsSeen
  }

  private func frame(_ parse: CSVParse) throws -> Frame {
    for note in try parse.recordNotes(options.invalidCells) where report.notes.count < 200 { report.notes.append(note) }
    let fields = schema.fields
    let places = places
    let invalidCells = options.invalidCells
    let typed = try options.workers.map(fields.count) { try parse.typed(places[$0], fields[$0], invalidCells) }
    for (field, column) in zip(fields, typed) {
      if column.invalidCount > 0 { report.invalidCells[field.name, default: 0] += column.invalidCount }
      if column.latin1Count > 0, latin1 == 0 {
        report.notes.append("column '\(field.name)': texts that are not UTF-8 were read as Latin-1.")
      }
      latin1 += column.latin1Count
    }
    if trimmed == 0, parse.table.columns.contains(where: { $0.trimmedCount > 0 }) {
      report.notes.append("spaces around fields were trimmed.")
      trimmed = 1
    }
    return try Frame(schema, typed.map(\.column), rowCount: parse.table.rowCount)
  }
}

/// Which column of a file feeds which field of a contract.
struct ContractPlan {
  /// The fields that the file has, in the contract's order.
  var schema: Schema
  /// Column of the file for each of them.
  var places: [Int]
  /// Columns of the file that the contract does not know.
  var ignored: [String]
  var notes: [String]

  /// - Throws: `.schemaMismatch` naming the lacking fields with close names.
  init(columns: CSVHeader, contract: Schema, optional: Set<String>, path: String) throws {
    let names = columns.names
    let required = contract.fields.filter { !optional.contains($0.name) }
    let fitsByPosition = names.count == contract.count || names.count == required.count
    if columns.isMade, fitsByPosition || !contract.names.contains(where: names.contains) {
      let fields = names.count == contract.count ? contract.fields : names.count == required.count ? required : nil
      guard let fields else {
        throw MLError(
          .schemaMismatch,
          "\(path): has no header, so it must have the \(contract.count) columns of the contract in order; "
            + "got \(names.count).",
          hint: "Add a header line with the names of the columns.")
      }
      self.init(
        schema: try Schema(fields), places: Array(fields.indices), ignored: [],
        notes: ["columns were matched to the contract by position, for want of a header."])
      return
    }
    try self.init(names: names, contract: contract, optional: optional, path: path)
  }

  /// Matches by name.
  init(names: [String], contract: Schema, optional: Set<String>, path: String) throws {
    var positions: [String: Int] = [:]
    for (index, name) in names.enumerated() { positions[name] = index }
    let lacking = contract.fields.filter { positions[$0.name] == nil && !optional.contains($0.name) }
    if let first = lacking.first {
      let unknown = names.filter { contract[$0] == nil }
      let close = Suggestions.closest(to: first.name, in: unknown)
      let list = lacking.prefix(5).map { "'\($0.name)'" }.joined(separator: ", ") + (lacking.count > 5 ? ", …" : "")
      throw MLError(
        .schemaMismatch,
        "\(path): lacks \(CSVErrors.count(lacking.count, "column")) \(list) of the contract (it has \(names.count)).",
        hint: close.first.map { "Did you mean '\($0)' for '\(first.name)'? Rename it in the file." }
          ?? "Add the column; its cells may be empty.", field: first.name)
    }
    let fields = contract.fields.filter { positions[$0.name] != nil }
    self.init(
      schema: try Schema(fields), places: fields.compactMap { positions[$0.name] },
      ignored: names.filter { contract[$0] == nil }, notes: [])
  }

  private init(schema: Schema, places: [Int], ignored: [String], notes: [String]) {
    self.schema = schema
    self.places = places
    self.ignored = ignored
    self.notes = notes
  }
}
