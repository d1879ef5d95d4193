import Basics
import CKernels

/// Memory for one column that several threads fill, each its own rows.
private final class Slab<Element: BitwiseCopyable>: @unchecked Sendable {
  // SAFETY: threads write disjoint ranges of rows through `base`; `array` is touched only before and after they run.
  private var array: [Element]
  let base: UnsafeMutablePointer<Element>

  init(count: Int) {
    var start: UnsafeMutablePointer<Element>?
    // SAFETY: the storage of an array stays in place while nobody else holds or changes it; `array` is private and
    // untouched until `take`. Every element is written by the block that owns its row before it is read.
    array = [Element](unsafeUninitializedCapacity: max(1, count)) { buffer, initialised in
      start = buffer.baseAddress
      initialised = max(1, count)
    }
    guard let start else { preconditionFailure("an array with room has storage") }
    base = start
    ck_csv_large_pages(start, max(1, count) * MemoryLayout<Element>.stride)
  }

  /// The first `count` elements.
  func take(_ count: Int) -> [Element] {
    array.removeLast(array.count - count)
    return array
  }
}

/// One range of bytes on its way to a table.
struct CSVRun: @unchecked Sendable {
  // SAFETY: `base` is lent by `ByteRegion.withBytes` for as long as the run lives, and only read.
  private let base: UnsafePointer<UInt8>
  private let readable: Int
  private let request: CSVRequest

  init(_ base: UnsafePointer<UInt8>, readable: Int, _ request: CSVRequest) {
    self.base = base
    self.readable = readable
    self.request = request
  }

  private var quote: Int16 { request.layout.quote.map(Int16.init) ?? -1 }
  private var escape: Int16 { request.layout.escape.map(Int16.init) ?? -1 }

  /// Cuts, parses, merges.
  func table(_ workers: Workers) throws(CSVFailure) -> CSVTable {
    let blocks = cut(workers)
    let capacity = blocks.reduce(0) { $0 + $1.capacity }
    guard capacity &* request.kinds.count <= 4 * (request.range.count + capacity) + (1 << 20) else { throw .tooSparse }
    let columns = request.kinds.map { Output($0, capacity: capacity) }
    var firstRow = 0
    let works = blocks.map { block in
      defer { firstRow += block.capacity }
      return Work(block: block, firstRow: firstRow, columns: columns)
    }
    workers.run(works.count) { works[$0].parse(self) }
    for work in works { if let failure = work.failure { throw failure } }
    return try merge(works, columns, workers)
  }

  struct Block: Sendable {
    var range: Range<Int>
    var capacity: Int
  }

  /// Ranges that start at records, with at least as much room for rows as they need.
  private func cut(_ workers: Workers) -> [Block] {
    let range = request.range
    let isSplit = !request.layout.isExact && escape < 0 && workers.count > 1 && range.count > 2 << 20
    let parts =
      isSplit ? Workers.blocks(range.count, minimum: 1 << 20, maximumCount: workers.count * 4) : [0..<range.count]
    let counts: [ck_csv_counts] = (try? workers.map(parts.count) { count(parts[$0]) }) ?? []
    var starts = [range.lowerBound]
    var quotes: Int64 = 0
    for index in parts.indices.dropFirst() {
      quotes += counts[index - 1].quotes
      let from = range.lowerBound + parts[index].lowerBound
      guard from > starts[starts.count - 1] else { continue }
      // SAFETY: `from ..< range.upperBound` lies inside the bytes lent.
      let end = ck_csv_first_record_end(
        base + from, Int64(range.upperBound - from), request.layout.newline, quote, Int32(quotes & 1))
      if end > 0, from + Int(end) < range.upperBound { starts.append(from + Int(end)) }
    }
    if parts.count == 1 { return [Block(range: range, capacity: Int(counts.first?.newlines ?? 0) + 1)] }
    let ranges = starts.indices.map { starts[$0]..<($0 + 1 < starts.count ? starts[$0 + 1] : range.upperBound) }
    let lines: [Int64] =
      (try? workers.map(ranges.count) { index in
        let part = ranges[index]
        return count((part.lowerBound - range.lowerBound)..<(part.upperBound - range.lowerBound)).newlines
      }) ?? []
    return zip(ranges, lines).map { Block(range: $0, capacity: Int($1) + 1) }
  }

