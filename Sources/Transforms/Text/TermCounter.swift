import Frames
import Kernels

/// Terms of a block of rows: how often in each row, and in how many rows.
struct TermCounter: Sendable {
  /// Key of each term, in order of first appearance.
  private(set) var keys: [UInt64] = []
  /// Terms of every row.
  private(set) var entries = TermEntries()
  private var nameBytes: [UInt8] = []
  private var nameEnds: [Int] = []

  /// Counts the texts of `rows`.
  init(_ column: Column, _ rows: Range<Int>, _ kind: TermScanner.Kind) {
    var scanner = TermScanner(kind)
    var table = TermTable(capacity: 4096)
    scanner.scan(column, rows) { batch in
      for term in table.countRows(of: batch, into: &entries) {
        keys.append(batch.key(Int(term)))
        batch.appendName(of: Int(term), to: &nameBytes)
        nameEnds.append(nameBytes.count)
      }
    }
    entries.close()
  }

  /// Bytes of a term's name.
  func name(_ term: Int) -> ArraySlice<UInt8> { nameBytes[(term == 0 ? 0 : nameEnds[term - 1])..<nameEnds[term]] }
}
