import Basics

/// `1 / (1 + exp(-(a·ln p − b·ln(1 − p) + c)))`: bends the two ends of the scale apart, and leaves calibrated
/// probabilities as they are at `a = b = 1`, `c = 0`.
///
/// - Source: Kull, Silva Filho and Flach, *Beta calibration*, AISTATS 2017.
public struct BetaCurve: Sendable, Hashable, Codable {
  /// Weight of `ln p`, not negative, so that order is kept.
  public let a: Double
  /// Weight of `−ln(1 − p)`, not negative.
  public let b: Double
  /// Shift of the log-odds.
  public let c: Double

  /// - Throws: `.invalidData` unless all are finite, `a` and `b` not negative and not both 0.
  public init(a: Double, b: Double, c: Double) throws {
    guard a >= 0, b >= 0, a + b > 0, a.isFinite, b.isFinite, c.isFinite else {
      throw MLError(.invalidData, "beta curve: 'a' and 'b' must be finite, not negative and not both 0.")
    }
    self.a = a
    self.b = b
    self.c = c
  }

  enum CodingKeys: String, CodingKey { case a, b, c }

  /// Read and checked.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      a: container.decode(Double.self, forKey: .a), b: container.decode(Double.self, forKey: .b),
      c: container.decode(Double.self, forKey: .c))
  }

  /// Calibrated probability of what has `probability` against `rest`, its complement.
  public func callAsFunction(_ probability: Double, against rest: Double) -> Double {
    let (low, high) = Self.logs(probability, rest)
    return Mathematics.logistic(a * low - b * high + c)
  }

  /// `ln p` and `ln(1 − p)`.
  private static func logs(_ probability: Double, _ rest: Double) -> (Double, Double) {
    if Sigmoid.isModerate(probability) { return (Mathematics.log(probability), Mathematics.log1p(-probability)) }
    return (Sigmoid.log(probability), Sigmoid.log(rest))
  }

  /// Maximum-likelihood fit; a weight that would be negative is set to 0 and the other fitted again.
  ///
  /// - Returns: `nil` when a class is missing or nothing can be fitted.
  package static func fitted(
    _ probabilities: [Double], _ rest: [Double], isPositive: [Bool], weights: [Double]
  ) -> BetaCurve? {
    let present = isPositive.indices.filter { weights[$0] > 0 }
    guard present.contains(where: { isPositive[$0] }), present.contains(where: { !isPositive[$0] }) else { return nil }
    let logs = zip(probabilities, rest).map { Self.logs($0, $1) }
    let (low, high) = (logs.map { $0.0 }, logs.map { -$0.1 })
    guard let both = SmallLogistic.fitted([low, high], isPositive: isPositive, weights: weights) else { return nil }
    if both[0] >= 0, both[1] >= 0 { return try? BetaCurve(a: both[0], b: both[1], c: both[2]) }
    let kept = both[0] < 0 ? high : low
    guard let one = SmallLogistic.fitted([kept], isPositive: isPositive, weights: weights), one[0] > 0 else {
      return nil
    }
    return try? both[0] < 0 ? BetaCurve(a: 0, b: one[0], c: one[1]) : BetaCurve(a: one[0], b: 0, c: one[1])
  }
}
