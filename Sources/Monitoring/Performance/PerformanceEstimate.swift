package import Basics
import Modeling

/// What can be said of a classifier's quality on traffic while no labels are there, and what cannot.
package struct PerformanceEstimate: Sendable, Hashable, Codable {
  /// Expected share of right decisions with the interval in which the realised share of this many rows should fall.
  package var accuracy: MetricReading
  /// Expected logarithmic loss, nats.
  package var logLoss: Double
  /// Expected Brier score, summed over classes.
  package var brier: Double
  /// Expected accuracy on the reference; `nil` when the reference has no probabilities.
  package var referenceAccuracy: Double?
  /// What it rests on and what it cannot know.
  package var caveat: String

  /// Estimate of a window; `nil` without class probabilities.
  ///
  /// Rests on calibrated probabilities and on labels following from features as they did in training.
  package init?(_ window: WindowProfile, drift: DriftReport? = nil) {
    let expected = window.counts.expected
    guard let accuracy = expected.accuracy, let logLoss = expected.logLoss, let brier = expected.brier
    else { return nil }
    self.accuracy = accuracy
    self.logLoss = logLoss
    self.brier = brier
    referenceAccuracy = window.reference.expected?.accuracy?.value
    var caveat =
      "estimated from the model's own probabilities: true if they are calibrated and labels still follow from features "
      + "as in training; only labels can show otherwise"
    let unseen = drift?.findings.filter { ["new-categories", "out-of-range"].contains($0.kind) && $0.severity > .info }
    if let unseen, !unseen.isEmpty {
      let names = unseen.compactMap(\.subject).prefix(3).joined(separator: ", ")
      caveat += "; traffic holds values training never had (\(names)), where calibration is unknown"
    }
    self.caveat = caveat
  }

  /// `{"estimated": true, "accuracy", "log_loss", "brier", "reference_accuracy", "caveat"}`.
  package var json: JSONValue {
    [
      "estimated": true, "accuracy": accuracy.json, "log_loss": .finite(logLoss), "brier": .finite(brier),
      "reference_accuracy": .finite(referenceAccuracy), "caveat": .string(caveat),
    ]
  }

  /// Expected area under the ROC curve of two classes from calibrated probabilities of the positive one: the chance
  /// that a positive row outranks a negative one, each row counted positive with its own probability.
  ///
  ///     PerformanceEstimate.rocAUC([0.9, 0.6, 0.2])   // 0.8167
  ///
  /// - Returns: `nil` when no row, or every row, is certain to be of one class.
  /// - Complexity: O(n log n).
  package static func rocAUC(_ positive: [Double]) -> Double? {
    let ranked = positive.filter { 0...1 ~= $0 }.sorted()
    var (negatives, positives, wins) = (0.0, 0.0, 0.0)
    var start = 0
    while start < ranked.count {
      var end = start
      while end < ranked.count, ranked[end] == ranked[start] { end += 1 }
      let p = ranked[start]
      let size = Double(end - start)
      let (up, down) = (size * p, size * (1 - p))
      wins += up * (negatives + down / 2)
      positives += up
      negatives += down
      start = end
    }
    guard positives > 0, negatives > 0 else { return nil }
    return min(1, wins / (positives * negatives))
  }

  enum CodingKeys: String, CodingKey {
    case accuracy, brier, caveat
    case logLoss = "log_loss"
    case referenceAccuracy = "reference_accuracy"
  }
}
