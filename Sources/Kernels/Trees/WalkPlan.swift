/// Trees of any size prepared for scoring: nodes of eight bytes over 16-bit codes, children side by side.
package struct WalkPlan: Sendable {
  /// How one column of codes is made.
  package enum Column: Sendable, Hashable {
    /// 0 for missing, else 1 + the number of bounds below; at most 65,533 bounds.
    case number(feature: Int, bounds: [Double])
    /// Codes of an earlier column less one, so that missing is above all thresholds.
    case missingRight(of: Int)
    /// The row's category code.
    case category(feature: Int)
  }

  /// Columns of codes; a derived one after its source.
  package var columns: [Column] = []
  /// Column each node looks at.
  package var column: [UInt16] = []
  /// Highest code that goes to the first child; 65,535 in a leaf.
  package var threshold: [UInt16] = []
  /// First of two children, after the node; a leaf's own place.
  package var child: [Int32] = []
  /// Number of a leaf; first word of a category node's set; −1 for other nodes.
  package var payload: [Int32] = []
  /// Bits of category sets; set goes to the first child.
  package var words: [UInt32] = []
  /// Place of each tree's root.
  package var roots: [Int32] = []
  /// Values of all leaves, `leafWidth` each.
  package var leaves: [Double] = []
  /// Values a leaf has: 1, or one a score.
  package var leafWidth = 1
  /// Scores a row has.
  package var width = 1
  /// Whether any node looks at categories.
  package var hasCategories = false

  /// Nothing to score.
  package init() {}
}
