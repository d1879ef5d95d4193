import Basics
public import Modeling

/// What wrong decisions cost, in any one unit.
public struct DecisionCosts: Sendable, Hashable, Codable {
  /// Cost of deciding positive for a negative row.
  public var falsePositive: Double
  /// Cost of deciding negative for a positive row.
  public var falseNegative: Double

  /// - Throws: `.invalidParameter` unless both are finite, not negative and not both zero.
  public init(falsePositive: Double, falseNegative: Double) throws {
    for (name, cost) in [("false_positive", falsePositive), ("false_negative", falseNegative)] {
      guard cost.isFinite, cost >= 0 else {
        throw MLError(
          .invalidParameter, "costs: '\(name)' must be a number of at least 0; got \(cost).", field: name)
      }
    }
    guard falsePositive + falseNegative > 0 else {
      throw MLError(.invalidParameter, "costs: at least one must be above 0.", field: "costs")
    }
    self.falsePositive = falsePositive
    self.falseNegative = falseNegative
  }

  enum CodingKeys: String, CodingKey {
    case falsePositive = "false_positive"
    case falseNegative = "false_negative"
  }

  /// The threshold that costs least when probabilities come true: `fp / (fp + fn)`.
  ///
  /// - Source: Elkan, *The foundations of cost-sensitive learning*, IJCAI 2001.
  public var idealThreshold: Double { falsePositive / (falsePositive + falseNegative) }
}

/// From which probability on a row is decided positive.
public struct DecisionThreshold: Sendable, Hashable, Codable {
  /// Why it is where it is.
  public enum Reason: String, Sendable, Hashable, Codable {
    /// The class with the largest probability.
    case largestProbability = "largest-probability"
    /// Least expected cost.
    case costs
    /// Moved until a guardrail was kept.
    case guardrail
    /// Largest F1.
    case f1
    /// Largest balanced accuracy.
    case balanced
  }

  /// Least probability of the positive class that is decided positive.
  public var probability: Double
  /// Why.
  public var reason: Reason
  /// Guardrails that no threshold keeps on the rows it was chosen on, as text.
  public var unmet: [String]

  /// Makes a threshold.
  public init(probability: Double, reason: Reason, unmet: [String] = []) {
    self.probability = probability
    self.reason = reason
    self.unmet = unmet
  }

  /// The class with the largest probability.
  public static let largestProbability = DecisionThreshold(probability: 0.5, reason: .largestProbability)

  /// Predictions with their decisions; as they are for the largest probability or unless there are two classes.
  public func applied(to predictions: Predictions) -> Predictions {
    guard reason != .largestProbability, let positive = predictions.probabilities(ofClass: 1),
      predictions.classes.count == 2
    else { return predictions }
    return Predictions(predictions.storage, decisions: positive.map { $0 >= probability ? 1 : 0 })
  }
}