  private func count(_ part: Range<Int>) -> ck_csv_counts {
    var counts = ck_csv_counts()
    // SAFETY: parts lie inside the request's range, which lies inside the bytes lent.
    ck_csv_count(
      base + request.range.lowerBound + part.lowerBound, Int64(part.count), request.layout.newline, quote, &counts)
    return counts
  }

  /// Memory of one column.
  final class Output: Sendable {
    private let integers: Slab<Int64>?
    private let numbers: Slab<Double>?
    private let codes: Slab<Int32>?
    let kind: CSVColumnKind

    init(_ kind: CSVColumnKind, capacity: Int) {
      self.kind = kind
      integers = kind == .integer ? Slab(count: capacity) : nil
      numbers = kind == .number ? Slab(count: capacity) : nil
      codes = kind == .text ? Slab(count: capacity) : nil
    }

    func pointer(_ row: Int) -> UnsafeMutableRawPointer? {
      if let integers { return UnsafeMutableRawPointer(integers.base + row) }
      if let numbers { return UnsafeMutableRawPointer(numbers.base + row) }
      return codes.map { UnsafeMutableRawPointer($0.base + row) }
    }

    var stride: Int { kind == .text ? 4 : 8 }
    var codeBase: UnsafeMutablePointer<Int32>? { codes?.base }

    func values(_ count: Int, levels: CSVLevels?) -> CSVRawColumn.Values {
      if let integers { return .integers(integers.take(count)) }
      if let numbers { return .numbers(numbers.take(count)) }
      if let codes, let levels { return .texts(codes: codes.take(count), levels: levels) }
      return .skipped
    }
  }

  /// One block and what became of it.
  final class Work: @unchecked Sendable {
    // SAFETY: one thread parses a work; it is read by others only after `Workers.run` has returned.
    let block: Block
    let firstRow: Int
    private(set) var failure: CSVFailure?
    private(set) var result = ck_csv_block()
    private(set) var states: [ck_csv_column]
    private let columns: [Output]

    init(block: Block, firstRow: Int, columns: [Output]) {
      self.block = block
      self.firstRow = firstRow
      self.columns = columns
      states = []
    }

    deinit {
      ck_csv_release(result.events)
      for state in states {
        ck_csv_release(state.missing)
        ck_csv_dictionary_free(state.dictionary)
      }
    }

    func parse(_ run: CSVRun) {
      let request = run.request
      states = columns.map { column in
        var state = ck_csv_column()
        state.values = column.pointer(firstRow)
        state.event_limit = Int64(request.eventLimit)
        switch column.kind {
        case .skip: state.kind = Int32(CK_CSV_SKIP)
        case .integer: state.kind = Int32(CK_CSV_INTEGER)
        case .number: state.kind = Int32(CK_CSV_NUMBER)
        case .text:
          state.kind = Int32(CK_CSV_TEXT)
          state.dictionary = ck_csv_dictionary_make()
        }
        return state
      }
      guard !states.contains(where: { $0.kind == Int32(CK_CSV_TEXT) && $0.dictionary == nil }) else {
        failure = .outOfMemory
        return
      }
      result.bytes = run.base
      result.readable = Int64(run.readable)
      result.start = Int64(block.range.lowerBound)
      result.end = Int64(block.range.upperBound)
      result.is_final = request.isFinal || block.range.upperBound < request.range.upperBound ? 1 : 0
      result.delimiter = request.layout.delimiter
      result.newline = request.layout.newline
      result.quote = run.quote
      result.escape = run.escape
      result.exact = request.layout.isExact ? 1 : 0
      result.column_count = Int32(states.count)
      result.row_capacity = Int64(block.capacity)
      result.record_limit = Int64(request.recordLimit)
      let status = states.withUnsafeMutableBufferPointer { buffer in
        // SAFETY: `states` outlives the call; each `values` has room for `row_capacity` rows from `firstRow`.
        result.columns = buffer.baseAddress
        defer { result.columns = nil }
        return ck_csv_parse(&result)
      }
      failure = Self.failure(status, at: Int(result.position))
    }

    private static func failure(_ status: Int32, at position: Int) -> CSVFailure? {
      switch status {
      case Int32(CK_CSV_DONE): nil
      case Int32(CK_CSV_STRAY_QUOTE): .strayQuote
      case Int32(CK_CSV_UNCLOSED): .unclosedQuote(offset: position)
      case Int32(CK_CSV_TOO_LONG): .recordTooLong(offset: position)
      default: .outOfMemory
      }
    }
  }
}
