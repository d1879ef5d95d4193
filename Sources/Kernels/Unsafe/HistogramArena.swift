package import Basics
import CKernels

/// The memory of tree growth: row-major blocks of codes, the entry stream, histogram slots; and the steps over it.
///
/// All sums are integers, so results do not depend on how work is split over threads. One caller at a time.
package final class HistogramArena: @unchecked Sendable {
  // SAFETY: one thread calls; inside a call tasks write disjoint cells (own block), entries (own range) or splits (own
  // feature), and `Workers.run` is the barrier between steps.
  /// Features of one block: adjacent bytes of a row, adjacent cells of a slot. Blocks share lines of up to 64 bytes a
  /// row, so that a row far from its neighbours is fetched once.
  struct Block {
    var features: [Int]
    /// Bytes of the first row; the next row follows after `lineSize` bytes.
    var rows: UnsafeMutablePointer<UInt8>
    var lineSize: Int
    var firstCell: Int
    var stride: Int
  }

  /// Codes, column by column.
  package let columns: BinnedColumns
  /// A hash of each row's codes.
  package private(set) lazy var rowHashes: [UInt64] = columns.rowHashes()
  let features: [HistogramFeature]
  let workers: Workers
  var blocks: [Block] = []
  private var lines: [UnsafeMutablePointer<UInt8>] = []
  /// First cell of each feature in a slot.
  var firstCell: [Int] = []
  var wideFeatures: [Int] = []
  let entries: UnsafeMutablePointer<UInt64>
  let scratch: UnsafeMutablePointer<UInt64>
  let splits: UnsafeMutablePointer<ck_split>
  var slots: [UnsafeMutablePointer<Int64>] = []
  var pieces: [UnsafeMutablePointer<Int64>] = []
  /// Cells of one slot.
  package private(set) var cellCount = 0
  /// Rows.
  package var rowCount: Int { columns.rowCount }

  /// Lays `columns` out in blocks. Block sizes may follow the number of threads; results do not.
  package init(columns: BinnedColumns, features: [HistogramFeature], workers: Workers) {
    self.columns = columns
    self.features = features
    self.workers = workers
    entries = Memory.allocate(UInt64.self, columns.rowCount + 1)
    scratch = Memory.allocate(UInt64.self, 2 * columns.rowCount + 64)
    splits = Memory.allocate(ck_split.self, 2 * features.count)
    firstCell = [Int](repeating: 0, count: features.count)
    layOut()
    interleave()
  }

  deinit {
    for line in lines { Memory.free(line) }
    for slot in slots + pieces { Memory.free(slot) }
    Memory.free(entries)
    Memory.free(scratch)
    Memory.free(splits)
  }

  /// Units of parallel work: blocks, then wide features.
  var unitCount: Int { blocks.count + wideFeatures.count }

  /// Features of similar code counts share a block, so that short features have short histograms.
  private func layOut() {
    let narrow = features.indices.filter { !features[$0].isWide }
    let sorted = narrow.sorted { (features[$0].codeCount, $0) < (features[$1].codeCount, $1) }
    let count = max((narrow.count + 15) / 16, min(workers.count, narrow.count / 4))
    let groups = (0..<count).map { Array(sorted[(narrow.count * $0 / count)..<(narrow.count * ($0 + 1) / count)]) }
    for first in Swift.stride(from: 0, to: count, by: 4) { addBlocks(Array(groups[first..<min(first + 4, count)])) }
    for feature in features.indices where features[feature].isWide {
      wideFeatures.append(feature)
      firstCell[feature] = cellCount
      cellCount += (features[feature].codeCount + 7) / 8 * 8
    }
  }

  /// Adds blocks that share their lines.
  private func addBlocks(_ groups: [[Int]]) {
    let size = Int(ck_row_size(Int32(groups.map(\.count).max() ?? 1)))
    let lineSize = Int(ck_row_size(Int32(size * groups.count)))
    let line = Memory.allocate(UInt8.self, rowCount * lineSize)
    lines.append(line)
    for (position, members) in groups.enumerated() {
      let longest = members.map { features[$0].codeCount }.max() ?? 1
      let stride = longest > 192 ? 256 : (longest + 7) / 8 * 8
      // SAFETY: a line has room for `groups.count` blocks of `size` bytes.
      blocks.append(
        Block(
          features: members, rows: line + position * size, lineSize: lineSize, firstCell: cellCount, stride: stride))
      for (place, feature) in members.enumerated() { firstCell[feature] = cellCount + place * stride }
      cellCount += members.count * stride
    }
  }

  private func interleave() {
    let ranges = Workers.blocks(rowCount, minimum: 16384)
    workers.run(ranges.count * blocks.count) { [self] task in
      let block = blocks[task % blocks.count]
      let range = ranges[task / blocks.count]
      // SAFETY: columns hold `rowCount` codes each; tasks write disjoint rows of a block.
      let sources: [UnsafePointer<UInt8>?] = block.features.map {
        UnsafePointer(columns.narrow + features[$0].column * rowCount)
      }
      sources.withUnsafeBufferPointer {
        ck_interleave(
          $0.baseAddress, Int32(block.features.count), range.lowerBound, range.upperBound, block.rows,
          block.lineSize)
      }
    }
  }

  // MARK: entries

  /// Writes entries `range` from derivatives: of rows `rows[range]`, or of the rows `range` themselves.
  ///
  /// - Returns: their sums.
  package func quantise(
    _ range: Range<Int>, rows: [UInt32]?, gradients: SharedDoubles, hessians: SharedDoubles, offset: Int, stride: Int,
    scale: Quantisation
  ) -> GradientSum {
    precondition(
      range.upperBound <= rows?.count ?? rowCount && gradients.count == rowCount * stride && offset < stride,
      "inside the table")
    precondition(hessians.count == gradients.count, "equal lengths")
    func run(_ rows: UnsafePointer<UInt32>?) -> Int64 {
      // SAFETY: sizes checked above; listed rows are below rowCount (made by the sampler only).
      ck_quantise(
        gradients.base + offset, hessians.base + offset, stride, rows.map { $0 + range.lowerBound }, range.lowerBound,
        range.count,
        scale.gradient, scale.hessian, scale.dither, UInt32(truncatingIfNeeded: scale.rowsBefore),
        entries + range.lowerBound)
    }
    guard let rows else { return GradientSum(cell: run(nil)) }
    return GradientSum(cell: rows.withUnsafeBufferPointer { run($0.baseAddress) })
  }

  /// Adds `value` to the score of every row in entries `range`: `scores[row * stride + offset]`.
  package func add(_ value: Double, to scores: SharedDoubles, offset: Int, stride: Int, range: Range<Int>) {
    precondition(
      range.upperBound <= rowCount && scores.count == rowCount * stride && offset < stride, "inside the table")
    // SAFETY: entries hold rows below rowCount.
    ck_scores_add(scores.base + offset, stride, entries + range.lowerBound, range.count, value)
  }

  /// Rows of entries `range`.
  package func rows(_ range: Range<Int>) -> [Int] { range.map { Int(truncatingIfNeeded: entries[$0] & 0xFFFF_FFFF) } }

  /// Moves the entries that go left before the others, order kept; returns how many.
  package func partition(_ range: Range<Int>, feature: Int, table: [UInt8]) -> Int {
    let chunks = range.count < 8192 ? 1 : min(4 * workers.count, range.count / 4096)
    guard chunks > 1, workers.count > 1 else {
      let left = partition(range, feature, table, left: entries + range.lowerBound, right: scratch)
      (entries + range.lowerBound + left).update(from: scratch, count: range.count - left)
      return left
    }
    let bounds = (0...chunks).map { range.lowerBound + range.count * $0 / chunks }
    let counts = Counts(chunks)
    workers.run(chunks) { [self] chunk in
      let part = bounds[chunk]..<bounds[chunk + 1]
      counts.base[chunk] = partition(
        part, feature, table, left: scratch + part.lowerBound, right: scratch + rowCount + 32 + part.lowerBound)
    }
    let total = (0..<chunks).reduce(0) { $0 + counts.base[$1] }
    workers.run(chunks) { [self] chunk in
      let before = (0..<chunk).reduce(0) { $0 + counts.base[$1] }
      let left = counts.base[chunk]
      let start = bounds[chunk]
      let others = start - range.lowerBound - before
      (entries + range.lowerBound + before).update(from: scratch + start, count: left)
      (entries + range.lowerBound + total + others).update(
        from: scratch + rowCount + 32 + start, count: bounds[chunk + 1] - start - left)
    }
    return total
  }

  private func partition(
    _ range: Range<Int>, _ feature: Int, _ table: [UInt8], left: UnsafeMutablePointer<UInt64>,
    right: UnsafeMutablePointer<UInt64>
  ) -> Int {
    let described = features[feature]
    precondition(
      range.upperBound <= rowCount && table.count >= (described.isWide ? described.codeCount : 256), "inside the table")
    return table.withUnsafeBufferPointer { table in
      // SAFETY: rows are below rowCount, codes are below the table's length (256 for every narrow column).
      if described.isWide {
        return ck_partition_wide(
          columns.wide + described.column * rowCount, table.baseAddress, entries + range.lowerBound, range.count, left,
          right)
      }
      return ck_partition(
        columns.narrow + described.column * rowCount, table.baseAddress, entries + range.lowerBound, range.count, left,
        right)
    }
  }

  /// A few counts that tasks write, each its own.
  private final class Counts: @unchecked Sendable {
    // SAFETY: disjoint writes, read after the barrier.
    let base: UnsafeMutablePointer<Int>
    init(_ count: Int) { base = Memory.allocate(Int.self, count) }
    deinit { Memory.free(base) }
  }
}

/// How derivatives become integers.
package struct Quantisation: Sendable, Hashable {
  /// Integer units a unit of gradient is worth.
  package var gradient: Double
  /// Integer units a unit of hessian is worth; 0 = every hessian is 1.
  package var hessian: Double
  /// 0 rounds to nearest; else rounding is by a hash of row and this number.
  package var dither: UInt32
  /// Added to row numbers in that hash: rows that other ranks hold.
  package var rowsBefore: Int

  /// Makes scales.
  package init(gradient: Double, hessian: Double, dither: UInt32, rowsBefore: Int = 0) {
    self.rowsBefore = rowsBefore
    self.gradient = gradient
    self.hessian = hessian
    self.dither = dither
  }
}
