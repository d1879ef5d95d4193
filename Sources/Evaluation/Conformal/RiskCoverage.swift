public import Basics
public import Modeling

/// What a model costs on the rows it dares to decide, as it is allowed to pass on more of them.
///
/// - Source: El-Yaniv and Wiener, *On the foundations of noise-free selective classification*, JMLR 11, 2010.
public struct RiskCoverage: Sendable, Hashable {
  /// Rows at least as sure as a limit.
  public struct Point: Sendable, Hashable {
    /// Share of rows decided.
    public var coverage: Double
    /// Mean loss of those, with its interval: Wilson's for errors, else normal.
    public var risk: MetricValue
    /// Least confidence that is decided.
    public var confidence: Double
  }

  /// Points by rising coverage.
  public var points: [Point]
  /// Mean risk over all coverages; lower is better.
  public var area: Double

  /// `{"area", "points": [{"coverage", "risk": {…}, "confidence"}]}`.
  public var json: JSONValue {
    [
      "area": .finite(area),
      "points": .array(
        points.map {
          ["coverage": .finite($0.coverage), "risk": $0.risk.json, "confidence": .finite($0.confidence)]
        }),
    ]
  }

  /// The curve of classes by the probability of the decided class.
  ///
  /// - Parameters:
  ///   - weights: how much each row counts.
  ///   - limit: points at most.
  /// - Returns: `nil` without rows.
  /// - Throws: `.invalidData`, `.shapeMismatch`.
  public static func make(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, limit: Int = 100
  ) throws -> RiskCoverage? {
    let rows = try ClassRows(predictions, target, owner: "risk coverage")
    let codes = predictions.classCodes.map(Int.init)
    let confidence = codes.indices.map { rows.probabilities[$0 * rows.classCount + codes[$0]] }
    return try make(
      losses: RowLoss.error.values(predictions, target), confidence: confidence, weights: weights, limit: limit)
  }

  /// The curve of any loss by any confidence, such as minus the width of an interval.
  ///
  /// - Parameter weights: how much each row counts; intervals are then as wide as Kish's number of rows makes them.
  /// - Throws: `.shapeMismatch`; `.invalidData` for numbers that are not finite.
  public static func make(
    losses: [Double], confidence: [Double], weights: [Double]? = nil, limit: Int = 100
  ) throws -> RiskCoverage? {
    guard losses.count == confidence.count else {
      throw MLError(.shapeMismatch, "risk coverage: losses and confidence must have the same rows.")
    }
    guard losses.allSatisfy(\.isFinite), confidence.allSatisfy(\.isFinite) else {
      throw MLError(.invalidData, "risk coverage: losses and confidence must be finite.")
    }
    let ones = try RowWeights.checked(weights, rowCount: losses.count, owner: "risk coverage")
    let total = ones.reduce(0, +)
    guard total > 0 else { return nil }
    let isShare = losses.allSatisfy { $0 == 0 || $0 == 1 }
    let order = Ranking.ascending(confidence).reversed().map(Int.init)
    var decided = Decided()
    var (area, pending) = (0.0, 0.0)
    var points: [Point] = []
    for (place, row) in order.enumerated() {
      decided.add(losses[row], ones[row])
      pending += ones[row]
      let isTied = place + 1 < order.count && confidence[order[place + 1]] == confidence[row]
      if isTied || decided.weight == 0 { continue }
      let risk = decided.risk(isShare)
      area += risk.value * pending
      pending = 0
      points.append(Point(coverage: decided.weight / total, risk: risk, confidence: confidence[row]))
    }
    return RiskCoverage(points: Curves.thinned(points, to: limit), area: area / total)
  }

  /// Sums over the rows that are decided.
  private struct Decided {
    var weight = 0.0
    private var squaredWeight = 0.0
    private var sum = 0.0
    private var squares = 0.0

    mutating func add(_ loss: Double, _ weight: Double) {
      self.weight += weight
      squaredWeight += weight * weight
      sum += weight * loss
      squares += weight * loss * loss
    }

    /// Mean loss with its interval, for Kish's number of rows.
    func risk(_ isShare: Bool) -> MetricValue {
      let mean = sum / weight
      let count = weight * weight / squaredWeight
      if isShare, let share = Distributions.wilson(hits: mean * count, total: count) { return share }
      let reach = 1.959963984540054 * (max(0, squares / weight - mean * mean) / count).squareRoot()
      return MetricValue(value: mean, low: mean - reach, high: mean + reach)
    }
  }

  /// The point that decides most rows with the upper end of its risk at most `limit`; `nil` when there is none.
  public func widest(riskAtMost limit: Double) -> Point? { points.last { $0.risk.high <= limit } }
}
