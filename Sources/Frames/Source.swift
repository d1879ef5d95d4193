public import Basics

/// A kind of file or service that rows come from.
public protocol Source: Described, Sendable {
  /// File name endings it reads, lower-case without the dot, e.g. `["csv", "tsv"]`.
  static var suffixes: [String] { get }
  /// A source with its defaults.
  init()
  /// Opens `path`; the schema is known (inferred from all rows, or given in `options`) before the first batch.
  ///
  /// - Throws: `.notFound`, `.io`, `.invalidData` with file, line and column, `.schemaMismatch` naming lacking columns.
  func reader(for path: String, options: SourceOptions) throws -> any FrameReader
}

/// Rows in batches.
public protocol FrameReader {
  /// Names and kinds of the columns it returns.
  var schema: Schema { get }
  /// What was noticed so far.
  var report: ReadReport { get }
  /// Up to `maximumRows` further rows; `nil` at the end.
  mutating func next(maximumRows: Int) throws -> Frame?
}

/// How to read.
public struct SourceOptions: Sendable {
  /// The contract: column kinds and categories are taken from here, unknown columns are skipped and reported,
  /// lacking ones are an error. `nil`: infer.
  public var contract: Schema?
  /// Kinds that override inference, by column name or `#n`.
  public var kinds: [String: ColumnKind]
  /// Field separator; `nil`: detect.
  public var delimiter: UInt8?
  /// Whether the first row is a header; `nil`: detect.
  public var hasHeader: Bool?
  /// What to do with a cell that does not fit its column's kind under a contract.
  public var invalidCells: InvalidCells
  /// Where the reader may work in parallel.
  public var workers: Workers
  /// With a contract: columns that may be absent from the file (the target when predicting, for instance).
  public var optionalColumns: Set<String>

  /// Reads as detected, on the caller's thread.
  public init(
    contract: Schema? = nil, kinds: [String: ColumnKind] = [:], delimiter: UInt8? = nil, hasHeader: Bool? = nil,
    invalidCells: InvalidCells = .fail, workers: Workers = .serial, optionalColumns: Set<String> = []
  ) {
    self.contract = contract
    self.kinds = kinds
    self.delimiter = delimiter
    self.hasHeader = hasHeader
    self.invalidCells = invalidCells
    self.workers = workers
    self.optionalColumns = optionalColumns
  }

  /// What to do with a cell that does not fit.
  public enum InvalidCells: String, Sendable, Hashable, CaseIterable {
    /// Throw `.invalidData` with file, line, column and what was expected.
    case fail
    /// Treat it as missing and count it in the report.
    case missing
  }
}

/// What a reader noticed; nothing is changed silently.
public struct ReadReport: Sendable, Hashable {
  /// Rows returned.
  public var rowCount = 0
  /// Human sentences, in order of appearance: dialect, missing header, ragged rows, byte-order mark, trimmed labels, …
  public var notes: [String] = []
  /// Columns of the file that the contract does not know.
  public var ignoredColumns: [String] = []
  /// Cells that did not fit and were taken as missing, by column name.
  public var invalidCells: [String: Int] = [:]

  /// Nothing noticed.
  public init() {}
}
