import Basics

/// Distribution functions that tests and intervals need.
package enum Distributions {
  /// Chance that a standard normal number is at most `x`.
  package static func normal(_ x: Double) -> Double { 0.5 * Mathematics.erfc(-x * 0.5.squareRoot()) }

  /// Number below which a standard normal lies with chance `p`; infinite at 0 and 1.
  ///
  /// - Source: start from Abramowitz and Stegun 26.2.23, then Halley's steps on the complementary error function.
  package static func normalQuantile(_ p: Double) -> Double {
    guard p > 0 else { return -.infinity }
    guard p < 1 else { return .infinity }
    if p > 0.5 { return -normalQuantile(1 - p) }
    let t = (-2 * Mathematics.log(p)).squareRoot()
    let top = 2.515517 + t * (0.802853 + t * 0.010328)
    var x = top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
    for _ in 0..<3 {
      let step = (normal(x) - p) * (2 * Double.pi).squareRoot() * Mathematics.exp(x * x / 2)
      x -= step / (1 + x * step / 2)
    }
    return x
  }

  /// Chance that Student's t with `freedom` degrees is at most `t`.
  package static func student(_ t: Double, freedom: Double) -> Double {
    guard freedom > 0, t.isFinite else { return t > 0 ? 1 : t < 0 ? 0 : 0.5 }
    let tail = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
    return t > 0 ? 1 - tail : tail
  }

  /// Number below which Student's t lies with chance `p`, by bisection.
  package static func studentQuantile(_ p: Double, freedom: Double) -> Double {
    guard p > 0, p < 1, freedom > 0 else { return p >= 1 ? .infinity : -.infinity }
    if p < 0.5 { return -studentQuantile(1 - p, freedom: freedom) }
    var (low, high) = (0.0, 1.0)
    while student(high, freedom: freedom) < p, high < 1e12 { high *= 2 }
    for _ in 0..<200 where high - low > 1e-13 * high {
      let middle = (low + high) / 2
      if student(middle, freedom: freedom) < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// Regularised incomplete beta function.
  ///
  /// - Source: Lentz's continued fraction, DLMF 8.17.22.
  package static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let scale =
      Mathematics.logGamma(a + b) - Mathematics.logGamma(a) - Mathematics.logGamma(b)
      + a * Mathematics.log(x) + b * Mathematics.log1p(-x)
    var (c, d) = (1.0, 1 / nonZero(1 - (a + b) * x / (a + 1)))
    var fraction = d
    for step in 1..<500 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonZero(1 + even * d)
      c = nonZero(1 + even / c)
      fraction *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonZero(1 + odd * d)
      c = nonZero(1 + odd / c)
      fraction *= d * c
      if abs(d * c - 1) < 1e-16 { break }
    }
    return Mathematics.exp(scale) * fraction / a
  }

  private static func nonZero(_ x: Double) -> Double { abs(x) < 1e-300 ? 1e-300 : x }

  /// Interval of a share from `hits` of `total` (both may be sums of weights).
  ///
  /// - Source: Wilson, *Probable inference*, JASA 22, 1927.
  package static func wilson(hits: Double, total: Double, confidence: Double = 0.95) -> MetricValue? {
    guard total > 0 else { return nil }
    let z = normalQuantile(0.5 + confidence / 2)
    let share = hits / total
    let centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    let reach =
      z / (1 + z * z / total) * (share * (1 - share) / total + z * z / (4 * total * total)).squareRoot()
    return MetricValue(value: share, low: max(0, min(share, centre - reach)), high: min(1, max(share, centre + reach)))
  }

  /// `values` corrected so that calling all at most `level` discoveries keeps the false share of them below it.
  ///
  /// - Source: Benjamini and Hochberg, *Controlling the false discovery rate*, J. R. Statist. Soc. B 57(1), 1995.
  package static func benjaminiHochberg(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var out = values
    var least = 1.0
    for (place, index) in order.enumerated().reversed() {
      least = min(least, values[index] * Double(values.count) / Double(place + 1))
      out[index] = least
    }
    return out
  }
}
