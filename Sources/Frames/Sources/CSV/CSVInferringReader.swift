import Basics
import Kernels

/// Reads a whole file and finds the kind of each column from all of its cells.
struct CSVInference {
  let file: CSVFile
  let region: ByteRegion
  let options: SourceOptions
  private var report = ReadReport()
  /// Where the table ends: the end of the file, or a footer.
  private var end: Int

  /// - Throws: `.invalidData` with file and line, `.schemaMismatch` for an override of an unknown column.
  init(_ file: CSVFile, _ options: SourceOptions) throws {
    var file = file
    if file.isPlainFile {
      region = ByteRegion(try MappedFile(file.path))
      file.feed = nil
    } else {
      try file.readAll()
      region = ByteRegion(file.head)
    }
    file.head = []
    end = region.count
    self.file = file
    self.options = options
  }

  /// The frame and what was noticed.
  mutating func read() throws -> (frame: Frame, report: ReadReport) {
    report.notes = file.notes
    let overrides = try overrides()
    var kinds = provisionalKinds(overrides)
    var first = try parse(kinds, isOverridden: !overrides.isEmpty)
    if let footer = first.footer {
      report.notes.append(footer.note)
      end = footer.offset
      first = try parse(kinds, isOverridden: !overrides.isEmpty)
    }
    var parses = [CSVParse](repeating: first, count: kinds.count)
    try settle(&kinds, &parses, overrides)
    report.notes += try first.recordNotes(options.invalidCells)
    let columns = try columns(parses, overrides)
    let frame = try Frame(Schema(columns.map(\.field)), columns.map(\.column), rowCount: first.table.rowCount)
    for column in columns { report.notes += column.notes }
    trimNote(first)
    report.rowCount = frame.rowCount
    return (frame, report)
  }

  private func overrides() throws -> [Int: ColumnKind] {
    guard !options.kinds.isEmpty else { return [:] }
    let schema = try Schema(file.header.names.map { Field($0, .text) })
    var out: [Int: ColumnKind] = [:]
    for (reference, kind) in options.kinds.sorted(by: { $0.key < $1.key }) {
      out[try schema.resolve(reference, in: file.name)] = kind
    }
    return out
  }

  /// By the first rows; a wrong guess costs a second look at that column, never a wrong kind.
  private func provisionalKinds(_ overrides: [Int: ColumnKind]) -> [CSVColumnKind] {
    let rows = file.records.filter { $0.offset >= file.header.firstRowOffset }
    return file.header.names.indices.map { index in
      if let kind = overrides[index] { return kind == .number ? .number : kind == .integer ? .integer : .text }
      let cells = rows.compactMap { index < $0.cells.count ? $0.cells[index].bytes : nil }
        .filter { DecimalText.marker($0.span) == .none }
      guard !cells.isEmpty else { return .text }
      if cells.allSatisfy({ DecimalText.integer($0.span, allowsLeadingZeros: false) != nil }) { return .integer }
      return cells.allSatisfy { DecimalText.number($0.span, allowsLeadingZeros: false) != nil } ? .number : .text
    }
  }

  private func parse(_ kinds: [CSVColumnKind], isOverridden: Bool) throws -> CSVParse {
    let request = CSVRequest(
      range: file.header.firstRowOffset..<max(file.header.firstRowOffset, end), layout: file.layout, kinds: kinds,
      eventLimit: isOverridden ? .max : 8, recordLimit: CSVErrors.recordLimit)
    return try CSVParse.run(region, request, lineBase: 0, name: file.name, workers: options.workers)
  }

