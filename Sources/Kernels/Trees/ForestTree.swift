/// How the trees of a forest grow.
package struct ForestGrowth: Sendable, Hashable {
  /// Features looked at per split.
  package var triedFeatures: Int
  /// Depth at most; 0 is no limit.
  package var maximumDepth: Int
  /// Rows a leaf has at least.
  package var minimumRowsPerLeaf: Int
  /// Rows a node must have to be split.
  package var minimumRowsPerSplit: Int
  /// One random cut a feature instead of the best.
  package var isRandom: Bool
  /// Rows' worth of the root's class shares added to each leaf's.
  package var smoothing: Double

  /// Makes settings.
  package init(
    triedFeatures: Int, maximumDepth: Int, minimumRowsPerLeaf: Int, minimumRowsPerSplit: Int, isRandom: Bool,
    smoothing: Double
  ) {
    self.triedFeatures = triedFeatures
    self.maximumDepth = maximumDepth
    self.minimumRowsPerLeaf = minimumRowsPerLeaf
    self.minimumRowsPerSplit = minimumRowsPerSplit
    self.isRandom = isRandom
    self.smoothing = smoothing
  }
}

/// A tree just grown over codes. A child at or above 0 is a node after its parent, below 0 the complement of a leaf.
package struct ForestTree: Sendable {
  /// Feature of each node.
  package var feature: [Int32] = []
  /// Numbers: last code on the left.
  package var code: [UInt8] = []
  /// Random cuts of numbers: how far the cut lies between the values on either side; others: below 0.
  package var share: [Double] = []
  /// 1 where code 0 goes left.
  package var missingLeft: [UInt8] = []
  /// Where the left rows go.
  package var left: [Int32] = []
  /// Where the right rows go.
  package var right: [Int32] = []
  /// First of 8 words of the codes that go left; −1 for numbers.
  package var set: [Int32] = []
  /// Weighted decrease of impurity at each node.
  package var gain: [Double] = []
  /// Values of leaves: one, or one a class.
  package var leaves: [Double] = []
  /// Weight of each leaf.
  package var cover: [Double] = []
  /// Bits of category sets.
  package var sets: [UInt32] = []
  /// Rows that were not drawn, where they were asked for.
  package var others: [UInt32] = []
  /// Leaf of each of them.
  package var otherLeaves: [Int32] = []

  /// An empty tree.
  package init() {}
}
