import Basics
import CKernels

extension CSVRun {
  /// One table from the blocks, in file order.
  func merge(_ works: [Work], _ outputs: [Output], _ workers: Workers) throws(CSVFailure) -> CSVTable {
    var table = CSVTable()
    var starts: [Int] = []
    for work in works {
      starts.append(table.rowCount)
      appendEvents(of: work, to: &table)
      table.rowCount += Int(work.result.row_count)
      table.shortCount += Int(work.result.short_count)
      table.longCount += Int(work.result.long_count)
      table.blankCount += Int(work.result.blank_count)
      table.position = Int(work.result.position)
    }
    let rowCount = table.rowCount
    let firstRows = starts
    let columns: [CSVRawColumn?] =
      (try? workers.map(outputs.count) { index in
        Self.column(index, outputs[index], works, firstRows, rowCount)
      }) ?? []
    table.columns = columns.compactMap(\.self)
    guard table.columns.count == outputs.count else { throw .outOfMemory }
    return table
  }

  private func appendEvents(of work: Work, to table: inout CSVTable) {
    let result = work.result
    let events = UnsafeBufferPointer(start: result.events, count: Int(result.event_count))
    // SAFETY: `events` holds `event_count` entries until the work is released.
    for event in events {
      let kind: CSVEvent.Kind =
        switch event.kind {
        case Int32(CK_CSV_EVENT_CELL): .cell
        case Int32(CK_CSV_EVENT_SHORT): .short
        case Int32(CK_CSV_EVENT_LONG): .long
        default: .emptyExtras
        }
      table.events.append(
        CSVEvent(
          kind: kind, row: table.rowCount + Int(event.row), column: Int(event.column), offset: Int(event.offset),
          length: Int(event.length)))
    }
  }

  private static func column(
    _ index: Int, _ output: Output, _ works: [Work], _ starts: [Int], _ rowCount: Int
  ) -> CSVRawColumn? {
    guard output.kind != .skip else { return CSVRawColumn(values: .skipped) }
    let levels = output.kind == .text ? mergedLevels(index, output, works) : nil
    if output.kind == .text, levels == nil { return nil }
    close(output, works, starts)
    var column = CSVRawColumn(values: output.values(rowCount, levels: levels))
    for (work, start) in zip(works, starts) {
      let state = work.states[index]
      column.missingCount += Int(state.missing_count)
      if column.softCount == 0 { column.softOffset = Int(state.soft_offset) }
      column.softCount += Int(state.soft_count)
      column.failedCount += Int(state.failed_count)
      column.trimmedCount += Int(state.trimmed_count)
      if let bits = state.missing {
        if column.missing.isEmpty { column.missing = [UInt64](repeating: 0, count: (rowCount + 63) / 64) }
        copy(bits, count: Int(work.result.row_count), to: &column.missing, at: start)
      }
    }
    return column
  }

  /// Moves the blocks' rows together where one had fewer rows than room.
  private static func close(_ output: Output, _ works: [Work], _ starts: [Int]) {
    for (work, start) in zip(works, starts) where work.firstRow != start {
      // SAFETY: both ranges lie inside the column; copyMemory allows overlap, and rows only move towards the front.
      guard let target = output.pointer(start), let source = output.pointer(work.firstRow) else { continue }
      target.copyMemory(from: source, byteCount: Int(work.result.row_count) * output.stride)
    }
  }

  private static func copy(_ bits: UnsafeMutablePointer<UInt64>, count: Int, to words: inout [UInt64], at start: Int) {
    let shift = UInt64(start & 63)
    for word in 0..<((count + 63) / 64) {
      // SAFETY: the block's bits cover its row capacity, at least `count`; bits past its rows are zero.
      let value = bits[word]
      let at = start >> 6 + word
      words[at] |= value << shift
      if shift > 0, at + 1 < words.count { words[at + 1] |= value >> (64 - shift) }
    }
  }

  /// The blocks' texts as one list in order of first appearance, codes rewritten to it; `nil` when memory is short.
  private static func mergedLevels(_ index: Int, _ output: Output, _ works: [Work]) -> CSVLevels? {
    guard let codes = output.codeBase, let first = works.first, let target = first.states[index].dictionary else {
      return nil
    }
    for work in works.dropFirst() {
      guard let source = work.states[index].dictionary else { continue }
      let map = (0..<ck_csv_dictionary_count(source)).map { code in
        var length = 0
        var offset: Int64 = 0
        // SAFETY: `code` is below the count; the text stays in place while `source` does not change.
        let text = ck_csv_dictionary_text(source, code, &length, &offset)
        return ck_csv_dictionary_code(target, text, length, length, offset)
      }
      guard !map.contains(-1) else { return nil }
      for row in work.firstRow..<(work.firstRow + Int(work.result.row_count)) where codes[row] >= 0 {
        // SAFETY: the rows belong to this block, the code to its dictionary.
        codes[row] = map[Int(codes[row])]
      }
    }
    return levels(of: target)
  }

  private static func levels(of dictionary: OpaquePointer) -> CSVLevels {
    let count = ck_csv_dictionary_count(dictionary)
    var bytes: [UInt8] = []
    var ends: [Int] = []
    var offsets: [Int] = []
    ends.reserveCapacity(Int(count))
    offsets.reserveCapacity(Int(count))
    for code in 0..<count {
      var length = 0
      var offset: Int64 = 0
      // SAFETY: `code` is below the count; the text is copied before the dictionary can change.
      let text = ck_csv_dictionary_text(dictionary, code, &length, &offset)
      bytes.append(contentsOf: UnsafeBufferPointer(start: text, count: length))
      ends.append(bytes.count)
      offsets.append(Int(offset))
    }
    return CSVLevels(bytes: bytes, ends: ends, offsets: offsets)
  }
}
