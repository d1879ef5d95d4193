public import Basics

/// Watches a stream of numbers, such as the errors of a model once labels arrive, for a change of their mean.
public protocol DriftDetector: Described, Sendable, Codable {
  /// The defaults.
  init()
  /// Takes the next value; a value that is not finite is passed over. After `.drift` it forgets what came before.
  mutating func update(with value: Double) -> DriftState
}

/// What a detector says after a value.
public enum DriftState: String, Sendable, Hashable, Codable, CaseIterable {
  /// No change seen.
  case stable
  /// The mean has changed.
  case drift
}
