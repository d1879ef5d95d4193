public import Basics

/// A reported number. `nil` = undefined here (one class only, no rows, …).
public protocol Metric: Described, Sendable {
  /// Whether more is better.
  static var higherIsBetter: Bool { get }
  /// Needs class probabilities, decided classes, or numbers: decided by the card's tasks.
  init()
  /// Value on rows with `weights` (`nil` = 1 each; weight 2 = the row twice).
  ///
  /// - Throws: `.shapeMismatch` when counts differ, `.invalidData` when predictions and target are of different tasks.
  func value(_ predictions: Predictions, _ target: Target, weights: [Double]?) throws -> Double?
}
