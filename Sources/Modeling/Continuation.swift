public import Basics

/// An estimator that can go on from a model it made before: more trees, more epochs.
public protocol ContinuableEstimator: Estimator {
  /// Learns further on `data`, starting from `model`; `model` itself stays as it is.
  ///
  /// - Throws: `.schemaMismatch` when `data` does not have the model's columns or classes.
  func fit(_ data: TrainingData, continuing model: Model, in context: FitContext) throws -> Model
}

/// Where a long fit keeps its state, so that a killed process can go on where it was. The finished model must have the
/// same bytes whether the fit was interrupted or not.
public protocol Checkpoints: Sendable {
  /// What was saved last by a fit with the same settings, seed and data; `nil` at first.
  func latest() throws -> ArchiveReader?
  /// Replaces what was saved; atomic.
  func save(_ archive: ArchiveWriter) throws
  /// Whether it is time to save again; asked once an iteration.
  var isDue: Bool { get }
}