  /// Reads again the columns that turned out to be of a wider kind than the first rows said.
  private mutating func settle(
    _ kinds: inout [CSVColumnKind], _ parses: inout [CSVParse], _ overrides: [Int: ColumnKind]
  ) throws {
    for _ in 0..<2 {
      var again: [Int: CSVColumnKind] = [:]
      for index in kinds.indices where overrides[index] == nil && kinds[index] != .text {
        let parse = parses[index]
        guard parse.table.columns[index].failedCount > 0 else { continue }
        let cells = parse.table.events.filter { $0.kind == .cell && $0.column == index }.map { parse.cell($0) }
        let areNumbers = cells.allSatisfy { DecimalText.number($0.span, allowsLeadingZeros: false) != nil }
        again[index] = kinds[index] == .integer && areNumbers ? .number : .text
      }
      guard !again.isEmpty else { return }
      for (index, kind) in again { kinds[index] = kind }
      let second = try parse(kinds.indices.map { again[$0] ?? .skip }, isOverridden: false)
      for index in again.keys.sorted() {
        if again[index] == .text { strayNote(parses[index], index) }
        parses[index] = second
      }
    }
  }

  /// A column that began with numbers and is none: say where the first other cell is.
  private mutating func strayNote(_ parse: CSVParse, _ index: Int) {
    let column = parse.table.columns[index]
    guard column.failedCount * 20 < parse.table.rowCount,
      let event = parse.table.events.first(where: { $0.kind == .cell && $0.column == index }),
      StyledNumber(parse.cell(event).span) == nil
    else { return }
    report.notes.append(
      "column '\(file.header.names[index])' would be numbers but for \(CSVErrors.count(column.failedCount, "cell")) "
        + "(first on line \(parse.line(event.offset)))."
    )
  }

  private func columns(_ parses: [CSVParse], _ overrides: [Int: ColumnKind]) throws -> [TextColumn.Inferred] {
    let invalidCells = options.invalidCells
    let names = file.header.names
    return try options.workers.map(names.count) { index in
      let parse = parses[index]
      if let kind = overrides[index] { return try Self.overridden(parse, index, names[index], kind, invalidCells) }
      return Self.inferred(parse, index, names[index])
    }
  }

  private static func overridden(
    _ parse: CSVParse, _ index: Int, _ name: String, _ kind: ColumnKind, _ invalidCells: SourceOptions.InvalidCells
  ) throws -> TextColumn.Inferred {
    var field = Field(name, kind)
    if case .texts(let codes, let levels) = parse.table.columns[index].values, kind == .timestamp || kind == .category {
      // The order of day and month comes from the cells, also when the kind is given.
      let found = TextColumn(codes: codes, levels: levels).inferred(name: name, line: parse.line)
      field.timestampFormat = found.field.kind == kind ? found.field.timestampFormat : nil
    }
    let typed = try parse.typed(index, field, invalidCells)
    if case .category(_, let levels) = typed.column.storage { field.categories = levels }
    field.mayBeMissing = typed.column.missingCount > 0
    var notes: [String] = []
    if typed.invalidCount > 0 {
      notes.append("column '\(name)': \(typed.invalidCount) cells are no \(kind.rawValue) and were taken as missing.")
    }
    return TextColumn.Inferred(field: field, column: typed.column, notes: notes)
  }

  private static func inferred(_ parse: CSVParse, _ index: Int, _ name: String) -> TextColumn.Inferred {
    let raw = parse.table.columns[index]
    let storage: Column.Storage
    switch raw.values {
    case .texts(let codes, let levels):
      return TextColumn(codes: codes, levels: levels).inferred(name: name, line: parse.line)
    case .integers(let values): storage = .integer(values)
    case .numbers(let values): storage = .number(values)
    case .skipped: storage = .number([Double](repeating: 0, count: parse.table.rowCount))
    }
    let validity = raw.missing.isEmpty ? nil : Validity(count: parse.table.rowCount, missing: raw.missing)
    let column = Column(zeroed: storage, validity: validity)
    var notes: [String] = []
    if raw.softCount > 0 {
      notes.append(
        "column '\(name)': \(raw.softCount) cells such as 'unknown' among numbers "
          + "(first on line \(parse.line(raw.softOffset))) were taken as missing."
      )
    }
    return TextColumn.Inferred(field: Field(of: column, name: name), column: column, notes: notes)
  }

  private mutating func trimNote(_ parse: CSVParse) {
    let trimmed = parse.table.columns.reduce(0) { $0 + $1.trimmedCount }
    if trimmed > 0 { report.notes.append("spaces around \(trimmed) fields were trimmed.") }
  }
}
