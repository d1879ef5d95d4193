import Kernels

extension TreeNodes {
  /// The plan for walking; `nil` when a feature has more thresholds, or the trees more nodes, than its codes can tell
  /// apart.
  func walkPlan(_ features: [TreeFeature], width: Int) -> WalkPlan? {
    guard features.count <= 30_000, 2 * feature.count + roots.count < Int(Int32.max) else { return nil }
    let thresholds = thresholds(features)
    guard thresholds.allSatisfy({ $0.count <= 65_533 }) else { return nil }
    var planner = WalkPlanner(self, features, thresholds)
    planner.plan.width = width
    for root in roots { planner.add(root) }
    return planner.plan
  }

  /// Distinct thresholds of each feature, ascending, without infinity.
  private func thresholds(_ features: [TreeFeature]) -> [[Double]] {
    var all = [[Double]](repeating: [], count: features.count)
    for node in feature.indices where categories[node] < 0 && threshold[node] < .infinity {
      all[Int(feature[node])].append(threshold[node])
    }
    for index in all.indices {
      VectorMath.sort(&all[index])
      var kept = 0
      for place in all[index].indices where kept == 0 || all[index][place] != all[index][kept - 1] {
        all[index][kept] = all[index][place]
        kept += 1
      }
      all[index].removeLast(all[index].count - kept)
    }
    return all
  }
}

/// Lays nodes out so that the children of a node are neighbours.
private struct WalkPlanner {
  private let nodes: TreeNodes
  private let thresholds: [[Double]]
  private let isCategory: [Bool]
  private var plainColumns: [UInt16?]
  private var rightColumns: [UInt16?]
  private var waiting: [(child: Int32, place: Int)] = []
  var plan = WalkPlan()

  init(_ nodes: TreeNodes, _ features: [TreeFeature], _ thresholds: [[Double]]) {
    self.nodes = nodes
    self.thresholds = thresholds
    isCategory = features.map(\.isCategory)
    plainColumns = [UInt16?](repeating: nil, count: features.count)
    rightColumns = plainColumns
    plan.words = nodes.words
    plan.leaves = nodes.leaves
    plan.leafWidth = nodes.leafWidth
    let total = 2 * nodes.feature.count + nodes.roots.count
    plan.column.reserveCapacity(total)
    plan.threshold.reserveCapacity(total)
    plan.child.reserveCapacity(total)
    plan.payload.reserveCapacity(total)
  }

  private mutating func reserve(_ count: Int) -> Int {
    let place = plan.child.count
    for _ in 0..<count {
      plan.column.append(0)
      plan.threshold.append(.max)
      plan.child.append(Int32(plan.child.count))
      plan.payload.append(-1)
    }
    return place
  }

  /// Adds the tree at `root`.
  mutating func add(_ root: Int32) {
    let place = reserve(1)
    plan.roots.append(Int32(place))
    waiting.append((root, place))
    while let (child, place) = waiting.popLast() {
      guard child >= 0 else {
        plan.payload[place] = ~child
        continue
      }
      let node = Int(child)
      let pair = reserve(2)
      plan.child[place] = Int32(pair)
      test(node, place)
      waiting.append((nodes.right[node], pair + 1))
      waiting.append((nodes.left[node], pair))
    }
  }

  private mutating func test(_ node: Int, _ place: Int) {
    let feature = Int(nodes.feature[node])
    plan.column[place] = column(feature)
    if isCategory[feature] {
      plan.payload[place] = nodes.categories[node]
      plan.hasCategories = true
      return
    }
    let rank = UInt16(thresholds[feature].partitioningIndex { $0 >= nodes.threshold[node] })
    plan.threshold[place] = nodes.missingLeft[node] == 1 ? rank + 1 : rank
    if nodes.missingLeft[node] == 0 { plan.column[place] = rightColumn(feature) }
  }

  private mutating func column(_ feature: Int) -> UInt16 {
    if let column = plainColumns[feature] { return column }
    let column = UInt16(plan.columns.count)
    plan.columns.append(
      isCategory[feature] ? .category(feature: feature) : .number(feature: feature, bounds: thresholds[feature]))
    plainColumns[feature] = column
    return column
  }

  private mutating func rightColumn(_ feature: Int) -> UInt16 {
    if let column = rightColumns[feature] { return column }
    let source = Int(column(feature))
    let column = UInt16(plan.columns.count)
    plan.columns.append(.missingRight(of: source))
    rightColumns[feature] = column
    return column
  }
}
