public import Basics
public import Frames

/// A step of preparation and its settings.
public protocol Transform: Described, Sendable, Hashable, Codable {
  /// What `fit` returns.
  associatedtype Fitted: FittedTransform
  /// The defaults.
  init()
  /// Learns from training rows only. `target` is there for steps that look at it.
  func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> Fitted
  /// Fits and transforms the training rows. Differs from `fit` then `transform` only for steps that must not show a
  /// row its own target (out-of-fold target encoding).
  func fitTransform(_ frame: Frame, target: Target?, in context: FitContext) throws -> (Fitted, Frame)
}

extension Transform {
  /// `fit`, then `transform`.
  public func fitTransform(_ frame: Frame, target: Target?, in context: FitContext) throws -> (Fitted, Frame) {
    let fitted = try fit(frame, target: target, in: context)
    return (fitted, try fitted.transform(frame))
  }
}

/// A step after fitting: a value that knows its output schema before it runs.
public protocol FittedTransform: Sendable, Hashable, Codable {
  /// Columns it reads.
  var input: Schema { get }
  /// Columns it makes; inputs not among them are removed, other columns of the frame pass through in order.
  var output: Schema { get }
  /// Transforms a batch; each row alone (a row's output never depends on other rows of the batch).
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column.
  func transform(_ frame: Frame) throws -> Frame
}
