import Basics
import Kernels

/// A delimiter-separated file opened and looked at: its bytes, how they are cut, its header.
struct CSVFile {
  let path: String
  /// The file's name, as messages have it.
  var name: String { path == "-" ? "standard input" : FileSystem.name(path) }
  var layout: CSVLayout
  var header: CSVHeader
  /// First records as they were cut, the header among them.
  var records: [CSVTokenizer.Record]
  var notes: [String]
  /// What follows `head`; `nil` once everything is in memory.
  var feed: (any ByteFeed)?
  /// Bytes read so far.
  var head: [UInt8]
  /// Whether the file can be mapped.
  var isPlainFile: Bool

  /// Opens `path`, undoes its encoding, finds dialect and header.
  init(_ path: String, _ options: SourceOptions) throws {
    self.path = path
    let opened = try ByteFeeds.open(path)
    feed = opened.feed
    head = opened.head
    isPlainFile = opened.isPlainFile
    notes = []
    records = []
    layout = CSVLayout(delimiter: 44)
    header = CSVHeader(names: [], firstRowOffset: 0, isMade: true, notes: [])
    try decode()
    let isWhole = try fill()
    try look(options, isWhole: isWhole)
  }

  /// Turns UTF-16 into UTF-8, all of it.
  private mutating func decode() throws {
    let encoding = TextEncoding.detect(head)
    guard encoding != .utf8 else { return }
    try readAll()
    head = TextEncoding.utf8(fromUTF16: head, bigEndian: encoding == .utf16BigEndian)
    isPlainFile = false
    notes.append("UTF-16 (\(encoding == .utf16BigEndian ? "big" : "little")-endian) was decoded.")
    guard !head.isEmpty else { throw ByteFeeds.empty(path) }
  }

  /// Reads everything into `head`.
  mutating func readAll() throws {
    guard let feed else { return }
    head = try ByteFeeds.readAll(.init(feed: feed, head: head, isPlainFile: isPlainFile), path: path)
    self.feed = nil
    isPlainFile = false
  }

  /// Reads on until there is enough to look at: 64 KiB from files, two lines from pipes; whether that is everything.
  private mutating func fill() throws -> Bool {
    guard let feed else { return true }
    let limit = 64 << 20
    while true {
      let lines = head.count { $0 == 10 || $0 == 13 }
      if isPlainFile ? head.count >= 64 << 10 && lines >= 2 : lines >= 2 { return false }
      guard head.count < limit else { throw CSVErrors.tooLong(name, line: lines + 1, limit: limit) }
      if try feed.read(into: &head, maximumCount: max(64 << 10, head.count)) == 0 {
        return true
      }
    }
  }

  private mutating func look(_ options: SourceOptions, isWhole: Bool) throws {
    var start = 0
    if head.starts(with: [0xEF, 0xBB, 0xBF]) {
      start = 3
      notes.append("a byte-order mark was skipped.")
    }
    var delimiter = options.delimiter
    skipPreamble(&start, &delimiter)
    guard head[start...].contains(where: { $0 > 32 }) || !isWhole else {
      throw MLError(
        .invalidData, "\(name): has no rows, only blank lines or comments.",
        hint: "Name a file with a header and at least one row."
      )
    }
    let isTabbed = path.contains(".tsv") || path.contains(".tab")
    let known = Set(options.contract?.names ?? [])
    let dialect = CSVDialect.detect(
      head, from: start, isWhole: isWhole, delimiter: delimiter, preferred: isTabbed ? 9 : nil, names: known)
    if dialect.width == 1, options.delimiter == nil, let widths = SpacedTable.width(head, from: start, isWhole: isWhole)
    {
      try respace(widths)
      return try look(options, isWhole: true)
    }
    layout = dialect.layout
    records = dialect.records
    guard dialect.width <= CSVErrors.columnLimit else { throw CSVErrors.tooWide(name, dialect.width) }
    header = try CSVHeader.find(dialect, hasHeader: options.hasHeader, known: known, path: name)
    if layout.delimiter != 44, dialect.width > 1 {
      notes.append("fields are separated by \(CSVErrors.name(of: layout.delimiter)).")
    }
    if layout.escape != nil { notes.append("characters are escaped by backslashes.") }
    if layout.quote == nil { notes.append("quotes do not pair up and were read as ordinary characters.") }
    if layout.newline == 13 { notes.append("lines end with carriage returns.") }
    notes += header.notes
  }

