import Basics
public import Modeling

/// Chooses the probability from which a row is decided positive.
public enum Threshold {
  /// What to aim at where no costs are given.
  public enum Aim: String, Sendable, Hashable, Codable, CaseIterable {
    /// Keep the class with the largest probability.
    case largestProbability = "largest-probability"
    /// Largest F1.
    case f1
    /// Largest balanced accuracy.
    case balanced
  }

  /// The threshold for out-of-fold `predictions` between two classes.
  ///
  /// With costs: the ideal threshold of calibrated probabilities, unless another is cheaper on these rows by more than
  /// one standard error. Without: `aim`. Guardrails on decided classes (`recall >= 0.5`) then move it as little as
  /// needed; they are asked for with one standard error to spare, because unseen rows will differ.
  ///
  /// - Returns: the largest probability for more than two classes or numbers.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public static func choose(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, costs: DecisionCosts? = nil,
    aim: Aim = .largestProbability, guardrails: [Goal] = []
  ) throws -> DecisionThreshold {
    guard predictions.classes.count == 2, target.count > 0 else { return .largestProbability }
    let curve = try ThresholdCurve(predictions, target, weights: weights)
    let points = curve.points
    let wanted = start(curve, costs, aim)
    let rules = guardrails.compactMap { goal in rule(goal).map { (goal, $0) } }
    guard !rules.isEmpty else { return wanted }
    let current = curve.point(at: wanted.probability)
    // The default is left alone where it keeps every guardrail.
    if let current, rules.allSatisfy({ keeps($0, current.matrix, spare: true) }) { return wanted }
    for spare in [true, false] {
      let kept = points.filter { point in rules.allSatisfy { keeps($0, point.matrix, spare: spare) } }
      if let best = nearest(kept, wanted.probability, costs) {
        return DecisionThreshold(probability: best.threshold, reason: .guardrail)
      }
    }
    let unmet = rules.filter { rule in current.map { !keeps(rule, $0.matrix, spare: false) } ?? true }
    return DecisionThreshold(
      probability: wanted.probability, reason: wanted.reason, unmet: unmet.map { $0.0.description })
  }

  private typealias Rule = (Goal, @Sendable (ConfusionMatrix) -> Double?)

  /// The threshold before guardrails.
  private static func start(_ curve: ThresholdCurve, _ costs: DecisionCosts?, _ aim: Aim) -> DecisionThreshold {
    let points = curve.points
    if let costs { return cheapest(curve, costs) }
    switch aim {
    case .largestProbability: return .largestProbability
    case .f1: return best(points, .f1) { F1.value($0) }
    case .balanced: return best(points, .balanced) { BalancedAccuracy.value($0) }
    }
  }

  private static func best(
    _ points: [ThresholdCurve.Point], _ reason: DecisionThreshold.Reason, _ value: (ConfusionMatrix) -> Double?
  ) -> DecisionThreshold {
    var best: (value: Double, threshold: Double)?
    for point in points {
      guard let found = value(point.matrix) else { continue }
      let isCloser = best.map { found == $0.value && abs(point.threshold - 0.5) < abs($0.threshold - 0.5) } ?? true
      if isCloser || found > (best?.value ?? -.infinity) { best = (found, point.threshold) }
    }
    return best.map { DecisionThreshold(probability: $0.threshold, reason: reason) } ?? .largestProbability
  }

  private static func cheapest(_ curve: ThresholdCurve, _ costs: DecisionCosts) -> DecisionThreshold {
    let ideal = DecisionThreshold(probability: costs.idealThreshold, reason: .costs)
    guard let there = curve.point(at: ideal.probability),
      let best = curve.points.min(by: { ThresholdCurve.cost($0.matrix, costs) < ThresholdCurve.cost($1.matrix, costs) })
    else { return ideal }
    let gain = ThresholdCurve.cost(there.matrix, costs) - ThresholdCurve.cost(best.matrix, costs)
    // Rows between the two thresholds are decided differently; each changes the cost by one of the two costs.
    let total = max(1, there.matrix.total)
    let changedNegatives = abs(there.matrix[0, 1] - best.matrix[0, 1])
    let changedPositives = abs(there.matrix[1, 0] - best.matrix[1, 0])
    let variance =
      changedNegatives * costs.falsePositive * costs.falsePositive
      + changedPositives * costs.falseNegative * costs.falseNegative
    return gain > variance.squareRoot() / total
      ? DecisionThreshold(probability: best.threshold, reason: .costs) : ideal
  }

  private static func nearest(
    _ points: [ThresholdCurve.Point], _ threshold: Double, _ costs: DecisionCosts?
  ) -> ThresholdCurve.Point? {
    points.min { a, b in
      if let costs {
        let (first, second) = (ThresholdCurve.cost(a.matrix, costs), ThresholdCurve.cost(b.matrix, costs))
        if first != second { return first < second }
      }
      return abs(a.threshold - threshold) < abs(b.threshold - threshold)
    }
  }

  /// How a metric follows from decided classes; `nil` for metrics that no threshold changes.
  private static func rule(_ goal: Goal) -> (@Sendable (ConfusionMatrix) -> Double?)? {
    switch goal.metric {
    case Accuracy.card.name: { Accuracy.value($0) }
    case BalancedAccuracy.card.name: { BalancedAccuracy.value($0) }
    case Precision.card.name: { Precision.value($0) }
    case Recall.card.name: { Recall.value($0) }
    case F1.card.name: { F1.value($0) }
    case MacroF1.card.name: { MacroF1.value($0) }
    case MatthewsCorrelation.card.name: { MatthewsCorrelation.value($0) }
    default: nil
    }
  }

  private static func keeps(_ rule: Rule, _ matrix: ConfusionMatrix, spare: Bool) -> Bool {
    guard let value = rule.1(matrix) else { return false }
    guard spare else { return rule.0.isMet(by: value) }
    let share = min(max(abs(value), 0), 1)
    let count =
      rule.0.metric == Recall.card.name
      ? matrix.trueCount(1)
      : rule.0.metric == Precision.card.name ? matrix.decidedCount(1) : matrix.total
    let error = (share * (1 - share) / max(1, count)).squareRoot()
    return rule.0.isMet(by: rule.0.wantsMore ? value - error : value + error)
  }
}
