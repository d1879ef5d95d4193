import Basics

/// `1 / (1 + exp(-(slope · logit(p) + intercept)))`.
public struct Sigmoid: Sendable, Hashable, Codable {
  /// Above 0, so that order is kept; below 1 tempers overconfidence.
  public var slope: Double
  /// Shift of the log-odds.
  public var intercept: Double

  /// Calibrated probability of what has `probability` against `rest`, its complement.
  public func callAsFunction(_ probability: Double, against rest: Double) -> Double {
    Mathematics.logistic(slope * Self.logit(probability, rest) + intercept)
  }

  /// Log-odds; beyond `1e-12` of 0 and 1 by `log` below.
  static func logit(_ probability: Double, _ rest: Double) -> Double {
    if isModerate(probability) { return Mathematics.log(probability / (1 - probability)) }
    return log(probability) - log(rest)
  }

  /// Whether one number says how far it is from 0 and from 1.
  static func isModerate(_ probability: Double) -> Bool { probability >= 1e-12 && probability <= 1 - 1e-12 }

  /// `ln p`; below `1e-12` it falls by its own logarithm, so that a row that is surer than any data can say neither
  /// rules a fit nor loses its place before others.
  static func log(_ probability: Double) -> Double {
    let floor = -27.631021115928547
    let value = Mathematics.log(max(probability, 1e-300))
    return value >= floor ? value : floor - Mathematics.log1p(floor - value)
  }

  /// Maximum-likelihood fit by Newton's method with halved steps, on log-odds; targets are drawn in from 0 and 1 as
  /// Platt does, so that separable rows give finite answers.
  ///
  /// - Returns: `nil` when one class is missing or the fitted slope is not positive.
  /// - Source: Platt, *Probabilistic outputs for support vector machines*, 1999; Lin, Lin and Weng, 2007.
  static func fitted(
    _ probabilities: [Double], _ rest: [Double], isPositive: [Bool], weights: [Double]
  ) -> Sigmoid? {
    var (positives, negatives) = (0.0, 0.0)
    for row in isPositive.indices {
      if isPositive[row] { positives += weights[row] } else { negatives += weights[row] }
    }
    guard positives > 0, negatives > 0 else { return nil }
    let targets = isPositive.map { $0 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2) }
    let x = zip(probabilities, rest).map { logit($0, $1) }
    var current = Sigmoid(slope: 1, intercept: 0)
    var objective = current.objective(x, targets, weights)
    for _ in 0..<100 {
      guard let step = current.newtonStep(x, targets, weights) else { break }
      var size = 1.0
      var next = current
      var value = objective
      repeat {
        next = Sigmoid(slope: current.slope + size * step.0, intercept: current.intercept + size * step.1)
        value = next.objective(x, targets, weights)
        size /= 2
      } while !(value <= objective) && size > 1e-10
      guard value <= objective else { break }
      let gained = objective - value
      (current, objective) = (next, value)
      if gained <= 1e-14 * abs(objective) { break }
    }
    return current.slope > 0 && current.slope.isFinite && current.intercept.isFinite ? current : nil
  }

  private func objective(_ x: [Double], _ targets: [Double], _ weights: [Double]) -> Double {
    var sum = 0.0
    for row in x.indices {
      let score = slope * x[row] + intercept
      // −t·ln p − (1 − t)·ln(1 − p) without overflow.
      sum += weights[row] * (max(score, 0) - targets[row] * score + Mathematics.log1p(Mathematics.exp(-abs(score))))
    }
    return sum
  }

  private func newtonStep(_ x: [Double], _ targets: [Double], _ weights: [Double]) -> (Double, Double)? {
    var (g0, g1, h00, h01, h11) = (0.0, 0.0, 1e-12, 0.0, 1e-12)
    for row in x.indices {
      let p = Mathematics.logistic(slope * x[row] + intercept)
      let residual = weights[row] * (p - targets[row])
      let curvature = weights[row] * p * (1 - p)
      g0 += residual * x[row]
      g1 += residual
      h00 += curvature * x[row] * x[row]
      h01 += curvature * x[row]
      h11 += curvature
    }
    let determinant = h00 * h11 - h01 * h01
    guard determinant > 1e-300 else { return nil }
    return (-(h11 * g0 - h01 * g1) / determinant, -(h00 * g1 - h01 * g0) / determinant)
  }
}
