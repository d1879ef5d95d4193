import CKernels

/// Lists the nodes of a tree from the root down, each with what its path holds.
struct ShapWalk {
  private let source: ShapSource
  private let root: Int32
  var nodes: [ck_shap_node] = []
  /// Features on each leaf's path, in the order of leaves among `nodes`.
  var featureCounts: [Int] = []
  /// Output columns of those features by slot.
  var slots: [[Int32]] = []

  init(_ source: ShapSource, _ root: Int32) {
    self.source = source
    self.root = root
  }

  private struct Step {
    var child: Int32
    var parent: Int
    var isLeft: Bool
    /// Features on the path: column, slot is the position; the last node that tested it.
    var path: [(column: Int32, last: Int32)]
  }

  mutating func run() {
    var waiting = [Step(child: root, parent: -1, isLeft: false, path: [])]
    while var step = waiting.popLast() {
      var node = ck_shap_node()
      node.parent = Int32(step.parent)
      node.before = -1
      node.is_left = step.isLeft ? 1 : 0
      node.leaf = step.child < 0 ? ~step.child : -1
      let index = Int32(nodes.count)
      if step.parent >= 0 {
        let column = source.columns[Int(nodes[step.parent].feature)]
        node.out = column
        if let slot = step.path.firstIndex(where: { $0.column == column }) {
          node.before = step.path[slot].last
          node.slot = UInt8(truncatingIfNeeded: slot)
          step.path[slot].last = index
        } else {
          node.slot = UInt8(truncatingIfNeeded: step.path.count)
          step.path.append((column, index))
        }
      }
      node.bit_count = UInt8(truncatingIfNeeded: min(255, step.path.count))
      guard step.child >= 0 else {
        featureCounts.append(step.path.count)
        slots.append(step.path.map(\.column))
        nodes.append(node)
        continue
      }
      let from = Int(step.child)
      node.feature = source.feature[from]
      node.threshold = source.threshold[from]
      node.missing_left = source.missingLeft[from]
      node.set = source.set[from]
      nodes.append(node)
      waiting.append(Step(child: source.right[from], parent: Int(index), isLeft: false, path: step.path))
      waiting.append(Step(child: source.left[from], parent: Int(index), isLeft: true, path: step.path))
    }
  }

  /// Training rows below each node.
  private func covers() -> [Double] {
    var covers = nodes.map { $0.leaf >= 0 ? source.cover[Int($0.leaf)] : 0 }
    for index in nodes.indices.reversed() where nodes[index].parent >= 0 {
      covers[Int(nodes[index].parent)] += covers[index]
    }
    return covers
  }

  /// For each node: the share of rows that pass all tests of its feature down to it, and that over the share before.
  func shares() -> (passed: [Double], ratios: [Double]) {
    let covers = covers()
    var passed = [Double](repeating: 1, count: nodes.count)
    var ratios = passed
    for index in nodes.indices.dropFirst() {
      let above = covers[Int(nodes[index].parent)]
      ratios[index] = above > 0 ? covers[index] / above : 0
      let before = nodes[index].before < 0 ? 1 : passed[Int(nodes[index].before)]
      passed[index] = before * ratios[index]
    }
    return (passed, ratios)
  }

  /// Mean of the leaves by their rows.
  func expected() -> [Double] {
    let leaves = nodes.filter { $0.leaf >= 0 }.map { Int($0.leaf) }
    let total = leaves.reduce(0) { $0 + source.cover[$1] }
    return (0..<source.leafWidth).map { k in
      guard total > 0 else { return 0 }
      return leaves.reduce(0) { $0 + source.cover[$1] / total * source.leaves[$1 * source.leafWidth + k] }
    }
  }

  /// See `ck_shap_tree.factors`.
  static func factors(_ nodes: [ck_shap_node], _ passed: [Double], _ points: [Double]) -> [Double] {
    var factors = [Double](repeating: 0, count: 4 * points.count * nodes.count)
    for index in nodes.indices.dropFirst() {
      let z = passed[index]
      let old = nodes[index].before < 0 ? 1 : passed[Int(nodes[index].before)]
      let start = 4 * points.count * index
      for (q, t) in points.enumerated() {
        let now = t + z * (1 - t)
        let before = t + old * (1 - t)
        factors[start + q] = now / before
        factors[start + points.count + q] = z * (1 - t) / before
        factors[start + 2 * points.count + q] = z > 0 ? -1 / (1 - t) : 0
        factors[start + 3 * points.count + q] = (1 - z) / now
      }
    }
    return factors
  }
}
