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
  /// Limits of each leaf's value.
  var leafBounds: [OutputBounds] = [OutputBounds()]
}

/// What all trees of a run have in common.
struct GrowthPlan: Sendable {
  /// Memory.
  let arena: HistogramArena
  /// Settings.
  let settings: GradientBoostedTrees
  /// Processes.
  let ranks: Ranks
  /// Features.
  let features: [HistogramFeature]
  /// What they must keep to.
  let constraints: TreeConstraints
  /// Set by the owner to stop the fit.
  let context: FitContext
}

/// Grows one tree over the entries in the arena.
struct TreeGrower {
  private let plan: GrowthPlan
  private let units: GradientUnits
  private let columns: Seed
  private let active: [Bool]
  private var arena: HistogramArena { plan.arena }
  private var settings: GradientBoostedTrees { plan.settings }
  private var features: [HistogramFeature] { plan.features }

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
    var bounds = OutputBounds()
    /// Sets of columns that hold all of its path.
    var sets: [Int] = []
    /// Features that may split it; `nil` = all that are active.
    var allowed: [Bool]?
  }

  private var leaves: [Leaf] = []
  private var tree = GrownTree()
  private var freeSlots: [Int] = []
  private var slotCount = 0
  private var nodeCount = 0
  private let slotLimit: Int
  /// Two slots for leaves whose histograms are not kept.
  private let spareSlots = [0, 1]

  init(_ plan: GrowthPlan, units: GradientUnits, columns seed: Seed) {
    self.plan = plan
    self.units = units
    columns = seed
    active = ColumnSample.active(plan.features.count, plan.settings.columnFraction, seed)
    let (arena, settings) = (plan.arena, plan.settings)
    // A gibibyte of histograms is kept; beyond, both children are built instead of one being derived.
    slotLimit = max(3, min(settings.leafCount + 2, (1 << 30) / max(1, 8 * arena.cellCount)))
    slotCount = 2
  }

  /// Grows a tree over entries `0 ..< entryCount` with sums `total`.
  mutating func grow(entryCount: Int, rowCount: Int, total: GradientSum) throws -> GrownTree {
    var root = Leaf(entries: 0..<entryCount, rowCount: rowCount, sum: total)
    root.sets = Array(plan.constraints.sets.indices)
    choose(&root)
    if isSplittable(root) {
      let slot = takeSlot() ?? spareSlots[0]
      arena.reserve(slot: slot)
      root.slot = slot
      try set(&root, evaluate(build: [work(root, slot)], derive: nil, root.sets)[0])
    }
    leaves = [root]
    while leaves.count < settings.leafCount, let index = nextLeaf() {
      if plan.ranks.isAlone { try plan.context.checkCancellation() }
      try split(index)
    }
    tree.leafSums = leaves.map(\.sum)
    tree.leafRows = leaves.map(\.rowCount)
    tree.leafBounds = leaves.map(\.bounds)
    tree.leafEntries = leaves.map(\.entries)
    return tree
  }

  private func nextLeaf() -> Int? {
    var best: Int?
    for index in leaves.indices where leaves[index].split != nil {
      guard let other = best else {
        best = index
        continue
      }
      let isNearer = settings.growth == .depthWise ? leaves[index].depth - leaves[other].depth : 0
      if isNearer < 0 || isNearer == 0 && leaves[index].gain > leaves[other].gain { best = index }
    }
    return best
  }

  /// Draws the features of a new leaf.
  private mutating func choose(_ leaf: inout Leaf) {
    leaf.allowed = plan.constraints.allowed(leaf.sets)
    defer { nodeCount += 1 }
    guard settings.columnFractionPerNode < 1 else { return }
    let open = features.indices.filter { active[$0] && leaf.allowed?[$0] ?? true }
    let drawn = ColumnSample.active(
      open.count, settings.columnFractionPerNode, columns.derived("node").derived(nodeCount))
    var allowed = [Bool](repeating: false, count: features.count)
    for (place, feature) in open.enumerated() { allowed[feature] = drawn[place] }
    leaf.allowed = allowed
  }

  /// What both sides of a split have from their parent.
  private mutating func inherit(_ left: inout Leaf, _ right: inout Leaf, _ parent: Leaf, _ split: LeafSplit) {
    if plan.constraints.isMonotone {
      let values = (parent.bounds.held(value(left.sum)), parent.bounds.held(value(right.sum)))
      (left.bounds, right.bounds) = parent.bounds.divided(
        values.0, values.1, plan.constraints.directions[split.feature])
    }
    if !plan.constraints.sets.isEmpty { left.sets = plan.constraints.live(parent.sets, after: split.feature) }
    right.sets = left.sets
    choose(&left)
    choose(&right)
  }

  /// The Newton step of these sums.
  private func value(_ sum: GradientSum) -> Double {
    let gradient = Double(sum.gradient) * units.gradient
    let shrunk = max(0, abs(gradient) - settings.l1)
    let step = shrunk / max(Double(sum.hessian) * units.hessian + settings.l2, .leastNormalMagnitude)
    return gradient > 0 ? -step : step
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
    let leftRows = Int(try plan.ranks.sums([Int64(leftCount)])[0])
    let middle = parent.entries.lowerBound + leftCount
    var left = Leaf(
      entries: parent.entries.lowerBound..<middle, rowCount: leftRows, sum: split.left, depth: parent.depth + 1)
    var right = Leaf(
      entries: middle..<parent.entries.upperBound, rowCount: parent.rowCount - leftRows, sum: parent.sum - split.left,
      depth: parent.depth + 1)
    left.parent = tree.features.count - 1
    right.parent = left.parent
    left.isLeft = true
    inherit(&left, &right, parent, split)
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
      let found = try evaluate(build: [work(small, slot)], derive: work(large, parentSlot), small.sets)
      set(&small, found[0])
      set(&large, found[1])
    } else {
      if let parentSlot { freeSlots.append(parentSlot) }
      arena.reserve(slot: 1)
      let found = try evaluate(
        build: [work(small, spareSlots[0]), work(large, spareSlots[1])], derive: nil, small.sets)
      set(&small, found[0])
      set(&large, found[1])
    }
    for (leaf, slot) in [(small, small.slot), (large, large.slot)] where leaf.split == nil {
      if let slot { freeSlots.append(slot) }
    }
    if small.split == nil { small.slot = nil }
    if large.split == nil { large.slot = nil }
  }

  /// Histograms are built of all features that this path may still split on, whatever a single node has drawn.
  private func evaluate(build: [LeafWork], derive: LeafWork?, _ sets: [Int]) throws -> [LeafSplit?] {
    let ranks = plan.ranks
    let open = plan.constraints.allowed(sets)
    let active = open.map { open in zip(self.active, open).map { $0 && $1 } } ?? self.active
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
    var scan = LeafScan(
      total: leaf.sum, l1: settings.l1 / units.gradient, l2: settings.l2 / units.hessian, minimumHessian: least,
      rowsPerHessian: rowsPerHessian,
      categories: CategoryScan(
        smoothing: settings.categorySmoothing / units.hessian, leastRows: settings.categorySmoothing,
        l2: settings.categoryL2 / units.hessian,
        minimumRows: Double(settings.minimumRowsPerCategoryGroup), limit: settings.categoryLimit,
        oneVersusRestLimit: settings.oneVersusRestLimit))
    scan.allowed = leaf.allowed
    if plan.constraints.isMonotone {
      let unit = units.gradient / units.hessian
      scan.bounds = LeafBounds(lower: leaf.bounds.lower / unit, upper: leaf.bounds.upper / unit, own: ownScore(leaf))
    }
    return scan
  }

  /// Score of a leaf that is not split, quantised units: `−(2 T w + (H + l2) w²)` of its bounded value, which is
  /// `T² / (H + l2)` where there are no bounds; `T` is the gradient shrunk by l1.
  private func ownScore(_ leaf: Leaf) -> Double {
    let gradient = Double(leaf.sum.gradient)
    let shrunk = max(0, abs(gradient) - settings.l1 / units.gradient)
    let curvature = Double(leaf.sum.hessian) + settings.l2 / units.hessian
    guard plan.constraints.isMonotone else { return shrunk * shrunk / curvature }
    let value = leaf.bounds.held(value(leaf.sum)) * units.hessian / units.gradient
    return -value * (2 * (gradient < 0 ? -shrunk : shrunk) + curvature * value)
  }

  /// Keeps `split` if it gains enough. Gain: `G_l² / (H_l + l2) + G_r² / (H_r + l2) − G² / (H + l2)`.
  private func set(_ leaf: inout Leaf, _ split: LeafSplit?) {
    guard let split else { return }
    let own = ownScore(leaf)
    let improvement = plan.constraints.isMonotone ? split.score : split.score - own
    let gain = improvement * (units.gradient * units.gradient / units.hessian)
    guard improvement > abs(own) * 1e-9, gain > settings.minimumGain else { return }
    leaf.split = split
    leaf.gain = gain
  }
}
