import Kernels

/// Solves symmetric positive definite systems.
enum Cholesky {
  /// Solution `x` of `A·x = b` from the lower triangle of `A`, row-major `[n, n]`.
  ///
  /// Where `A` is singular to working precision, the smallest multiple of its diagonal that helps is added, from 1e-14
  /// upwards; the solution stays finite.
  static func solve(_ lower: [Double], _ right: [Double]) -> [Double] {
    let n = right.count
    let largest = (0..<n).reduce(0) { max($0, abs(lower[$1 * n + $1])) }
    var jitter = 0.0
    while true {
      if let factor = factored(lower, n, jitter: jitter * max(largest, 1e-300)) {
        let solution = substituted(factor, right)
        if solution.allSatisfy(\.isFinite) { return solution }
      }
      if jitter > 1 { return [Double](repeating: 0, count: n) }
      jitter = jitter == 0 ? 1e-14 : jitter * 100
    }
  }

  private static func factored(_ lower: [Double], _ n: Int, jitter: Double) -> [Double]? {
    var factor = lower
    for i in 0..<n { factor[i * n + i] += jitter }
    for i in 0..<n {
      for j in 0...i {
        let before = factor[i * n + j]
        let left = before - LinearKernels.dot(factor, from: i * n, factor, from: j * n, count: j)
        if i == j {
          guard left > abs(before) * 1e-15, left > 0 else { return nil }
          factor[i * n + j] = left.squareRoot()
        } else {
          factor[i * n + j] = left / factor[j * n + j]
        }
      }
    }
    return factor
  }

  private static func substituted(_ factor: [Double], _ right: [Double]) -> [Double] {
    let n = right.count
    var x = right
    for i in 0..<n {
      var sum = x[i]
      for k in 0..<i { sum -= factor[i * n + k] * x[k] }
      x[i] = sum / factor[i * n + i]
    }
    for i in (0..<n).reversed() {
      x[i] /= factor[i * n + i]
      for k in 0..<i { x[k] -= factor[i * n + k] * x[i] }
    }
    return x
  }
}
