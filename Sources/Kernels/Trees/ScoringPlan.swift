/// Trees prepared for scoring many rows, or many trees, at once: each node moves those that pass it on the right on to
/// the first leaf there, so that the first leaf in reach is at last the leaf.
///
/// Like the leaf sets of Ye et al., *RapidScorer: fast tree ensemble evaluation by maximizing compactness in data level
/// parallelization*, KDD 2018, with one byte in place of the set.
package struct ScoringPlan: Sendable, Hashable {
  /// One tree; its leaves are numbered from left to right.
  package struct Tree: Sendable, Hashable {
    /// First of its nodes; a node comes before those below it, left before right.
    package var firstNode: Int
    /// Its nodes.
    package var nodeCount: Int
    /// First of its leaf values.
    package var firstLeaf: Int
    /// Its leaves, 1 ... 256.
    package var leafCount: Int

    /// Describes a tree.
    package init(firstNode: Int, nodeCount: Int, firstLeaf: Int, leafCount: Int) {
      self.firstNode = firstNode
      self.nodeCount = nodeCount
      self.firstLeaf = firstLeaf
      self.leafCount = leafCount
    }
  }

  /// One node: rows whose code is above the threshold go right.
  package struct Node: Sendable, Hashable {
    /// Column of codes.
    package var column: Int
    /// Highest code that goes left.
    package var threshold: UInt8
    /// Leaves on the node's left, by their numbers in the tree.
    package var leftLeaves: Range<Int>

    /// Describes a node.
    package init(column: Int, threshold: UInt8, leftLeaves: Range<Int>) {
      self.column = column
      self.threshold = threshold
      self.leftLeaves = leftLeaves
    }
  }

  /// How one column of codes is made.
  package enum Column: Sendable, Hashable {
    /// 0 for missing, else 1 + the number of bounds below; 256 bounds, padded with infinity.
    case number(feature: Int, bounds: [Double])
    /// Codes of an earlier column less one, so that missing is above all thresholds.
    case missingRight(of: Int)
    /// The byte of the row's category.
    case category(feature: Int, bytes: [UInt8])
  }

  /// Trees in order.
  package var trees: [Tree] = []
  /// Nodes of all trees.
  package var nodes: [Node] = []
  /// Leaf values of all trees, from left to right in each.
  package var leaves: [Double] = []
  /// Columns of codes; a derived one after its source.
  package var columns: [Column] = []

  /// Nothing to score.
  package init() {}

  /// Stops the process where something lies out of range: a plan is made by code, never read.
  func check() {
    for tree in trees {
      precondition(
        (1...256).contains(tree.leafCount) && tree.firstLeaf + tree.leafCount <= leaves.count, "leaves in range")
      for node in nodes[tree.firstNode..<(tree.firstNode + tree.nodeCount)] {
        precondition(
          node.leftLeaves.lowerBound >= 0 && node.leftLeaves.upperBound < tree.leafCount, "leaf ranges in range")
        precondition(columns.indices.contains(node.column) && !node.leftLeaves.isEmpty, "columns in range")
      }
    }
    for (index, column) in columns.enumerated() {
      if case .missingRight(let source) = column { precondition(source < index, "sources come first") }
      if case .number(_, let bounds) = column { precondition(bounds.count == 256, "256 bounds") }
    }
  }
}
