import Kernels

/// What one value of a prepared row is.
package struct RowFeature: Sendable, Hashable {
  /// Place of the schema field.
  package let field: Int
  /// Element of a vector field.
  package let element: Int?
  /// For categories: the code of each level in the schema's order; an unknown level is 1, missing 0. Empty for numbers,
  /// whose missing value is NaN.
  package let codes: [Int32]

  init(_ feature: TreeFeature) {
    field = feature.field
    element = feature.element
    if case .categories(let codes, _) = feature.coding { self.codes = codes } else { codes = [] }
  }
}

/// The fast way through trees: leaf sets for small trees, walking for large ones; equal to the paths to the last bit.
enum TreeScoring: Sendable {
  /// Leaf sets for batches, walking for single rows.
  case sets(TreeScorer, TreeWalker)
  /// Walking.
  case walk(TreeWalker)
  /// Row by row along the paths: for what no plan can hold.
  case paths(TreeNodes)

  /// Rows from which scoring by blocks pays.
  private static let batchSize = 8

  /// Prepares `trees`.
  init(_ trees: TreeNodes, _ features: [TreeFeature], width: Int) {
    guard let walk = trees.walkPlan(features, width: width).map(TreeWalker.init) else {
      self = .paths(trees)
      return
    }
    if trees.leafWidth == 1, let sets = trees.plan(features).map(TreeScorer.init) {
      self = .sets(sets, walk)
    } else {
      self = .walk(walk)
    }
  }

  /// Scores of all rows, row-major `[rowCount, baseline.count]`.
  func scores(_ table: FeatureTable, baseline: [Double]) -> [Double] {
    if case .paths(let trees) = self { return trees.scores(table, baseline: baseline) }
    var scores: [Double] = []
    scores.reserveCapacity(table.rowCount * baseline.count)
    for _ in 0..<table.rowCount { scores.append(contentsOf: baseline) }
    switch self {
    case .sets(let scorer, _) where table.rowCount >= Self.batchSize:
      scorer.add(features: table.columns, rowCount: table.rowCount, width: baseline.count, to: &scores)
    case .sets(_, let walker), .walk(let walker):
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
    case .sets(_, let walker), .walk(let walker): walker.add(row: row, to: &scores)
    case .paths(let trees): trees.add(row: row, to: &scores)
    }
  }
}
