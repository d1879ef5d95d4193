public import Basics
import CKernels

/// How the bytes of a delimiter-separated file are cut into cells.
public struct CSVLayout: Sendable, Hashable {
  /// Between fields.
  public var delimiter: UInt8
  /// After records: LF, or CR in files that have no LF.
  public var newline: UInt8
  /// Around fields that hold delimiters or line ends; `nil`: quotes are ordinary characters.
  public var quote: UInt8?
  /// Before characters that would mean something else; `nil`: none.
  public var escape: UInt8?
  /// Whether quotes count at the start of a field only; slower, for files with stray quotes.
  public var isExact: Bool

  /// Makes a layout.
  public init(delimiter: UInt8, newline: UInt8 = 10, quote: UInt8? = 34, escape: UInt8? = nil, isExact: Bool = false) {
    self.delimiter = delimiter
    self.newline = newline
    self.quote = quote
    self.escape = escape
    self.isExact = isExact
  }
}

/// What to make of a column.
public enum CSVColumnKind: Sendable, Hashable {
  case skip, integer, number, text
}

/// Distinct texts of a column in order of first appearance.
public struct CSVLevels: Sendable {
  /// All texts one after the other, UTF-8 or whatever the file holds.
  public let bytes: [UInt8]
  /// End of each text.
  public let ends: [Int]
  /// Where each text first stood in the file.
  public let offsets: [Int]

  /// Number of texts.
  public var count: Int { ends.count }

  /// Wraps texts that stand one after the other.
  public init(bytes: [UInt8], ends: [Int], offsets: [Int]) {
    precondition(ends.count == offsets.count && (ends.last ?? 0) == bytes.count, "one end and one offset a text")
    self.bytes = bytes
    self.ends = ends
    self.offsets = offsets
  }

  /// Positions of the texts in the order of their bytes; the texts must be distinct.
  ///
  /// - Complexity: about O(total bytes).
  public var sortedOrder: [Int32] {
    let ends = ends.map(Int64.init)
    return [Int32](unsafeUninitializedCapacity: max(1, count)) { order, initialised in
      // SAFETY: `order` has room for `count` positions; `ends` are ascending positions inside `bytes`.
      let done = bytes.withUnsafeBufferPointer { text in
        ck_csv_sort_texts(text.baseAddress, ends, Int32(count), order.baseAddress)
      }
      precondition(done != 0, "memory for sorting texts")
      initialised = count
    }
  }

  /// Bytes of text `index`.
  public subscript(index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }
}

/// One column as read: values, where they are missing, and what did not fit.
public struct CSVRawColumn: Sendable {
  /// Values, one a row.
  public enum Values: Sendable {
    case skipped
    case integers([Int64])
    case numbers([Double])
    /// Codes into the levels; -1 where the cell is empty.
    case texts(codes: [Int32], levels: CSVLevels)
  }
  /// Values; zero where missing.
  public var values: Values
  /// Bits of the missing rows of a column of numbers; empty when none is. Columns of texts mark them by code -1.
  public var missing: [UInt64] = []
  /// Rows without a value.
  public var missingCount = 0
  /// Cells such as `unknown` taken as missing.
  public var softCount = 0
  /// Where the first of them stood.
  public var softOffset = 0
  /// Cells that are neither numbers nor markers.
  public var failedCount = 0
  /// Cells whose surrounding spaces were taken off.
  public var trimmedCount = 0
}

/// Something about a cell or a record that the caller must decide on.
public struct CSVEvent: Sendable {
  /// Kinds.
  public enum Kind: Sendable {
    /// A cell that is no number, in a column of numbers.
    case cell
    /// A record with fewer fields than columns.
    case short
    /// A record with more fields than columns, not all of the others empty.
    case long
    /// A record with more fields than columns, the others empty.
    case emptyExtras
  }
  /// What happened.
  public var kind: Kind
  /// Row of the table.
  public var row: Int
  /// Column, for a cell.
  public var column: Int
  /// Where the cell (without its quotes) or the record starts.
  public var offset: Int
  /// Bytes of the cell, or fields of the record.
  public var length: Int
}

