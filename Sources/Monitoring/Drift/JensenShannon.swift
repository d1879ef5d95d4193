import Basics

/// Jensen–Shannon distance of two distributions over the same cells, base 2: 0 equal, 1 nothing in common.
///
/// `√( ½ KL(p ‖ a) + ½ KL(q ‖ a) )` with `a = (p + q) / 2`, logarithms of base 2.
///
///     JensenShannon.distance([0.5, 0.5], [0.25, 0.75])   // 0.2209
///
/// - Source: Lin, *Divergence measures based on the Shannon entropy*, IEEE Trans. Inf. Theory 37(1), 1991;
///   equal to `scipy.spatial.distance.jensenshannon(p, q, base=2)`.
package enum JensenShannon {
  /// Distance of two lists of shares or counts, each scaled to sum 1; 0 when either is empty.
  ///
  /// - Shape: equal lengths.
  package static func distance(_ p: [Double], _ q: [Double]) -> Double {
    precondition(p.count == q.count, "shares over the same cells")
    let (pSum, qSum) = (p.reduce(0, +), q.reduce(0, +))
    guard pSum > 0, qSum > 0 else { return 0 }
    var sum = 0.0
    for cell in p.indices { sum += term(p[cell] / pSum, q[cell] / qSum) }
    return min(1, max(0, sum).squareRoot())
  }

  private static func term(_ p: Double, _ q: Double) -> Double {
    let a = (p + q) / 2
    return 0.5 * (p > 0 ? p * log2(p / a) : 0) + 0.5 * (q > 0 ? q * log2(q / a) : 0)
  }

  private static func log2(_ x: Double) -> Double { Mathematics.log(x) * inverseOfLog2 }
  private static let inverseOfLog2 = 1.4426950408889634

  /// What two samples say of the distance of the distributions they were drawn from.
  package struct Estimate: Sendable, Hashable {
    /// Squared distance, corrected for what two samples of these sizes differ by chance; may be below zero.
    package var divergence: Double
    /// Standard error of `divergence`.
    package var standardError: Double
    /// Whether the samples are there at all.
    package var isDefined: Bool

    /// Distance, corrected.
    package var value: Double { min(1, max(0, divergence).squareRoot()) }
    /// Lower end of the interval of `z` standard errors.
    package func low(_ z: Double) -> Double { min(1, max(0, divergence - z * standardError).squareRoot()) }
    /// Upper end of the interval of `z` standard errors.
    package func high(_ z: Double) -> Double {
      isDefined ? min(1, max(0, divergence + z * standardError).squareRoot()) : 1
    }
  }

  /// Estimate from counts of two independent samples over the same cells.
  ///
  /// Bias by the second-order expansion of the plug-in divergence: with `n` and `m` rows,
  /// `Σ [ q(1 − p) / n + p(1 − q) / m ] / 4(p + q) ln 2`; where `p = q` this is `(k − 1)(1/n + 1/m) / 8 ln 2`.
  /// Variance by the delta method, plus the variance of the second-order term, which alone is left where `p = q`.
  static func estimate(_ first: [Int64], _ second: [Int64]) -> Estimate {
    let n = Double(first.reduce(0, +))
    let m = Double(second.reduce(0, +))
    guard n > 0, m > 0 else { return Estimate(divergence: 0, standardError: 0, isDefined: false) }
    var (divergence, bias, cells) = (0.0, 0.0, 0.0)
    var (pMean, pSquare, qMean, qSquare) = (0.0, 0.0, 0.0, 0.0)
    for index in first.indices where first[index] + second[index] > 0 {
      let (p, q) = (Double(first[index]) / n, Double(second[index]) / m)
      divergence += term(p, q)
      bias += (q * (1 - p) / n + p * (1 - q) / m) / (4 * (p + q))
      let (pSlope, qSlope) = (slope(p, q), slope(q, p))
      pMean += p * pSlope
      pSquare += p * pSlope * pSlope
      qMean += q * qSlope
      qSquare += q * qSlope * qSlope
      cells += 1
    }
    let firstOrder = max(0, pSquare - pMean * pMean) / n + max(0, qSquare - qMean * qMean) / m
    let unit = (1 / n + 1 / m) * inverseOfLog2 / 8
    let variance = firstOrder + 2 * max(1, cells - 1) * unit * unit
    return Estimate(
      divergence: divergence - bias * inverseOfLog2, standardError: variance.squareRoot(), isDefined: true)
  }

  private static func slope(_ p: Double, _ q: Double) -> Double { p > 0 ? 0.5 * log2(2 * p / (p + q)) : 0 }
}
