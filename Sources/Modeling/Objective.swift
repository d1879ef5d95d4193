public import Basics

/// What a learner minimises: a value and two derivatives by the raw score, row by row.
///
/// For softmax objectives `classCount > 1`, scores are row-major `[rowCount, classCount]`.
public protocol Objective: Described, Sendable, Hashable {
  /// Scores a row has (1, or the number of classes).
  var scoreCount: Int { get }
  /// Best constant scores, one for each of `scoreCount`.
  func baseline(_ target: [Double], weights: [Double]?) -> [Double]
  /// First and second derivatives of each score.
  ///
  /// - Shape: `scores`, `gradients`, `hessians` `[rowCount · scoreCount]`; `target` `[rowCount]`.
  func derivatives(
    scores: Span<Double>, target: Span<Double>, gradients: inout MutableSpan<Double>,
    hessians: inout MutableSpan<Double>)
  /// Mean objective over rows.
  func value(scores: Span<Double>, target: Span<Double>, weights: [Double]?) -> Double
  /// Scores of one row turned into what is reported: a number, or probabilities.
  func predictions(scores: [Double], classes: [String]) -> Predictions
}
