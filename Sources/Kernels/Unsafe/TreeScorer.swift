package import Basics
import CKernels

/// Scores batches by a plan, 256 rows at a time, tree by tree.
package final class TreeScorer: @unchecked Sendable {
  // SAFETY: nothing changes after initialisation; calls write memory of their own.
  private let trees: [ck_score_tree]
  private let nodes: [ck_score_node]
  private let leaves: [Double]
  /// Columns that many nodes share: numbers.
  private let shared: [ScoringPlan.Column]
  /// Columns of one node each, in the order of their trees: categories.
  private let own: [(feature: Int, bytes: [UInt8])]
  /// Features whose categories are looked up.
  private let categoryFeatures: [Int]
  private let groups: [Group]
  /// Columns of codes that a block has room for.
  private let columnCount: Int

  /// Trees that are scored together, so that the codes of their own columns stay in cache.
  private struct Group {
    var trees: Range<Int>
    var firstNode: Int
    var own: Range<Int>
  }

  /// Rows of one block.
  private static let blockSize = Int(CK_SCORE_ROWS)
  /// Blocks whose codes are made together: the bounds of a column then stay in the nearest cache.
  private static let blocksTogether = 4
  /// Rows of a task at least.
  private static let taskRows = 8192
  /// Own columns of a group, unless one tree alone has more.
  private static let groupColumns = 96

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
    let layout = Layout(plan, groupColumns: Self.groupColumns)
    (shared, own, groups, nodes) = (layout.shared, layout.own, layout.groups, layout.nodes)
    categoryFeatures = Set(layout.own.map(\.feature)).sorted()
    columnCount = layout.shared.count + (layout.groups.map(\.own.count).max() ?? 0)
  }

  /// Where the columns of a plan go.
  private struct Layout {
    var shared: [ScoringPlan.Column] = []
    var own: [(feature: Int, bytes: [UInt8])] = []
    var groups: [Group] = []
    var nodes: [ck_score_node] = []

    init(_ plan: ScoringPlan, groupColumns: Int) {
      var places = [Int](repeating: 0, count: plan.columns.count)
      for (index, column) in plan.columns.enumerated() {
        guard !column.isCategory else { continue }
        places[index] = shared.count
        // Sources are shared columns themselves, and come first.
        if case .missingRight(let source) = column {
          shared.append(.missingRight(of: places[source]))
        } else {
          shared.append(column)
        }
      }
      for (index, tree) in plan.trees.enumerated() {
        let range = tree.firstNode..<(tree.firstNode + tree.nodeCount)
        let wanted = plan.nodes[range].count { plan.columns[$0.column].isCategory }
        if groups.last.map({ $0.own.count + wanted > groupColumns }) ?? true {
          groups.append(Group(trees: index..<index, firstNode: nodes.count, own: own.count..<own.count))
        }
        let first = groups[groups.count - 1].own.lowerBound
        for node in plan.nodes[range] {
          var place = places[node.column]
          if case .category(let feature, let bytes) = plan.columns[node.column] {
            place = shared.count + own.count - first
            own.append((feature, bytes))
          }
          nodes.append(TreeScorer.prepared(node, column: place))
        }
        groups[groups.count - 1].trees = groups[groups.count - 1].trees.lowerBound..<(index + 1)
        groups[groups.count - 1].own = first..<own.count
      }
    }
  }

  private static func prepared(_ node: ScoringPlan.Node, column: Int) -> ck_score_node {
    let left = UInt32(node.leftLeaves.lowerBound)
    let right = UInt32(node.leftLeaves.upperBound)
    let fourTimes: UInt32 = 0x0101_0101
    return ck_score_node(
      column: UInt32(column), threshold: UInt32(node.threshold) &* fourTimes, left: left &* fourTimes,
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
    let together = size * Self.blocksTogether
    let codes = Memory.allocate(UInt8.self, together * max(1, columnCount))
    let part = Memory.allocate(Double.self, together * width)
    let categories = Memory.allocate(UInt32.self, together * max(1, categoryFeatures.count))
    defer {
      Memory.free(codes)
      Memory.free(part)
      Memory.free(categories)
    }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: together) {
      let rows = start..<min(start + together, range.upperBound)
      encode(features, rows, codes)
      readCategories(features, rows, categories)
      // SAFETY: `part` holds four blocks, of which `rows` are copied; `out` holds all rows up to `range.upperBound`.
      for row in 0..<rows.count {
        for k in 0..<width { part[(row / size * width + k) * size + row % size] = out[(start + row) * width + k] }
      }
      for group in groups {
        look(group, rows.count, categories, codes)
        for block in 0..<((rows.count + size - 1) / size) {
          run(group, codes + block * size * columnCount, part + block * size * width, width)
        }
      }
      for row in 0..<rows.count {
        for k in 0..<width { out[(start + row) * width + k] = part[(row / size * width + k) * size + row % size] }
      }
    }
  }

  private func run(
    _ group: Group, _ codes: UnsafePointer<UInt8>, _ part: UnsafeMutablePointer<Double>, _ width: Int
  ) {
    // SAFETY: all arrays were checked against each other at initialisation.
    trees.withUnsafeBufferPointer { trees in
      nodes.withUnsafeBufferPointer { nodes in
        leaves.withUnsafeBufferPointer { leaves in
          var plan = ck_score_plan(
            trees: trees.baseAddress.map { $0 + group.trees.lowerBound },
            nodes: nodes.baseAddress.map { $0 + group.firstNode }, leaves: leaves.baseAddress,
            tree_count: group.trees.count, width: width, first: group.trees.lowerBound % width)
          ck_score(&plan, codes, part)
        }
      }
    }
  }

  /// Codes of the shared columns for `rows`: 256 bytes a column and block.
  private func encode(_ features: [[Double]], _ rows: Range<Int>, _ codes: UnsafeMutablePointer<UInt8>) {
    let size = Self.blockSize
    for (index, column) in shared.enumerated() {
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: size) {
        let count = min(size, rows.upperBound - start)
        let block = codes + (start - rows.lowerBound) * columnCount
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
        case .category: preconditionFailure("categories are no shared columns")
        }
      }
    }
  }

  /// Category codes of `rows`, feature by feature.
  private func readCategories(_ features: [[Double]], _ rows: Range<Int>, _ out: UnsafeMutablePointer<UInt32>) {
    let together = Self.blockSize * Self.blocksTogether
    for (place, feature) in categoryFeatures.enumerated() {
      let codes = out + place * together
      features[feature].withUnsafeBufferPointer { values in
        // SAFETY: `rows` are at most `together`.
        for row in 0..<rows.count { codes[row] = UInt32(values[rows.lowerBound + row]) }
      }
    }
  }

  /// Codes of the columns that the trees of `group` have of their own.
  private func look(
    _ group: Group, _ rowCount: Int, _ categories: UnsafePointer<UInt32>, _ codes: UnsafeMutablePointer<UInt8>
  ) {
    let size = Self.blockSize
    for index in group.own {
      let (feature, bytes) = own[index]
      let place = shared.count + index - group.own.lowerBound
      let from = categories + (categoryFeatures.firstIndex(of: feature) ?? 0) * size * Self.blocksTogether
      bytes.withUnsafeBufferPointer { bytes in
        for start in stride(from: 0, to: rowCount, by: size) {
          // SAFETY: codes not below `bytes.count` read the last byte.
          ck_look_up(
            from + start, min(size, rowCount - start), bytes.baseAddress, UInt32(bytes.count),
            codes + start * columnCount + place * size)
        }
      }
    }
  }
}

extension ScoringPlan.Column {
  /// Whether it is of one node's categories.
  fileprivate var isCategory: Bool { if case .category = self { true } else { false } }
}
