package import Basics
import CKernels

/// Scores batches by a plan, 256 rows at a time, tree by tree.
package final class TreeScorer: @unchecked Sendable {
  // SAFETY: nothing changes after initialisation; calls write memory of their own.
  private let trees: [ck_score_tree]
  private let nodes: [ck_score_node]
  private let leaves: [Double]
  private let columns: [ScoringPlan.Column]

  /// Rows of one block.
  private static let blockSize = Int(CK_SCORE_ROWS)
  /// Blocks whose codes are made together: the bounds of a column then stay in the nearest cache.
  private static let blocksTogether = 4
  /// Rows of a task at least.
  private static let taskRows = 8192

  /// Checks the plan once, so that scoring need not.
  package init(_ plan: ScoringPlan) {
    plan.check()
    var leaves: [Double] = []
    trees = plan.trees.map { tree in
      let first = leaves.count
      leaves.append(contentsOf: plan.leaves[tree.firstLeaf..<(tree.firstLeaf + tree.leafCount)])
      return ck_score_tree(
        node_count: UInt32(tree.nodeCount), first_leaf: UInt32(first), leaf_count: UInt32(tree.leafCount))
    }
    // The kernel reads 32 leaves of every tree.
    leaves.append(contentsOf: repeatElement(0, count: 32))
    self.leaves = leaves
    var nodes: [ck_score_node] = []
    for tree in plan.trees {
      for node in plan.nodes[tree.firstNode..<(tree.firstNode + tree.nodeCount)] { nodes.append(Self.prepared(node)) }
    }
    self.nodes = nodes
    columns = plan.columns
  }

  private static func prepared(_ node: ScoringPlan.Node) -> ck_score_node {
    let left = UInt32(node.leftLeaves.lowerBound)
    let right = UInt32(node.leftLeaves.upperBound)
    let fourTimes: UInt32 = 0x0101_0101
    return ck_score_node(
      column: UInt32(node.column), threshold: UInt32(node.threshold) &* fourTimes, left: left &* fourTimes,
      right: right &* fourTimes)
  }

  /// Adds all trees to `scores`, row-major `[rowCount, width]`.
  ///
  /// - Parameter features: values of each feature, NaN for missing; categories as codes.
  package func add(
    features: [[Double]], rowCount: Int, width: Int, to scores: inout [Double], workers: Workers = .serial
  ) {
    precondition(scores.count == rowCount * width && features.allSatisfy { $0.count == rowCount }, "equal lengths")
    let taskCount = max(1, min(rowCount / Self.taskRows, 8 * workers.count))
    let blockCount = (rowCount + Self.blockSize - 1) / Self.blockSize
    scores.withUnsafeMutableBufferPointer { scores in
      guard let base = scores.baseAddress else { return }
      // SAFETY: tasks write the scores of disjoint rows.
      nonisolated(unsafe) let out = base
      workers.run(taskCount) { [self] task in
        let first = blockCount * task / taskCount * Self.blockSize
        let last = min(rowCount, blockCount * (task + 1) / taskCount * Self.blockSize)
        add(features, first..<last, width, out)
      }
    }
  }

  /// Rows `range`, with codes and scores of a few blocks in memory of their own.
  private func add(_ features: [[Double]], _ range: Range<Int>, _ width: Int, _ out: UnsafeMutablePointer<Double>) {
    let size = Self.blockSize
    let codesOfBlock = size * max(1, columns.count)
    let codes = Memory.allocate(UInt8.self, codesOfBlock * Self.blocksTogether)
    let part = Memory.allocate(Double.self, size * width)
    defer {
      Memory.free(codes)
      Memory.free(part)
    }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: size * Self.blocksTogether) {
      let end = min(start + size * Self.blocksTogether, range.upperBound)
      encode(features, start..<end, codes, codesOfBlock)
      for first in stride(from: start, to: end, by: size) {
        let count = min(size, end - first)
        // SAFETY: `part` holds 256 rows, of which `count` are copied; `out` holds all rows up to `range.upperBound`.
        for row in 0..<count {
          for k in 0..<width { part[k * size + row] = out[(first + row) * width + k] }
        }
        run(codes + (first - start) / size * codesOfBlock, part, width)
        for row in 0..<count {
          for k in 0..<width { out[(first + row) * width + k] = part[k * size + row] }
        }
      }
    }
  }

  private func run(_ codes: UnsafePointer<UInt8>, _ part: UnsafeMutablePointer<Double>, _ width: Int) {
    // SAFETY: all arrays were checked against each other at initialisation.
    trees.withUnsafeBufferPointer { trees in
      nodes.withUnsafeBufferPointer { nodes in
        leaves.withUnsafeBufferPointer { leaves in
          var plan = ck_score_plan(
            trees: trees.baseAddress, nodes: nodes.baseAddress, leaves: leaves.baseAddress, tree_count: trees.count,
            width: width)
          ck_score(&plan, codes, part)
        }
      }
    }
  }

  /// Codes of rows `range`: 256 bytes a column and block.
  private func encode(
    _ features: [[Double]], _ range: Range<Int>, _ codes: UnsafeMutablePointer<UInt8>, _ codesOfBlock: Int
  ) {
    let size = Self.blockSize
    for (index, column) in columns.enumerated() {
      for start in stride(from: range.lowerBound, to: range.upperBound, by: size) {
        let count = min(size, range.upperBound - start)
        let block = codes + (start - range.lowerBound) / size * codesOfBlock
        // SAFETY: every column has 256 bytes in a block; the features hold `start + count` rows.
        let out = block + index * size
        switch column {
        case .number(let feature, let bounds):
          features[feature].withUnsafeBufferPointer { values in
            bounds.withUnsafeBufferPointer { bounds in
              guard let values = values.baseAddress, let bounds = bounds.baseAddress else { return }
              ck_bin(values + start, count, bounds, out)
            }
          }
        case .missingRight(let source):
          let from = block + source * size
          for row in 0..<size { out[row] = from[row] &- 1 }
        case .category(let feature, let bytes):
          for row in 0..<count { out[row] = bytes[Int(features[feature][start + row])] }
        }
      }
    }
  }
}
