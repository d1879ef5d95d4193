import Basics
import Kernels

/// Leaf values that are quantiles of the rows' residuals, kept to the directions of constrained columns.
///
/// At a node on a constrained column the quantiles of both sides, held to the limits that the node has from above, say
/// where the limit between the sides is, as Newton steps do for other objectives.
struct LeafQuantiles {
  private let run: BoostingRun
  private let tree: GrownTree
  private let level: Double

  init(run: BoostingRun, _ tree: GrownTree, _ level: Double) {
    self.run = run
    self.tree = tree
    self.level = level
  }

  /// One value a leaf.
  func values() throws -> [Double] {
    var bounds = [OutputBounds](repeating: OutputBounds(), count: tree.leafEntries.count)
    if run.plan.constraints.isMonotone { try divide(&bounds) }
    return try tree.leafEntries.indices.map { leaf in
      bounds[leaf].held(try quantile([tree.leafEntries[leaf]]))
    }
  }

  /// Limits of all leaves, from the root down; children come after their parents.
  private func divide(_ bounds: inout [OutputBounds]) throws {
    let below = leavesBelow()
    var open = [OutputBounds](repeating: OutputBounds(), count: tree.features.count)
    for (index, node) in tree.binned.nodes.enumerated() {
      let direction = run.plan.constraints.directions[tree.features[index]]
      var sides = (left: open[index], right: open[index])
      if direction != 0 {
        let left = try quantile(leaves(node.left, below).map { tree.leafEntries[$0] })
        let right = try quantile(leaves(node.right, below).map { tree.leafEntries[$0] })
        sides = open[index].divided(open[index].held(left), open[index].held(right), direction)
      }
      for (child, limits) in [(node.left, sides.left), (node.right, sides.right)] {
        if child >= 0 { open[Int(child)] = limits } else { bounds[Int(~child)] = limits }
      }
    }
  }

  private func leaves(_ child: Int32, _ below: [[Int]]) -> [Int] { child >= 0 ? below[Int(child)] : [Int(~child)] }

  private func leavesBelow() -> [[Int]] {
    var below = [[Int]](repeating: [], count: tree.features.count)
    for (index, node) in tree.binned.nodes.enumerated().reversed() {
      below[index] = (leaves(node.left, below) + leaves(node.right, below)).sorted()
    }
    return below
  }

  private func quantile(_ entries: [Range<Int>]) throws -> Double {
    let rows = entries.flatMap { run.arena.rows($0) }
    let residuals = try run.ranks.joined(rows.map { run.rows.numbers[$0] - run.scores[$0] })
    let weights = try run.rows.weights.map { weights in try run.ranks.joined(rows.map { weights[$0] }) }
    return Averages.quantile(residuals, weights, level: level)
  }
}
