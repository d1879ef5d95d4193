import Evaluation
import Frames
import Modeling

/// How many rows are explained together, and how closely, so that it takes seconds.
struct ExplanationEffort {
  /// Rows whose shares are shown.
  let rowCount: Int
  /// How members that do not know their shares are asked for those rows; single rows are asked more closely.
  let method: Shapley.Method

  /// Paths of trees gone through, over all rows.
  private static let pathCount = 30_000_000
  /// Sets of columns tried for a row, besides those of one column or all but one.
  private static let setCount = 256
  /// Rows predicted, over all rows and sets.
  private static let predictedCount = 400_000

  /// - Parameter most: rows, where shares are known without experiments and trees are small.
  init(_ committee: Committee, _ regions: ImageRegions? = nil, most: Int = 200) {
    let count = regions?.patches.count ?? committee.schema.count
    guard committee.isQuicklyExplained else {
      method = count <= 8 ? .exact : .kernel(2 * count + Self.setCount)
      let sets = count <= 8 ? 1 << count : 2 * count + Self.setCount
      rowCount = min(100, max(12, Self.predictedCount / (sets * GoldenRows.count)))
      return
    }
    method = .automatic
    let paths = committee.members.reduce(0) { $0 + (($1.model as? any ExplainableModel)?.pathCount ?? 0) }
    rowCount = min(most, max(24, Self.pathCount / max(1, paths)))
  }
}
