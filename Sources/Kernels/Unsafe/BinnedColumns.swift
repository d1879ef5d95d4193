import Basics
import CKernels

/// Codes of every feature and row, column by column: one byte for narrow features (at most 256 codes), two for wide
/// ones.
package final class BinnedColumns: @unchecked Sendable {
  // SAFETY: memory lives as long as the object, sizes never change; tasks of one parallel call fill different columns
  // or rows, and everyone reads only after that call returned.
  let narrow: UnsafeMutablePointer<UInt8>
  let wide: UnsafeMutablePointer<UInt16>
  /// Rows.
  package let rowCount: Int
  /// Columns of one byte.
  package let narrowCount: Int
  /// Columns of two bytes.
  package let wideCount: Int

  /// All codes 0.
  package init(rowCount: Int, narrowCount: Int, wideCount: Int) {
    self.rowCount = rowCount
    self.narrowCount = narrowCount
    self.wideCount = wideCount
    narrow = Memory.allocate(UInt8.self, rowCount * narrowCount)
    wide = Memory.allocate(UInt16.self, rowCount * wideCount)
  }

  deinit {
    Memory.free(narrow)
    Memory.free(wide)
  }

  /// Codes of numbers in rows `start ..< start + values.count`: 0 for NaN, else 1 + the number of `bounds` below.
  ///
  /// - Parameter bounds: 256 numbers, ascending, padded with infinity.
  package func fill(narrow column: Int, start: Int, values: Span<Double>, bounds: [Double]) {
    precondition(
      column < narrowCount && start >= 0 && start + values.count <= rowCount && bounds.count == 256, "inside the table")
    // SAFETY: sizes checked above; the kernel reads 256 bounds and writes one byte a value.
    values.withUnsafeBufferPointer { values in
      bounds.withUnsafeBufferPointer { bounds in
        guard let base = values.baseAddress, let bound = bounds.baseAddress else { return }
        ck_bin(base, values.count, bound, narrow + column * rowCount + start)
      }
    }
  }

  /// Sets the codes of a narrow column.
  package func set(narrow column: Int, _ codes: [UInt8]) {
    precondition(column < narrowCount && codes.count == rowCount, "one code a row")
    // SAFETY: sizes checked above.
    codes.withUnsafeBufferPointer {
      if let base = $0.baseAddress { (narrow + column * rowCount).update(from: base, count: rowCount) }
    }
  }

  /// Sets the codes of a wide column.
  package func set(wide column: Int, _ codes: [UInt16]) {
    precondition(column < wideCount && codes.count == rowCount, "one code a row")
    // SAFETY: sizes checked above.
    codes.withUnsafeBufferPointer {
      if let base = $0.baseAddress { (wide + column * rowCount).update(from: base, count: rowCount) }
    }
  }

  /// Code of a narrow column.
  package func code(narrow column: Int, row: Int) -> UInt8 {
    precondition(column < narrowCount && row < rowCount, "inside the table")
    return narrow[column * rowCount + row]
  }

  /// A hash of each row's codes, for choosing rows by what they hold and not by where they stand.
  package func rowHashes() -> [UInt64] {
    var hashes = [UInt64](repeating: 0x9E37_79B9_7F4A_7C15, count: rowCount)
    for column in 0..<narrowCount {
      let codes = narrow + column * rowCount
      for row in 0..<rowCount { hashes[row] = StableHash.mix(hashes[row] &+ UInt64(codes[row]) &+ 1) }
    }
    for column in 0..<wideCount {
      let codes = wide + column * rowCount
      for row in 0..<rowCount { hashes[row] = StableHash.mix(hashes[row] &+ UInt64(codes[row]) &+ 1) }
    }
    return hashes
  }

  /// Runs rows through one tree over these columns and adds its leaf values to `scores[row * stride + offset]`.
  ///
  /// - Parameter rows: the rows to run; `nil` = all, of which `range` is done.
  package func route(
    _ tree: BinnedTree, rows: [UInt32]?, range: Range<Int>, leafValues: [Double], scores: SharedDoubles, stride: Int,
    offset: Int
  ) {
    precondition(
      range.upperBound <= rows?.count ?? rowCount && scores.count == rowCount * stride && offset < stride,
      "inside the table")
    let nodes = tree.nodes.map {
      ck_node(column: $0.isWide ? $0.column | CK_WIDE : $0.column, table: $0.table, left: $0.left, right: $0.right)
    }
    let root: Int32 = nodes.isEmpty ? -1 : 0
    func run(_ rows: UnsafePointer<UInt32>?) {
      // SAFETY: `BinnedTree` is made by the grower only: children, tables and columns are in range,
      // rows are below rowCount.
      nodes.withUnsafeBufferPointer { nodes in
        tree.tables.withUnsafeBufferPointer { tables in
          leafValues.withUnsafeBufferPointer { leaves in
            ck_route(
              nodes.baseAddress, root, tables.baseAddress, narrow, wide, rowCount, rows, range.lowerBound,
              range.upperBound,
              leaves.baseAddress, scores.base + offset, stride)
          }
        }
      }
    }
    if let rows { rows.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
  }
}

/// A tree over binned columns.
package struct BinnedTree: Sendable {
  /// One inner node; a child below 0 is the complement of a leaf.
  package struct Node: Sendable {
    /// Column among the narrow or the wide ones.
    package var column: UInt32
    /// Whether the column is wide.
    package var isWide: Bool
    /// Start of its byte table (1 = left) in `tables`.
    package var table: UInt32
    /// Where the left rows go.
    package var left: Int32
    /// Where the right rows go.
    package var right: Int32

    /// Makes a node.
    package init(column: UInt32, isWide: Bool, table: UInt32, left: Int32, right: Int32) {
      self.column = column
      self.isWide = isWide
      self.table = table
      self.left = left
      self.right = right
    }
  }

  /// Inner nodes, the root first, children after their parent.
  package var nodes: [Node] = []
  /// Byte tables of all nodes.
  package var tables: [UInt8] = []

  /// A tree of one leaf.
  package init() {}
}
