public import Basics
public import Frames

/// An algorithm and its settings; what it learns is a separate, immutable value.
public protocol Estimator: Described, Sendable, Hashable, Codable {
  /// What `fit` returns.
  associatedtype Model: FittedModel
  /// The defaults.
  init()
  /// Learns from `data`: synchronous, seeded, the same bytes for any thread count, polls `context.checkCancellation()`.
  ///
  /// - Throws: `.invalidParameter`, `.invalidData`, `.schemaMismatch`, `.cancelled`.
  func fit(_ data: TrainingData, in context: FitContext) throws -> Model
}

/// What was learnt; predicts from any thread.
public protocol FittedModel: Sendable {
  /// The columns it needs, by name; spare columns and column order do not matter to `predict`.
  var schema: Schema { get }
  /// Predictions for a whole batch.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column.
  func predict(_ frame: Frame) throws -> Predictions
  /// The same predictions, on several threads where that pays.
  ///
  /// - Throws: as `predict`.
  func predict(_ frame: Frame, workers: Workers) throws -> Predictions
  /// Adds everything `init(from:)` needs.
  func write(to archive: inout ArchiveWriter) throws
  /// Reads what `write` wrote; predictions are equal to the last bit.
  ///
  /// - Throws: `.corruptFile` when something is lacking or does not fit together; never traps.
  init(from archive: ArchiveReader) throws
  /// Share of each schema field in the predictions, not negative, sums to 1; `nil` when not defined.
  var importance: [Double]? { get }
  /// Iterations kept (trees, epochs); `nil` for learners without any.
  var iterationCount: Int? { get }
}

extension FittedModel {
  /// On the caller's thread unless a model says otherwise.
  public func predict(_ frame: Frame, workers _: Workers) throws -> Predictions { try predict(frame) }
  /// Not defined unless a model says otherwise.
  public var importance: [Double]? { nil }
  /// None unless a model says otherwise.
  public var iterationCount: Int? { nil }
}

/// An estimator that works in iterations and can be told how many, for refitting after early stopping on folds.
public protocol IterativeEstimator: Estimator {
  /// The same settings with exactly `count` iterations and no early stopping.
  func withIterationCount(_ count: Int) -> Self
}

/// A model that can go on learning.
public protocol UpdatableModel: FittedModel {
  /// Learns from further rows.
  mutating func update(with data: TrainingData, in context: FitContext) throws
}
