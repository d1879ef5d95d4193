import CKernels

/// Scores one row at a time by a plan: lanes are trees. Takes no memory from the heap.
package final class TreeRowScorer: @unchecked Sendable {
  // SAFETY: nothing changes after initialisation.
  private let nodes: UnsafeMutablePointer<UInt8>
  private let nodeCounts: [UInt32]
  private let firstLeaves: [UInt32]
  private let leaves: [Double]
  private let encoding: RowEncoding
  private let width: Int

  /// Most columns of codes a row may have.
  private static let columnLimit = 128
  private static let lanes = Int(CK_ROW_LANES)

  /// `nil` where the machine has no kernel for it or the plan has too many columns.
  package init?(_ plan: ScoringPlan, width: Int) {
    guard ck_score_row_available() == 1, plan.columns.count <= Self.columnLimit, !plan.trees.isEmpty else { return nil }
    plan.check()
    let lanes = Self.lanes
    let groups = stride(from: 0, to: plan.trees.count, by: lanes).map {
      Array(plan.trees[$0..<min($0 + lanes, plan.trees.count)])
    }
    nodeCounts = groups.map { UInt32($0.map(\.nodeCount).max() ?? 0) }
    firstLeaves = plan.trees.map { UInt32($0.firstLeaf) }
    leaves = plan.leaves
    encoding = RowEncoding(plan.columns)
    self.width = width
    let positions = nodeCounts.reduce(0) { $0 + Int($1) }
    nodes = Memory.allocate(UInt8.self, max(1, positions) * 4 * lanes)
    var place = nodes
    for (group, count) in zip(groups, nodeCounts) {
      for position in 0..<Int(count) {
        // SAFETY: every position has `4 * lanes` bytes.
        for lane in 0..<lanes { place[lanes + lane] = 255 }
        for (lane, tree) in group.enumerated() where position < tree.nodeCount {
          let node = plan.nodes[tree.firstNode + position]
          place[lane] = UInt8(node.column)
          place[lanes + lane] = node.threshold
          place[2 * lanes + lane] = UInt8(node.leftLeaves.lowerBound)
          place[3 * lanes + lane] = UInt8(node.leftLeaves.upperBound)
        }
        place += 4 * lanes
      }
    }
  }

  deinit { Memory.free(nodes) }

  /// Adds all trees to the scores of a few rows, row-major `[rowCount, width]`.
  ///
  /// - Parameter features: values of each feature, NaN for missing; categories as codes that lie in their sets.
  package func add(features: [[Double]], rowCount: Int, to scores: inout [Double]) {
    precondition(scores.count == rowCount * width && features.allSatisfy { $0.count == rowCount }, "equal lengths")
    var all = scores.mutableSpan
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, features.count)) { values in
      for row in 0..<rowCount {
        for (feature, column) in features.enumerated() { values.initializeElement(at: feature, to: column[row]) }
        var own = all._mutatingExtracting(row * width..<(row + 1) * width)
        add(row: UnsafeBufferPointer(values).span.extracting(first: features.count), to: &own)
      }
    }
  }

  /// Adds all trees to the scores of one row.
  ///
  /// - Parameter row: values of each feature, NaN for missing; categories as codes that lie in their sets.
  package func add(row: Span<Double>, to scores: inout MutableSpan<Double>) {
    precondition(scores.count == width && row.count >= encoding.featureCount, "one row")
    // SAFETY: columns name features of the row (checked above), earlier columns, or bytes of their own; leaves were
    // checked with the plan.
    row.withUnsafeBufferPointer { row in
      scores.withUnsafeMutableBufferPointer { scores in
        nodeCounts.withUnsafeBufferPointer { counts in
          firstLeaves.withUnsafeBufferPointer { firstLeaves in
            leaves.withUnsafeBufferPointer { leaves in
              encoding.withPlan { plan in
                plan.nodes = UnsafePointer(nodes)
                plan.node_counts = counts.baseAddress
                plan.first_leaves = firstLeaves.baseAddress
                plan.leaves = leaves.baseAddress
                plan.tree_count = firstLeaves.count
                plan.width = width
                ck_score_row(&plan, row.baseAddress, scores.baseAddress)
              }
            }
          }
        }
      }
    }
  }
}

/// How the codes of one row are made, in flat arrays.
private struct RowEncoding {
  private var sources: [UInt32] = []
  private var kinds: [UInt8] = []
  private var offsets: [UInt32] = []
  private var bounds: [Double] = []
  private var pivots: [Double] = []
  private var bytes: [UInt8] = []
  /// Features a row has at least.
  private(set) var featureCount = 0

  init(_ columns: [ScoringPlan.Column]) {
    for column in columns {
      switch column {
      case .number(let feature, let all):
        add(0, feature, bounds.count / 256)
        bounds.append(contentsOf: all)
        for pivot in stride(from: 15, to: 256, by: 16) { pivots.append(all[pivot]) }
        featureCount = max(featureCount, feature + 1)
      case .missingRight(let source): add(1, source, 0)
      case .category(let feature, let own):
        add(2, feature, bytes.count)
        bytes.append(contentsOf: own)
        featureCount = max(featureCount, feature + 1)
      }
    }
  }

  private mutating func add(_ kind: UInt8, _ source: Int, _ offset: Int) {
    kinds.append(kind)
    sources.append(UInt32(source))
    offsets.append(UInt32(offset))
  }

  /// Lends a plan whose columns are filled in.
  func withPlan(_ body: (inout ck_row_plan) -> Void) {
    // SAFETY: the pointers live as long as the call.
    sources.withUnsafeBufferPointer { sources in
      kinds.withUnsafeBufferPointer { kinds in
        offsets.withUnsafeBufferPointer { offsets in
          bounds.withUnsafeBufferPointer { bounds in
            pivots.withUnsafeBufferPointer { pivots in
              bytes.withUnsafeBufferPointer { bytes in
                var plan = ck_row_plan()
                plan.sources = sources.baseAddress
                plan.kinds = kinds.baseAddress
                plan.offsets = offsets.baseAddress
                plan.bounds = bounds.baseAddress
                plan.pivots = pivots.baseAddress
                plan.bytes = bytes.baseAddress
                plan.column_count = sources.count
                body(&plan)
              }
            }
          }
        }
      }
    }
  }
}
