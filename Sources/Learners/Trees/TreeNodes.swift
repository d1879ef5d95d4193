/// Trees in flat arrays. A child at or above 0 is a node, after its parent; below 0 it is the complement of a leaf.
struct TreeNodes: Sendable, Hashable {
  /// Feature of each node.
  var feature: [Int32] = []
  /// Numbers at most this go left.
  var threshold: [Double] = []
  /// 1 where missing values go left.
  var missingLeft: [UInt8] = []
  /// First word of a category node's set; −1 for numbers.
  var categories: [Int32] = []
  /// Where the left rows go.
  var left: [Int32] = []
  /// Where the right rows go.
  var right: [Int32] = []
  /// Root of each tree.
  var roots: [Int32] = []
  /// Values of all leaves, `leafWidth` each.
  var leaves: [Double] = []
  /// Values a leaf has: 1, which is added to one score, or one for each score.
  var leafWidth = 1
  /// Training rows (or their weight) of each leaf; empty where the archive does not say.
  var cover: [Double] = []
  /// Bits of category sets: code `c` is bit `c & 31` of word `c >> 5`; set goes left.
  var words: [UInt32] = []

  /// Leaves of all trees.
  var leafCount: Int { leaves.count / leafWidth }

  /// Adds the trees of `other` behind the own ones.
  mutating func append(_ other: TreeNodes) {
    let firstNode = Int32(feature.count)
    let firstLeaf = Int32(leafCount)
    let firstWord = Int32(words.count)
    func moved(_ child: Int32) -> Int32 { child >= 0 ? child + firstNode : child - firstLeaf }
    feature.append(contentsOf: other.feature)
    threshold.append(contentsOf: other.threshold)
    missingLeft.append(contentsOf: other.missingLeft)
    categories.append(contentsOf: other.categories.lazy.map { $0 < 0 ? -1 : $0 + firstWord })
    left.append(contentsOf: other.left.lazy.map(moved))
    right.append(contentsOf: other.right.lazy.map(moved))
    roots.append(contentsOf: other.roots.lazy.map(moved))
    leaves.append(contentsOf: other.leaves)
    cover.append(contentsOf: other.cover)
    words.append(contentsOf: other.words)
  }
}

extension TreeNodes {
  /// Scores of all rows, tree after tree.
  func scores(_ table: FeatureTable, baseline: [Double]) -> [Double] {
    let width = baseline.count
    var out: [Double] = []
    out.reserveCapacity(table.rowCount * width)
    for _ in 0..<table.rowCount { out.append(contentsOf: baseline) }
    for (tree, root) in roots.enumerated() {
      let k = leafWidth == 1 ? tree % width : 0
      for row in 0..<table.rowCount {
        let leaf = leaf(root, table, row) * leafWidth
        for index in 0..<leafWidth { out[row * width + k + index] += leaves[leaf + index] }
      }
    }
    return out
  }

  /// Leaf that row `row` reaches.
  private func leaf(_ root: Int32, _ table: FeatureTable, _ row: Int) -> Int {
    var at = root
    while at >= 0 {
      let node = Int(at)
      let value = table.columns[Int(feature[node])][row]
      at = goesLeft(node, value) ? left[node] : right[node]
    }
    return Int(~at)
  }

  /// Adds the leaves of one row.
  func add(row: Span<Double>, to scores: inout MutableSpan<Double>) {
    let width = scores.count
    for (tree, root) in roots.enumerated() {
      var at = root
      while at >= 0 { at = goesLeft(Int(at), row[Int(feature[Int(at)])]) ? left[Int(at)] : right[Int(at)] }
      let leaf = Int(~at) * leafWidth
      let k = leafWidth == 1 ? tree % width : 0
      for index in 0..<leafWidth { scores[k + index] += leaves[leaf + index] }
    }
  }

  func goesLeft(_ node: Int, _ value: Double) -> Bool {
    if categories[node] >= 0 {
      let code = Int(value)
      return words[Int(categories[node]) + code >> 5] >> UInt32(code & 31) & 1 == 1
    }
    return value.isNaN ? missingLeft[node] == 1 : value <= threshold[node]
  }
}
