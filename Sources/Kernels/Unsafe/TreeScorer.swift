import CKernels

/// Scores batches by a plan, 64 rows at a time.
package final class TreeScorer: Sendable {
  private let trees: [ck_score_tree]
  private let nodes: [ck_score_node]
  private let masks: [UInt32]
  private let leaves: [Double]
  private let columns: [ScoringPlan.Column]

  /// Rows of one block.
  private static let blockSize = Int(CK_SCORE_ROWS)

  /// Checks the plan once, so that scoring need not.
  package init(_ plan: ScoringPlan) {
    var masks: [UInt32] = []
    var nodes: [ck_score_node] = []
    for tree in plan.trees {
      precondition(
        (1...256).contains(tree.leafCount) && tree.firstLeaf + tree.leafCount <= plan.leaves.count, "leaves in range")
      for node in plan.nodes[tree.firstNode..<(tree.firstNode + tree.nodeCount)] {
        precondition(
          node.leftLeaves.lowerBound >= 0 && node.leftLeaves.upperBound < tree.leafCount, "leaf sets in range")
        precondition(plan.columns.indices.contains(node.column) && !node.leftLeaves.isEmpty, "columns in range")
        let planes = (node.leftLeaves.lowerBound >> 3)...((node.leftLeaves.upperBound - 1) >> 3)
        nodes.append(
          ck_score_node(
            column: UInt32(node.column), threshold: UInt32(node.threshold) &* 0x0101_0101,
            first_plane: UInt32(planes.lowerBound),
            plane_count: UInt32(planes.count), first_mask: UInt32(masks.count)))
        for plane in planes { masks.append(Self.mask(plane, node.leftLeaves)) }
      }
    }
    trees = plan.trees.map {
      ck_score_tree(
        first_node: UInt32($0.firstNode), node_count: UInt32($0.nodeCount), first_leaf: UInt32($0.firstLeaf),
        plane_count: UInt32(($0.leafCount + 7) / 8))
    }
    for (index, column) in plan.columns.enumerated() {
      if case .missingRight(let source) = column { precondition(source < index, "sources come first") }
      if case .number(_, let bounds) = column { precondition(bounds.count == 256, "256 bounds") }
    }
    self.nodes = nodes
    self.masks = masks
    leaves = plan.leaves
    columns = plan.columns
  }

  /// Bits of one byte of the leaf set that stay when `gone` leaves go, four times.
  private static func mask(_ plane: Int, _ gone: Range<Int>) -> UInt32 {
    var byte: UInt32 = 0
    for bit in 0..<8 where !gone.contains(8 * plane + bit) { byte |= 1 << UInt32(bit) }
    return byte &* 0x0101_0101
  }

  /// Adds all trees to `scores`, row-major `[rowCount, width]`.
  ///
  /// - Parameter features: values of each feature, NaN for missing; categories as codes.
  package func add(features: [[Double]], rowCount: Int, width: Int, to scores: inout [Double]) {
    precondition(scores.count == rowCount * width && features.allSatisfy { $0.count == rowCount }, "equal lengths")
    let size = Self.blockSize
    let codes = Memory.allocate(UInt8.self, size * max(1, columns.count))
    let part = Memory.allocate(Double.self, size * width)
    defer {
      Memory.free(codes)
      Memory.free(part)
    }
    scores.withUnsafeMutableBufferPointer { scores in
      guard let out = scores.baseAddress else { return }
      for start in stride(from: 0, to: rowCount, by: size) {
        let count = min(size, rowCount - start)
        encode(features, start, count, codes)
        // SAFETY: `part` holds 64 rows, of which `count` are copied; node and leaf indices were checked at
        // initialisation.
        part.update(from: out + start * width, count: count * width)
        run(codes, part, width)
        (out + start * width).update(from: part, count: count * width)
      }
    }
  }

  private func run(_ codes: UnsafePointer<UInt8>, _ part: UnsafeMutablePointer<Double>, _ width: Int) {
    // SAFETY: all arrays were checked against each other at initialisation.
    trees.withUnsafeBufferPointer { trees in
      nodes.withUnsafeBufferPointer { nodes in
        masks.withUnsafeBufferPointer { masks in
          leaves.withUnsafeBufferPointer { leaves in
            ck_score(
              trees.baseAddress, trees.count, nodes.baseAddress, masks.baseAddress, leaves.baseAddress, codes, part,
              width)
          }
        }
      }
    }
  }

  /// Codes of rows `start ..< start + count`, 64 bytes a column.
  private func encode(_ features: [[Double]], _ start: Int, _ count: Int, _ codes: UnsafeMutablePointer<UInt8>) {
    let size = Self.blockSize
    for (index, column) in columns.enumerated() {
      // SAFETY: every column has 64 bytes; `count` is at most 64 and the features hold `start + count` rows.
      let out = codes + index * size
      switch column {
      case .number(let feature, let bounds):
        features[feature].withUnsafeBufferPointer { values in
          bounds.withUnsafeBufferPointer { bounds in
            guard let values = values.baseAddress, let bounds = bounds.baseAddress else { return }
            ck_bin(values + start, count, bounds, out)
          }
        }
      case .missingRight(let source):
        let from = codes + source * size
        for row in 0..<size { out[row] = from[row] &- 1 }
      case .category(let feature, let bytes):
        for row in 0..<count { out[row] = bytes[Int(features[feature][start + row])] }
      }
    }
  }
}