/// Rows of a range of bytes.
public struct CSVTable: Sendable {
  /// Rows.
  public var rowCount = 0
  /// Columns, in file order.
  public var columns: [CSVRawColumn] = []
  /// What needs a decision, in row order; at most 1,000 records a block are listed.
  public var events: [CSVEvent] = []
  /// Records with too few fields.
  public var shortCount = 0
  /// Records with too many fields.
  public var longCount = 0
  /// Empty lines.
  public var blankCount = 0
  /// First byte not consumed.
  public var position = 0
}

/// Why a range could not be read.
public enum CSVFailure: Error, Sendable {
  /// A quote inside an unquoted field: read again with `isExact`.
  case strayQuote
  /// The quote opened in the record at `offset` is never closed.
  case unclosedQuote(offset: Int)
  /// The record at `offset` is longer than the limit.
  case recordTooLong(offset: Int)
  /// The range has so many lines for so few bytes that a table of this width would not fit.
  case tooSparse
  case outOfMemory
}

/// What to read.
public struct CSVRequest: Sendable {
  /// Bytes that hold whole records from `range.lowerBound` on.
  public var range: Range<Int>
  /// How they are cut.
  public var layout: CSVLayout
  /// What to make of each column.
  public var kinds: [CSVColumnKind]
  /// Cells per block and column listed as events; beyond it they are only counted.
  public var eventLimit: Int
  /// Whether the range ends the file, so that the last record may lack its line end.
  public var isFinal: Bool
  /// Longest record, in bytes.
  public var recordLimit: Int

  /// Makes a request.
  public init(
    range: Range<Int>, layout: CSVLayout, kinds: [CSVColumnKind], eventLimit: Int = .max, isFinal: Bool = true,
    recordLimit: Int = 64 << 20
  ) {
    self.range = range
    self.layout = layout
    self.kinds = kinds
    self.eventLimit = eventLimit
    self.isFinal = isFinal
    self.recordLimit = recordLimit
  }
}

/// Reads records into typed columns, on all workers.
public enum CSVKernel {
  /// The rows of `request.range` of `region`; the result does not depend on the number of workers.
  ///
  /// The range is cut where the parity of the quotes before says that a line end is one; a file in which quotes do not
  /// pair up that way fails with `.strayQuote`.
  public static func parse(
    _ region: ByteRegion, _ request: CSVRequest, workers: Workers
  ) throws(CSVFailure) -> CSVTable {
    let outcome: Result<CSVTable, CSVFailure> = region.withBytes { buffer in
      guard let base = buffer.baseAddress, request.range.upperBound <= buffer.count else { return .success(CSVTable()) }
      let run = CSVRun(base.assumingMemoryBound(to: UInt8.self), readable: buffer.count, request)
      return Result { () throws(CSVFailure) in try run.table(workers) }
    }
    return try outcome.get()
  }
}

extension CSVKernel {
  /// Ways to find separators.
  package enum InstructionSet: Int32, Sendable, CaseIterable {
    case portable = 0
    case avx2 = 1
    case avx512 = 2
  }

  /// Positions of the delimiters and line ends outside quotes; `nil` where the machine lacks the instructions. All ways
  /// must agree; the tests see to it.
  package static func separators(_ bytes: [UInt8], _ layout: CSVLayout, _ set: InstructionSet) -> [UInt32]? {
    let quote = layout.quote.map(Int16.init) ?? -1
    var found: Int64 = 0
    let positions = [UInt32](unsafeUninitializedCapacity: bytes.count + 64) { out, count in
      // SAFETY: there are at most as many separators as bytes, and reads stay inside `bytes`.
      found = ck_csv_separators(
        bytes, Int64(bytes.count), layout.delimiter, layout.newline, quote, set.rawValue, out.baseAddress)
      count = max(0, Int(found))
    }
    return found < 0 ? nil : positions
  }
}
