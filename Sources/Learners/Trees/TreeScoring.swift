import Basics
import Kernels
import Modeling

extension RowFeature {
  init(_ feature: TreeFeature) {
    var own: [Int32] = []
    if case .categories(let codes, _) = feature.coding { own = codes }
    self.init(field: feature.field, element: feature.element, codes: own)
  }
}

/// The fast way through trees: by all nodes at once for small trees, walking for large ones; equal to the paths to the
/// last bit.
enum TreeScoring: Sendable {
  /// Trees of at most 256 leaves: all nodes, for batches and, where the machine can, for single rows.
  case nodes(TreeScorer, TreeRowScorer?, TreeWalker)
  /// Walking.
  case walk(TreeWalker)
  /// Row by row along the paths: for what no plan can hold.
  case paths(TreeNodes)

  /// Rows from which scoring by blocks pays, where rows can be scored one by one and where they must be walked.
  private static let batchSize = (besideRows: 64, besideWalks: 8)

  /// Prepares `trees`.
  init(_ trees: TreeNodes, _ features: [TreeFeature], width: Int) {
    guard let walk = trees.walkPlan(features, width: width).map(TreeWalker.init) else {
      self = .paths(trees)
      return
    }
    if trees.leafWidth == 1, let plan = trees.plan(features) {
      self = .nodes(TreeScorer(plan), TreeRowScorer(plan, width: width), walk)
    } else {
      self = .walk(walk)
    }
  }

  /// Scores of all rows, row-major `[rowCount, baseline.count]`.
  func scores(_ table: FeatureTable, baseline: [Double], workers: Workers) -> [Double] {
    if case .paths(let trees) = self { return trees.scores(table, baseline: baseline) }
    var scores = [Double](repeating: baseline[0], count: table.rowCount * baseline.count)
    if baseline.count > 1 {
      for index in scores.indices { scores[index] = baseline[index % baseline.count] }
    }
    switch self {
    case .nodes(_, let scorer?, _) where table.rowCount < Self.batchSize.besideRows:
      scorer.add(features: table.columns, rowCount: table.rowCount, to: &scores)
    case .nodes(let scorer, _, _) where table.rowCount >= Self.batchSize.besideWalks:
      scorer.add(
        features: table.columns, rowCount: table.rowCount, width: baseline.count, to: &scores, workers: workers)
    case .nodes(_, _, let walker), .walk(let walker):
      walker.add(features: table.columns, rowCount: table.rowCount, to: &scores)
    case .paths: break
    }
    return scores
  }

  /// Adds the scores of one row, without memory of its own.
  ///
  /// - Parameter row: values of each feature, NaN for missing; categories as codes.
  func add(row: Span<Double>, to scores: inout MutableSpan<Double>) {
    switch self {
    case .nodes(_, let scorer?, _): scorer.add(row: row, to: &scores)
    case .nodes(_, nil, let walker), .walk(let walker): walker.add(row: row, to: &scores)
    case .paths(let trees): trees.add(row: row, to: &scores)
    }
  }
}
