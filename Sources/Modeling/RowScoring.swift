/// What one value of a prepared row is.
public struct RowFeature: Sendable, Hashable {
  /// Place of the schema field.
  public let field: Int
  /// Element of a vector field.
  public let element: Int?
  /// For categories: the code of each level in the schema's order; an unknown level is 1, missing 0. Empty for numbers,
  /// whose missing value is NaN.
  public let codes: [Int32]

  /// Describes a value.
  public init(field: Int, element: Int?, codes: [Int32]) {
    self.field = field
    self.element = element
    self.codes = codes
  }
}

/// A model that scores single prepared rows without memory from the heap, for callers who make the row once and cannot
/// wait for frames.
public protocol RowScoringModel: FittedModel {
  /// What the values of a prepared row are, in their order.
  var rowFeatures: [RowFeature] { get }
  /// Numbers a row's score has.
  var scoreWidth: Int { get }
  /// Scores one row: margins of boosted trees (log-odds of class 1 for two classes, one a class above two), means of
  /// forests (share of class 1 for two classes, one a class above two).
  ///
  /// - Shape: `values` `[rowFeatures.count]`, NaN for a missing number, codes below their feature's count for
  ///   categories; `scores` `[scoreWidth]`, overwritten.
  func score(row values: Span<Double>, into scores: inout MutableSpan<Double>)
}
