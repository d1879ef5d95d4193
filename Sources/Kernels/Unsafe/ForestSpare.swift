import CKernels
import Synchronization

/// Memory in which one tree grows; used for one tree after another.
final class ForestSpare: @unchecked Sendable {
  // SAFETY: one task holds a spare at a time (see `SparePool`); sizes are those `ck_forest_grow` asks for.
  var tree = ck_forest_tree()
  private let counts: UnsafeMutablePointer<UInt32>
  private let rowCount: Int

  init(_ table: ForestTable, _ growth: ForestGrowth) {
    rowCount = table.rowCount
    counts = Memory.allocate(UInt32.self, rowCount)
    tree.counts = UnsafePointer(counts)
    tree.rows = Memory.allocate(UInt32.self, rowCount + 1)
    tree.spare = Memory.allocate(UInt32.self, rowCount + 1)
    tree.stats = Memory.allocate(Double.self, 2 * rowCount)
    tree.features = Memory.allocate(Int32.self, table.featureCount)
    // Copying all features pays where most of them are looked at somewhere below.
    let isLocal = table.featureCount <= 16 * growth.triedFeatures
    tree.local = isLocal ? Memory.allocate(UInt8.self, Int(CK_FOREST_STRIDE) * table.featureCount) : nil
    tree.sums = Memory.allocate(Double.self, 4 * table.classCount + 8)
    tree.nodes = Memory.allocate(ck_forest_node.self, rowCount)
    tree.leaves = Memory.allocate(Double.self, rowCount * table.leafWidth)
    tree.cover = Memory.allocate(Double.self, rowCount)
    tree.sets = table.hasCategories ? Memory.allocate(UInt32.self, 8 * rowCount) : nil
    tree.effects = table.hasCategories ? Memory.allocate(Double.self, 256 * table.featureCount) : nil
  }

  deinit {
    Memory.free(counts)
    Memory.free(tree.rows)
    Memory.free(tree.spare)
    Memory.free(tree.stats)
    Memory.free(tree.features)
    if let local = tree.local { Memory.free(local) }
    Memory.free(tree.sums)
    Memory.free(tree.nodes)
    Memory.free(tree.leaves)
    Memory.free(tree.cover)
    if let sets = tree.sets { Memory.free(sets) }
    if let effects = tree.effects { Memory.free(effects) }
  }

  /// Sets how often each row counts.
  func draw(_ seed: UInt64, _ drawCount: Int) {
    counts.update(repeating: drawCount > 0 ? 0 : 1, count: rowCount)
    // SAFETY: `counts` holds `rowCount` numbers.
    if drawCount > 0 { ck_forest_draw(seed, drawCount, rowCount, counts) }
  }

  /// A copy of the tree that has grown.
  func grown(_ table: inout ck_forest_table, leafWidth: Int, wantsOthers: Bool) -> ForestTree {
    let nodeCount = Int(tree.node_count)
    let leafCount = Int(tree.leaf_count)
    // SAFETY: the kernel filled as many nodes, leaves and words as it counted.
    let nodes = UnsafeBufferPointer(start: tree.nodes, count: nodeCount)
    var grown = ForestTree()
    grown.feature = nodes.map(\.feature)
    grown.code = nodes.map(\.code)
    grown.share = nodes.map { Double($0.share) / Double(CK_FOREST_SHARES) }
    grown.missingLeft = nodes.map(\.missing_left)
    grown.left = nodes.map(\.left)
    grown.right = nodes.map(\.right)
    grown.set = nodes.map(\.set)
    grown.gain = nodes.map(\.gain)
    grown.leaves = Array(UnsafeBufferPointer(start: tree.leaves, count: leafCount * leafWidth))
    grown.cover = Array(UnsafeBufferPointer(start: tree.cover, count: leafCount))
    if let sets = tree.sets { grown.sets = Array(UnsafeBufferPointer(start: sets, count: Int(tree.set_count))) }
    guard wantsOthers else { return grown }
    var others: [UInt32] = []
    others.reserveCapacity(rowCount / 2)
    for row in 0..<rowCount where counts[row] == 0 { others.append(UInt32(row)) }
    grown.others = others
    grown.otherLeaves = [Int32](unsafeUninitializedCapacity: others.count) { out, count in
      others.withUnsafeBufferPointer {
        if let base = out.baseAddress { ck_forest_route(&table, &tree, $0.baseAddress, 0, others.count, base) }
      }
      count = others.count
    }
    return grown
  }
}

/// Spares that no task uses just now.
final class SparePool: Sendable {
  private let free = Mutex<[ForestSpare]>([])
  /// A spare, if one is free.
  func take() -> ForestSpare? { free.withLock { $0.popLast() } }
  /// Puts a spare back.
  func give(_ spare: ForestSpare) { free.withLock { $0.append(spare) } }
}
