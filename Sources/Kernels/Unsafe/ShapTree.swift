import CKernels

/// One tree as `ShapTree` takes it. A child at or above 0 is a node after its parent, below 0 the complement of a leaf.
package struct ShapSource: Sendable {
  /// Feature of each node.
  package var feature: [Int32] = []
  /// Numbers at most this go left.
  package var threshold: [Double] = []
  /// 1 where missing values go left.
  package var missingLeft: [UInt8] = []
  /// First word of a category node's set; −1 for numbers.
  package var set: [Int32] = []
  /// Where the left rows go.
  package var left: [Int32] = []
  /// Where the right rows go.
  package var right: [Int32] = []
  /// Bits of category sets.
  package var words: [UInt32] = []
  /// Values of all leaves, `leafWidth` each.
  package var leaves: [Double] = []
  /// Values a leaf has.
  package var leafWidth = 1
  /// Training rows of each leaf; empty where they are not known.
  package var cover: [Double] = []
  /// Output column of each feature.
  package var columns: [Int32] = []

  /// No trees.
  package init() {}
}

/// One tree prepared for Shapley values.
///
/// Path-dependent values follow Lundberg et al., *Consistent individualized feature attribution for tree ensembles*,
/// 2018, in the time of Yu et al., *Linear TreeSHAP*, NeurIPS 2022: one way down and one way up per row. Interventional
/// values follow Lundberg et al., *From local explanations to global understanding with explainable AI for trees*,
/// Nature Machine Intelligence 2, 2020, over distinct patterns of passed tests.
package final class ShapTree: Sendable {
  private let source: ShapSource
  private let factors: [Double]
  private let weights: [Double]
  private let featureCounts: [Int]
  /// Output column of each slot of each leaf's path.
  private let slots: [[Int32]]
  private let leafNumbers: [Int32]
  /// Weighted mean of the leaves by their training rows; empty where those are not known.
  package let expected: [Double]

  /// Nodes, leaves included.
  package var nodeCount: Int { prepared.count }
  /// Features on the path with the most.
  package var longestPath: Int { featureCounts.max() ?? 0 }

  /// Prepares the tree at `root`; the nodes of `source` have been checked. Without covers, or with `byPaths` false, it
  /// is good for interventional values only.
  package init(_ source: ShapSource, root: Int32, byPaths: Bool) {
    self.source = source
    var walk = ShapWalk(source, root)
    walk.run()
    featureCounts = walk.featureCounts
    slots = walk.slots
    leafNumbers = walk.nodes.filter { $0.leaf >= 0 }.map(\.leaf)
    guard byPaths, !source.cover.isEmpty else {
      (factors, weights, expected, prepared) = ([], [], [], walk.nodes)
      return
    }
    let count = max(4, ((walk.featureCounts.max() ?? 0) / 2 + 4) / 4 * 4)
    let rule = GaussLegendre.rule(count)
    weights = rule.weights
    let shares = walk.shares()
    for index in walk.nodes.indices { walk.nodes[index].ratio = shares.ratios[index] }
    factors = ShapWalk.factors(walk.nodes, shares.passed, rule.points)
    expected = walk.expected()
    prepared = walk.nodes
  }

  /// Nodes with their shares of rows.
  private let prepared: [ck_shap_node]

  /// Adds the path-dependent values of rows.
  ///
  /// - Parameters:
  ///   - values: of the rows, `values[feature * rowCount + row]`.
  ///   - out: row-major `[row, output, column]`; leaf value `k` belongs to output `output + k`.
  package func addPaths(
    values: Span<Double>, rowCount: Int, output: Int, shape: (outputs: Int, columns: Int),
    to out: inout MutableSpan<Double>
  ) {
    precondition(!factors.isEmpty && out.count == rowCount * shape.outputs * shape.columns, "prepared for paths")
    precondition(output + source.leafWidth <= shape.outputs && fits(values.count, rowCount, shape.columns), "in range")
    let points = weights.count
    let scratch = Memory.allocate(Double.self, 2 * points * prepared.count)
    let flags = Memory.allocate(UInt8.self, 2 * prepared.count)
    defer {
      Memory.free(scratch)
      Memory.free(flags)
    }
    // SAFETY: sizes checked above, scratch as the kernel asks; columns and features were checked by `fits`.
    values.withUnsafeBufferPointer { values in
      out.withUnsafeMutableBufferPointer { out in
        guard let from = values.baseAddress, let to = out.baseAddress else { return }
        withTree { tree in
          ck_shap_paths(
            &tree, from, rowCount, rowCount, to + output * shape.columns, shape.outputs * shape.columns, shape.columns,
            scratch, flags)
        }
      }
    }
  }

  private func fits(_ valueCount: Int, _ rowCount: Int, _ columns: Int) -> Bool {
    source.columns.count * rowCount <= valueCount && source.columns.allSatisfy { $0 >= 0 && $0 < columns }
  }

  private func withTree<R>(_ body: (inout ck_shap_tree) -> R) -> R {
    // SAFETY: the arrays outlive `body`.
    prepared.withUnsafeBufferPointer { nodes in
      factors.withUnsafeBufferPointer { factors in
        weights.withUnsafeBufferPointer { weights in
          source.words.withUnsafeBufferPointer { words in
            source.leaves.withUnsafeBufferPointer { leaves in
              var tree = ck_shap_tree(
                nodes: nodes.baseAddress, count: nodes.count, factors: factors.baseAddress,
                weights: weights.baseAddress, points: weights.count, words: words.baseAddress,
                leaves: leaves.baseAddress, leaf_width: source.leafWidth)
              return body(&tree)
            }
          }
        }
      }
    }
  }

  // MARK: against a background

  /// a! b! / (a + b + 1)! at `64 * a + b`.
  private static let orders: [Double] = {
    var table = [Double](repeating: 0, count: 64 * 65 + 65)
    for a in 0..<65 {
      for b in 0..<64 {
        table[64 * a + b] =
          a == 0 ? 1 / Double(b + 1) : table[64 * (a - 1) + b] * Double(a) / Double(a + b + 1)
      }
    }
    return table
  }()

  /// Adds the values of rows against background rows; no path may have over 63 features.
  ///
  /// - Parameters:
  ///   - values: of the rows, `values[feature * rowCount + row]`; `background` alike.
  ///   - out: row-major `[row, output, column]`; leaf value `k` belongs to output `output + k`.
  package func addInterventions(
    values: Span<Double>, rowCount: Int, background: Span<Double>, backgroundCount: Int, output: Int,
    shape: (outputs: Int, columns: Int), to out: inout MutableSpan<Double>
  ) {
    precondition(longestPath < 64 && out.count == rowCount * shape.outputs * shape.columns, "sizes")
    precondition(
      output + source.leafWidth <= shape.outputs && fits(values.count, rowCount, shape.columns)
        && fits(background.count, backgroundCount, shape.columns) && backgroundCount > 0, "in range")
    var capacity = 16
    while capacity < 2 * max(rowCount, backgroundCount) + 2 { capacity *= 2 }
    let spare = InterventionSpare(leafNumbers.count, rowCount, backgroundCount, capacity, prepared.count)
    // SAFETY: sizes as the kernels ask; masks stand in the order of leaves among the nodes.
    withTree { tree in
      values.withUnsafeBufferPointer {
        ck_shap_masks(&tree, $0.baseAddress, rowCount, rowCount, spare.masks, spare.words)
      }
      background.withUnsafeBufferPointer {
        ck_shap_masks(
          &tree, $0.baseAddress, backgroundCount, backgroundCount, spare.others, spare.words)
      }
    }
    out.withUnsafeMutableBufferPointer { out in
      guard let base = out.baseAddress else { return }
      for (place, leaf) in leafNumbers.enumerated() {
        let used = ck_shap_distinct(
          spare.others + place * backgroundCount, backgroundCount, spare.keys, spare.counts, spare.table, spare.places,
          capacity)
        let scaled = (0..<source.leafWidth).map {
          source.leaves[Int(leaf) * source.leafWidth + $0] / Double(backgroundCount)
        }
        let full: UInt64 = (1 << UInt64(featureCounts[place])) - 1
        slots[place].withUnsafeBufferPointer { columns in
          scaled.withUnsafeBufferPointer { leaf in
            Self.orders.withUnsafeBufferPointer { orders in
              ck_shap_leaf(
                full, columns.baseAddress, Int32(columns.count), spare.keys, spare.counts, used, orders.baseAddress,
                leaf.baseAddress, source.leafWidth, spare.masks + place * rowCount, rowCount,
                base + output * shape.columns, shape.outputs * shape.columns, shape.columns, spare.table, spare.places,
                capacity, spare.shares)
            }
          }
        }
      }
    }
  }
}

/// Memory of one call.
private final class InterventionSpare {
  let masks, others, keys, table, words: UnsafeMutablePointer<UInt64>
  let counts, shares: UnsafeMutablePointer<Double>
  let places: UnsafeMutablePointer<Int32>

  init(_ leaves: Int, _ rows: Int, _ background: Int, _ capacity: Int, _ nodes: Int) {
    masks = Memory.allocate(UInt64.self, leaves * rows)
    others = Memory.allocate(UInt64.self, leaves * background)
    keys = Memory.allocate(UInt64.self, background)
    table = Memory.allocate(UInt64.self, capacity)
    words = Memory.allocate(UInt64.self, nodes)
    counts = Memory.allocate(Double.self, background)
    shares = Memory.allocate(Double.self, 64 * rows)
    places = Memory.allocate(Int32.self, capacity)
  }

  deinit {
    for memory in [masks, others, keys, table, words] { Memory.free(memory) }
    Memory.free(counts)
    Memory.free(shares)
    Memory.free(places)
  }
}