  /// Steps over an Excel `sep=` line, YAML front matter and leading comment lines.
  private mutating func skipPreamble(_ start: inout Int, _ delimiter: inout UInt8?) {
    func line(_ from: Int) -> ArraySlice<UInt8> { head[from...].prefix { $0 != 10 && $0 != 13 } }
    func next(_ from: Int) -> Int {
      var end = from + line(from).count
      while end < head.count, head[end] == 13 { end += 1 }
      return end < head.count && head[end] == 10 ? end + 1 : end
    }
    let first = line(start)
    if first.count == 5, first.starts(with: Array("sep=".utf8)), let separator = first.last {
      delimiter = delimiter ?? separator
      start = next(start)
      notes.append("a first line 'sep=' was obeyed and skipped.")
    }
    let mark = Array("---".utf8)
    if line(start).elementsEqual(mark) || line(start).elementsEqual(Array("#---".utf8)) {
      let isComment = line(start).first == 35
      var at = next(start)
      while at < head.count, !line(at).elementsEqual(isComment ? Array("#---".utf8) : mark) { at = next(at) }
      if at < head.count {
        start = next(at)
        notes.append("front matter between '---' lines was skipped.")
      }
    }
    var comments = 0
    while start < head.count, isComment(line(start)) {
      start = next(start)
      comments += 1
    }
    if comments > 0 { notes.append("\(comments) comment lines before the table were skipped.") }
  }

  private func isComment(_ line: ArraySlice<UInt8>) -> Bool {
    line.first == 35 && (line.dropFirst().first.map { $0 == 32 || $0 == 35 } ?? true)
  }

  /// Makes runs of spaces single tabs.
  private mutating func respace(_ width: Int) throws {
    try readAll()
    head = SpacedTable.tabbed(head)
    notes.append("fields are separated by runs of spaces (\(width) a line).")
  }
}

/// Tables whose fields are separated by runs of spaces, as old data files have them.
enum SpacedTable {
  /// Fields a line when all looked-at lines agree and most fields are numbers; else `nil`.
  static func width(_ head: [UInt8], from start: Int, isWhole: Bool) -> Int? {
    var lines = head[start...].split(whereSeparator: { $0 == 10 || $0 == 13 }).prefix(200).map { $0 }
    if !isWhole, lines.count < 200 { lines = lines.dropLast() }
    let fields = lines.map { $0.split(whereSeparator: { $0 == 32 || $0 == 9 }) }.filter { !$0.isEmpty }
    guard fields.count >= 2, let width = fields.last?.count, width >= 2 else { return nil }
    guard fields.allSatisfy({ $0.count == width }) else { return nil }
    let cells = fields.joined()
    let numbers = cells.count { DecimalText.number(Array($0).span, allowsLeadingZeros: true) != nil }
    return numbers * 2 >= fields.count * width ? width : nil
  }

  /// The text with runs of blanks made tabs, none at the ends of lines.
  static func tabbed(_ text: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var pending = false
    for byte in text {
      switch byte {
      case 32, 9: pending = !(out.last.map { $0 == 10 || $0 == 13 } ?? true)
      case 10, 13:
        pending = false
        out.append(byte)
      default:
        if pending { out.append(9) }
        pending = false
        out.append(byte)
      }
    }
    return out
  }
}

/// Sentences shared by the readers of delimiter-separated text.
enum CSVErrors {
  static let columnLimit = 1 << 18
  static let recordLimit = 64 << 20

  static func tooLong(_ name: String, line: Int, limit: Int) -> MLError {
    MLError(
      .invalidData, "\(name): a line must be at most \(limit >> 20) MiB long; line \(line) is longer.",
      hint: "Check that the file is a table, its line ends, and that its quotes are closed.")
  }

  static func tooWide(_ name: String, _ width: Int) -> MLError {
    MLError(
      .invalidData, "\(name): a table must have at most \(columnLimit) columns; got \(width).",
      hint: "Check the line ends; or hand the table over with one row a line.")
  }

  /// `1 row`, `2 rows`.
  static func count(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }

  static func name(of delimiter: UInt8) -> String {
    switch delimiter {
    case 9: "tabs"
    case 44: "commas"
    case 59: "semicolons"
    case 124: "vertical bars"
    default: "'\(Character(Unicode.Scalar(delimiter)))'"
    }
  }
}
