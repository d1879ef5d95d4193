import Basics

/// A side condition of the gate.
public enum Guardrail: Sendable, Hashable, Codable {
  /// A number to keep to: a metric or a measurement.
  case goal(Goal)
  /// Groups that must be treated alike.
  case fairness(FairnessLimit)
}

/// The largest difference between groups that is let through.
public struct FairnessLimit: Sendable, Hashable, Codable {
  /// What must be alike.
  public var metric: FairnessMetric
  /// Column whose values are the groups.
  public var by: String
  /// Largest difference, `0 ... 1`.
  public var atMost: Double

  /// - Throws: `.invalidParameter` for a limit outside `0 ... 1`.
  public init(metric: FairnessMetric, by: String, atMost: Double) throws {
    guard (0...1).contains(atMost) else {
      throw MLError(
        .invalidParameter, "fairness: 'at_most' must be in 0…1; got \(atMost).", hint: "Try 0.1.", field: "at_most")
    }
    self.metric = metric
    self.by = by
    self.atMost = atMost
  }

  enum CodingKeys: String, CodingKey {
    case metric, by
    case atMost = "at_most"
  }
}

/// Differences between groups.
public enum FairnessMetric: String, Sendable, Hashable, Codable, CaseIterable {
  /// Largest difference of the share decided positive.
  case demographicParity = "demographic_parity"
  /// Largest difference of the recall of the positive class.
  case equalOpportunity = "equal_opportunity"
  /// The larger of the largest differences of recall and of false-positive rate.
  case equalizedOdds = "equalized_odds"
  /// Largest difference of the precision of the positive class.
  case predictiveParity = "predictive_parity"
  /// Largest difference of how far probabilities lie above what comes true.
  case calibration

  /// Measure called `name`.
  ///
  /// - Throws: `.invalidParameter` with the closest names.
  public init(named name: String) throws {
    guard let metric = Self(rawValue: name) else {
      throw MLError.unknown(
        "fairness metric", name, among: Self.allCases.map(\.rawValue), in: "guardrails", code: .invalidParameter)
    }
    self = metric
  }
}
