import Kernels

extension TreeNodes {
  /// The plan for scoring batches; `nil` when a tree has over 256 leaves or a feature over 254 thresholds.
  func plan(_ features: [TreeFeature]) -> ScoringPlan? { ScoringPlanner(self, features)?.plan }
}

/// Turns paths into leaf sets.
private struct ScoringPlanner {
  private let nodes: TreeNodes
  private let features: [TreeFeature]
  /// Thresholds of each feature, ascending, without infinity.
  private let thresholds: [[Double]]
  private var numberColumns: [Int?]
  private var rightColumns: [Int?]
  /// First node of the tree being added.
  private var firstNode = 0
  private(set) var plan = ScoringPlan()

  init?(_ nodes: TreeNodes, _ features: [TreeFeature]) {
    self.nodes = nodes
    self.features = features
    var seen = [Set<Double>](repeating: [], count: features.count)
    for node in nodes.feature.indices where nodes.categories[node] < 0 && nodes.threshold[node] < .infinity {
      seen[Int(nodes.feature[node])].insert(nodes.threshold[node])
    }
    thresholds = seen.map { $0.sorted() }
    guard thresholds.allSatisfy({ $0.count <= 254 }) else { return nil }
    numberColumns = [Int?](repeating: nil, count: features.count)
    rightColumns = numberColumns
    for root in nodes.roots {
      firstNode = plan.nodes.count
      let firstLeaf = plan.leaves.count
      guard add(root, firstLeaf) else { return nil }
      plan.trees.append(
        .init(
          firstNode: firstNode, nodeCount: plan.nodes.count - firstNode, firstLeaf: firstLeaf,
          leafCount: plan.leaves.count - firstLeaf))
    }
  }

  /// Adds the subtree at `child`, left before right; `false` once the tree has too many leaves or nodes, which also
  /// bounds the depth of the recursion on made-up trees.
  private mutating func add(_ child: Int32, _ firstLeaf: Int) -> Bool {
    guard plan.leaves.count - firstLeaf < 256, plan.nodes.count - firstNode < 256 else { return false }
    guard child >= 0 else {
      plan.leaves.append(nodes.leaves[Int(~child)])
      return true
    }
    let node = Int(child)
    let place = plan.nodes.count
    let (column, threshold) = test(node)
    let start = plan.leaves.count - firstLeaf
    plan.nodes.append(.init(column: column, threshold: threshold, leftLeaves: start..<start))
    guard add(nodes.left[node], firstLeaf) else { return false }
    plan.nodes[place].leftLeaves = start..<(plan.leaves.count - firstLeaf)
    return add(nodes.right[node], firstLeaf)
  }

  /// Column of codes and highest code on the left of a node.
  private mutating func test(_ node: Int) -> (Int, UInt8) {
    let feature = Int(nodes.feature[node])
    guard case .numbers = features[feature].coding else { return (categoryColumn(node, feature), 0) }
    let rank = thresholds[feature].partitioningIndex { $0 >= nodes.threshold[node] }
    let column = numberColumn(feature)
    if nodes.missingLeft[node] == 1 { return (column, UInt8(rank + 1)) }
    return (rightColumn(feature, column), UInt8(rank))
  }

  private mutating func numberColumn(_ feature: Int) -> Int {
    if let column = numberColumns[feature] { return column }
    plan.columns.append(.number(feature: feature, bounds: QuantileBins.padded(thresholds[feature])))
    numberColumns[feature] = plan.columns.count - 1
    return plan.columns.count - 1
  }

  private mutating func rightColumn(_ feature: Int, _ source: Int) -> Int {
    if let column = rightColumns[feature] { return column }
    plan.columns.append(.missingRight(of: source))
    rightColumns[feature] = plan.columns.count - 1
    return plan.columns.count - 1
  }

  private mutating func categoryColumn(_ node: Int, _ feature: Int) -> Int {
    let first = Int(nodes.categories[node])
    let bytes = (0..<features[feature].codeCount).map { code -> UInt8 in
      nodes.words[first + code >> 5] >> UInt32(code & 31) & 1 == 1 ? 0 : 255
    }
    plan.columns.append(.category(feature: feature, bytes: bytes))
    return plan.columns.count - 1
  }
}

extension Array where Element == Double {
  /// First position whose element fulfils `predicate`, in an array where all after it do.
  func partitioningIndex(_ predicate: (Double) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
