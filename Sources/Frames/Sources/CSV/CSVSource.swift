public import Basics

/// Delimiter-separated text files.
///
/// Dialect (delimiter, quotes, backslash escapes, line ends), header, encoding and the kinds of columns are found;
/// whatever is not plain is said in the report. Without a contract the whole file is read and a column's kind
/// follows from all of its cells: integer, else number, boolean, timestamp, else category or text; categories are
/// in order of their UTF-8 bytes, so row order does not matter. Under a contract the file is read in parts, in
/// bounded memory.
public struct CSVSource: Source {
  /// What it says of itself.
  public static var card: Card {
    Card(
      name: "csv", summary: "Delimiter-separated text: comma, tab, semicolon, bar or spaces; plain or gzip.",
      source: "RFC 4180, and what files in the wild make of it")
  }
  /// File name endings.
  public static var suffixes: [String] { ["csv", "tsv", "tab", "txt", "data", "dat", "csvy"] }

  /// Makes the source.
  public init() {}

  /// Opens `path`, plain or gzip, or standard input when it is `-`.
  public func reader(for path: String, options: SourceOptions) throws -> any FrameReader {
    let file = try CSVFile(path, options)
    if let contract = options.contract { return try CSVContractReader(file, contract: contract, options) }
    var inference = try CSVInference(file, options)
    let (frame, report) = try inference.read()
    return WholeFrameReader(frame, report)
  }
}

/// A frame already in memory, handed out in parts.
struct WholeFrameReader: FrameReader {
  let schema: Schema
  let report: ReadReport
  private let frame: Frame
  private var start = 0
  private var isDone = false

  init(_ frame: Frame, _ report: ReadReport) {
    self.frame = frame
    self.report = report
    schema = frame.schema
  }

  mutating func next(maximumRows: Int) throws -> Frame? {
    guard maximumRows > 0, start < frame.rowCount else { return nil }
    let end = start + min(maximumRows, frame.rowCount - start)
    defer { start = end }
    return start == 0 && end == frame.rowCount ? frame : frame.gathered(Array(start..<end))
  }
}
