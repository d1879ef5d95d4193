import Basics
import Kernels
import Modeling

/// What one unit of the integer sums is worth.
struct GradientUnits: Sendable, Hashable {
  /// Gradient of one unit.
  var gradient: Double
  /// Hessian of one unit.
  var hessian: Double
}

/// A tree just grown, over codes and in true units.
struct GrownTree: Sendable {
  /// Its nodes over codes.
  var binned = BinnedTree()
  /// Feature of each node.
  var features: [Int] = []
  /// Last code on the left of each node that splits a number.
  var bins: [Int] = []
  /// Gain of each node.
  var gains: [Double] = []
  /// Sums of each leaf, in integer units.
  var leafSums: [GradientSum] = [GradientSum()]
  /// Rows of each leaf, of all ranks.
  var leafRows: [Int] = [0]
  /// Entries of each leaf.
  var leafEntries: [Range<Int>] = [0..<0]
}

/// Grows one tree, best leaf first, over the entries in the arena.
struct TreeGrower {
  let arena: HistogramArena
  let settings: GradientBoostedTrees
  let ranks: Ranks
  let units: GradientUnits
  let active: [Bool]
  let features: [HistogramFeature]

  private struct Leaf {
    var entries: Range<Int>
    var rowCount: Int
    var sum: GradientSum
    var depth = 0
    var slot: Int?
    var parent = -1
    var isLeft = false
    var split: LeafSplit?
    var gain = 0.0
  }

  private var leaves: [Leaf] = []
  private var tree = GrownTree()
  private var freeSlots: [Int] = []
  private var slotCount = 0
  private let slotLimit: Int
  /// Two slots for leaves whose histograms are not kept.
  private let spareSlots = [0, 1]

  init(
    _ arena: HistogramArena, _ settings: GradientBoostedTrees, _ ranks: Ranks, units: GradientUnits,
    features: [HistogramFeature], active: [Bool]
  ) {
    self.arena = arena
    self.settings = settings
    self.ranks = ranks
    self.units = units
    self.features = features
    self.active = active
    // A gibibyte of histograms is kept; beyond, both children are built instead of one being derived.
    slotLimit = max(3, min(settings.leafCount + 2, (1 << 30) / max(1, 8 * arena.cellCount)))
    slotCount = 2
  }

  /// Grows a tree over entries `0 ..< entryCount` with sums `total`.
  mutating func grow(entryCount: Int, rowCount: Int, total: GradientSum) throws -> GrownTree {
    var root = Leaf(entries: 0..<entryCount, rowCount: rowCount, sum: total)
    if isSplittable(root) {
      let slot = takeSlot() ?? spareSlots[0]
      arena.reserve(slot: slot)
      root.slot = slot
      try set(&root, evaluate(build: [work(root, slot)], derive: nil)[0])
    }
    leaves = [root]
    while leaves.count < settings.leafCount, let index = bestLeaf() { try split(index) }
    tree.leafSums = leaves.map(\.sum)
    tree.leafRows = leaves.map(\.rowCount)
    tree.leafEntries = leaves.map(\.entries)
    return tree
  }

  private func bestLeaf() -> Int? {
    var best: Int?
    for index in leaves.indices
    where leaves[index].split != nil && leaves[index].gain > (best.map { leaves[$0].gain } ?? 0) { best = index }
    return best
  }

  private mutating func takeSlot() -> Int? {
    if let slot = freeSlots.popLast() { return slot }
    if slotCount >= slotLimit { return nil }
    slotCount += 1
    return slotCount - 1
  }

  // MARK: one split

  private mutating func split(_ index: Int) throws {
    guard let split = leaves[index].split else { return }
    let parent = leaves[index]
    addNode(index, split)
    let leftCount = arena.partition(parent.entries, feature: split.feature, table: split.table)
    let leftRows = Int(try ranks.sums([Int64(leftCount)])[0])
    let middle = parent.entries.lowerBound + leftCount
    var left = Leaf(
      entries: parent.entries.lowerBound..<middle, rowCount: leftRows, sum: split.left, depth: parent.depth + 1)
    var right = Leaf(
      entries: middle..<parent.entries.upperBound, rowCount: parent.rowCount - leftRows, sum: parent.sum - split.left,
      depth: parent.depth + 1)
    left.parent = tree.features.count - 1
    right.parent = left.parent
    left.isLeft = true
    if leaves.count + 1 < settings.leafCount {
      if left.rowCount <= right.rowCount {
        try findSplits(&left, &right, parent.slot)
      } else {
        try findSplits(&right, &left, parent.slot)
      }
    }
    leaves[index] = left
    leaves.append(right)
  }

