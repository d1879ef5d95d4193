public import Basics
public import Modeling

/// Folds within folds: choices are made on the inner ones and judged on the outer ones, so that few rows serve both
/// without a sealed test set of their own.
///
/// - Source: Varma and Simon, *Bias in error estimation when using cross-validation for model selection*, 2006.
public struct NestedFolds: Sendable, Hashable {
  /// One outer fold.
  public struct Outer: Sendable, Hashable {
    /// Rows to choose and learn on, ascending.
    public var training: [Int]
    /// Rows to judge on, ascending.
    public var validation: [Int]
    /// Folds of `training`; positions are places in it.
    public var inner: Folds
  }

  /// Outer folds in order.
  public let folds: [Outer]

  /// Deals rows into `outer` folds, and the training rows of each into `inner` folds.
  ///
  /// - Throws: as `Folds.make`.
  public static func make(
    _ rowKeys: [UInt64], outer: Int = 5, inner: Int = 3, target: Target? = nil, seed: Seed = Seed(0),
    grouped: Bool = false
  ) throws -> NestedFolds {
    let rounds = try Folds.make(rowKeys, count: outer, target: target, seed: seed.derived("outer"), grouped: grouped)
    let folds = try (0..<rounds.count).map { fold -> Outer in
      let rows = rounds.training(fold)
      let parts = try Folds.make(
        rows.map { rowKeys[$0] }, count: inner, target: target?.gathered(rows),
        seed: seed.derived("inner").derived(fold), grouped: grouped)
      return Outer(training: rows, validation: rounds.validation(fold), inner: parts)
    }
    return NestedFolds(folds: folds)
  }
}
