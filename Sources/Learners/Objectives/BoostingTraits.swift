/// What tree boosting wants to know of an objective beyond its derivatives.
package protocol BoostingTraits {
  /// Leaf values become this quantile of the rows' residuals; `nil` keeps the Newton step.
  var leafQuantile: Double? { get }
  /// Largest step of a leaf before the learning rate; `nil` has no limit.
  var largestStep: Double? { get }
}

extension BoostingTraits {
  /// The Newton step is kept.
  package var leafQuantile: Double? { nil }
  /// No limit.
  package var largestStep: Double? { nil }
}