  private mutating func addNode(_ index: Int, _ split: LeafSplit) {
    let node = Int32(tree.features.count)
    let place = features[split.feature]
    tree.binned.nodes.append(
      BinnedTree.Node(
        column: UInt32(place.column), isWide: place.isWide, table: UInt32(tree.binned.tables.count),
        left: ~Int32(index),
        right: ~Int32(leaves.count)))
    tree.binned.tables.append(contentsOf: split.table)
    tree.features.append(split.feature)
    tree.bins.append(split.bin)
    tree.gains.append(leaves[index].gain)
    let leaf = leaves[index]
    guard leaf.parent >= 0 else { return }
    if leaf.isLeft { tree.binned.nodes[leaf.parent].left = node } else { tree.binned.nodes[leaf.parent].right = node }
  }

  /// Finds the best splits of both children: the smaller is built, the larger derived from their parent where that is
  /// kept.
  private mutating func findSplits(_ small: inout Leaf, _ large: inout Leaf, _ parentSlot: Int?) throws {
    let wantsSmall = isSplittable(small)
    let wantsLarge = isSplittable(large)
    guard wantsSmall || wantsLarge else {
      if let parentSlot { freeSlots.append(parentSlot) }
      return
    }
    if let parentSlot, let slot = takeSlot() {
      arena.reserve(slot: slot)
      small.slot = slot
      large.slot = parentSlot
      let found = try evaluate(build: [work(small, slot)], derive: work(large, parentSlot))
      set(&small, found[0])
      set(&large, found[1])
    } else {
      if let parentSlot { freeSlots.append(parentSlot) }
      arena.reserve(slot: 1)
      let found = try evaluate(build: [work(small, spareSlots[0]), work(large, spareSlots[1])], derive: nil)
      set(&small, found[0])
      set(&large, found[1])
    }
    for (leaf, slot) in [(small, small.slot), (large, large.slot)] where leaf.split == nil {
      if let slot { freeSlots.append(slot) }
    }
    if small.split == nil { small.slot = nil }
    if large.split == nil { large.slot = nil }
  }

  private func evaluate(build: [LeafWork], derive: LeafWork?) throws -> [LeafSplit?] {
    if ranks.isAlone { return try arena.evaluate(build: build, derive: derive, active: active, reduce: nil) }
    return try arena.evaluate(build: build, derive: derive, active: active) { try ranks.communicator.allReduceSum(&$0) }
  }

  private func isSplittable(_ leaf: Leaf) -> Bool {
    leaf.rowCount >= 2 * settings.minimumRowsPerLeaf && leaf.rowCount >= 2 && leaf.sum.hessian >= 2
      && (settings.maximumDepth == 0 || leaf.depth < settings.maximumDepth)
  }

  private func work(_ leaf: Leaf, _ slot: Int) -> LeafWork {
    LeafWork(slot: slot, entries: leaf.entries, scan: isSplittable(leaf) ? scan(leaf) : nil)
  }

  private func scan(_ leaf: Leaf) -> LeafScan {
    let rowsPerHessian = Double(leaf.rowCount) / Double(leaf.sum.hessian)
    let least = max(
      settings.minimumHessianPerLeaf / units.hessian, (Double(settings.minimumRowsPerLeaf) - 0.5) / rowsPerHessian, 0.5)
    return LeafScan(
      total: leaf.sum, l1: settings.l1 / units.gradient, l2: settings.l2 / units.hessian, minimumHessian: least,
      rowsPerHessian: rowsPerHessian,
      categories: CategoryScan(
        smoothing: settings.categorySmoothing, l2: settings.categoryL2 / units.hessian,
        minimumRows: Double(settings.minimumRowsPerCategoryGroup), limit: settings.categoryLimit,
        oneVersusRestLimit: settings.oneVersusRestLimit))
  }

  /// Keeps `split` if it gains enough. Gain: `G_l² / (H_l + l2) + G_r² / (H_r + l2) − G² / (H + l2)`.
  private func set(_ leaf: inout Leaf, _ split: LeafSplit?) {
    guard let split else { return }
    let shrunk = max(0, abs(Double(leaf.sum.gradient)) - settings.l1 / units.gradient)
    let own = shrunk * shrunk / (Double(leaf.sum.hessian) + settings.l2 / units.hessian)
    let gain = (split.score - own) * (units.gradient * units.gradient / units.hessian)
    guard split.score > own * (1 + 1e-9), gain > settings.minimumGain else { return }
    leaf.split = split
    leaf.gain = gain
  }
}
