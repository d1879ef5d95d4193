import Basics

/// Points and weights of Gauss–Legendre quadrature on 0 … 1: exact for polynomials of degree `2 · count − 1`.
///
/// - Source: Press et al., *Numerical recipes*, § 4.6 (Newton's method on Legendre polynomials).
enum GaussLegendre {
  /// `count` points and their weights, which sum to 1.
  static func rule(_ count: Int) -> (points: [Double], weights: [Double]) {
    var points = [Double](repeating: 0.5, count: count)
    var weights = [Double](repeating: 1, count: count)
    let n = Double(count)
    for index in 0..<((count + 1) / 2) {
      var x = Mathematics.cos(Double.pi * (Double(index) + 0.75) / (n + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var (value, before) = (1.0, 0.0)
        for degree in 1...count {
          let d = Double(degree)
          (value, before) = (((2 * d - 1) * x * value - (d - 1) * before) / d, value)
        }
        slope = n * (x * value - before) / (x * x - 1)
        let step = value / slope
        x -= step
        if abs(step) < 1e-16 { break }
      }
      points[index] = (1 - x) / 2
      points[count - 1 - index] = (1 + x) / 2
      let weight = 1 / ((1 - x * x) * slope * slope)
      weights[index] = weight
      weights[count - 1 - index] = weight
    }
    return (points, weights)
  }
}
