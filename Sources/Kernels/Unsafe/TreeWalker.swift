import CKernels

/// Scores rows by walking trees, 16 rows at a time; for trees too large for leaf sets.
package final class TreeWalker: Sendable {
  private let nodes: [ck_walk_node]
  private let plan: WalkPlan

  /// Bytes of codes that one block of rows takes at most.
  private static let blockBytes = 512 << 10

  /// Checks the plan once, so that scoring need not.
  package init(_ plan: WalkPlan) {
    let count = plan.child.count
    precondition(
      plan.column.count == count && plan.threshold.count == count && plan.payload.count == count
        && plan.width > 0 && (plan.leafWidth == 1 || plan.leafWidth == plan.width), "one entry a node")
    let leafCount = plan.leaves.count / plan.leafWidth
    precondition(plan.leaves.count == leafCount * plan.leafWidth, "whole leaves")
    precondition(plan.roots.allSatisfy { $0 >= 0 && Int($0) < count }, "roots in range")
    for node in 0..<count {
      let child = Int(plan.child[node])
      let payload = Int(plan.payload[node])
      if child == node {
        precondition(payload >= 0 && payload < leafCount && plan.threshold[node] == .max, "leaves in range")
      } else {
        precondition(child > node && child + 1 < count && payload < plan.words.count, "children in range")
      }
      precondition(Int(plan.column[node]) < max(1, plan.columns.count), "columns in range")
    }
    for (index, column) in plan.columns.enumerated() {
      if case .missingRight(let source) = column { precondition(source < index, "sources come first") }
    }
    nodes = (0..<count).map {
      ck_walk_node(column: plan.column[$0], threshold: plan.threshold[$0], child: plan.child[$0])
    }
    var kept = plan
    kept.column = []
    kept.threshold = []
    kept.child = []
    self.plan = kept
  }

  private var stride: Int { max(1, plan.columns.count) }

  /// Adds all trees to `scores`, row-major `[rowCount, width]`.
  ///
  /// - Parameter features: values of each feature, NaN for missing; categories as codes that lie in their sets.
  package func add(features: [[Double]], rowCount: Int, to scores: inout [Double]) {
    precondition(
      scores.count == rowCount * plan.width && features.allSatisfy { $0.count == rowCount }, "equal lengths")
    let size = min(max(64, Self.blockBytes / (2 * stride) / 64 * 64), 32768, (rowCount + 15) / 16 * 16)
    let codes = Memory.allocate(UInt16.self, max(1, size) * stride)
    defer { Memory.free(codes) }
    scores.withUnsafeMutableBufferPointer { scores in
      guard let out = scores.baseAddress, size > 0 else { return }
      for start in Swift.stride(from: 0, to: rowCount, by: size) {
        let count = min(size, rowCount - start)
        // SAFETY: `codes` holds `size` rows and a little beyond; `scores` holds `start + count` rows.
        for (index, column) in plan.columns.enumerated() {
          encode(column, index, codes, count) { feature, body in
            features[feature].withUnsafeBufferPointer { if let base = $0.baseAddress { body(base + start) } }
          }
        }
        walk(codes, count, out + start * plan.width)
      }
    }
  }

  /// Adds all trees to the scores of one row.
  ///
  /// - Parameter row: values of each feature, NaN for missing; categories as codes that lie in their sets.
  package func add(row: Span<Double>, to scores: inout MutableSpan<Double>) {
    precondition(scores.count == plan.width, "one row")
    // SAFETY: the scratch memory holds one row of codes and two words beyond, which the kernel may read.
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: stride + 2) { codes in
      guard let base = codes.baseAddress else { return }
      row.withUnsafeBufferPointer { row in
        for (index, column) in plan.columns.enumerated() {
          encode(column, index, base, 1) { feature, body in
            precondition(feature < row.count, "a value a feature")
            if let values = row.baseAddress { body(values + feature) }
          }
        }
      }
      scores.withUnsafeMutableBufferPointer { if let out = $0.baseAddress { walk(base, 1, out) } }
    }
  }

  private func encode(
    _ column: WalkPlan.Column, _ index: Int, _ codes: UnsafeMutablePointer<UInt16>, _ count: Int,
    _ values: (Int, (UnsafePointer<Double>) -> Void) -> Void
  ) {
    let stride = stride
    switch column {
    case .number(let feature, let bounds):
      // SAFETY: `values` lends `count` numbers, `codes` holds `count` rows.
      values(feature) { numbers in
        bounds.withUnsafeBufferPointer { ck_rank(numbers, count, $0.baseAddress, $0.count, codes + index, stride) }
      }
    case .missingRight(let source):
      for row in 0..<count { codes[row * stride + index] = codes[row * stride + source] &- 1 }
    case .category(let feature):
      values(feature) { numbers in
        for row in 0..<count { codes[row * stride + index] = UInt16(numbers[row]) }
      }
    }
  }

  private func walk(_ codes: UnsafePointer<UInt16>, _ count: Int, _ scores: UnsafeMutablePointer<Double>) {
    // SAFETY: all arrays were checked against each other at initialisation; children come after their parents, so
    // every walk ends in a leaf.
    nodes.withUnsafeBufferPointer { nodes in
      plan.payload.withUnsafeBufferPointer { payload in
        plan.words.withUnsafeBufferPointer { words in
          plan.roots.withUnsafeBufferPointer { roots in
            plan.leaves.withUnsafeBufferPointer { leaves in
              var prepared = ck_walk_plan(
                nodes: nodes.baseAddress, payload: payload.baseAddress, words: words.baseAddress,
                roots: roots.baseAddress, tree_count: roots.count, leaves: leaves.baseAddress,
                leaf_width: plan.leafWidth, width: plan.width, has_categories: plan.hasCategories ? 1 : 0)
              ck_walk(&prepared, codes, stride, count, scores)
            }
          }
        }
      }
    }
  }
}
