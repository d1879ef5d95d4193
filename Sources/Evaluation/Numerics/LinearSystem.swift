import Basics

/// Small dense systems of equations.
enum LinearSystem {
  /// The solution of `matrix · x = right` for every column of `right`, by elimination with row exchanges.
  ///
  /// - Parameters:
  ///   - matrix: row-major `[size, size]`.
  ///   - right: row-major `[size, columns]`.
  /// - Returns: row-major `[size, columns]`; `nil` when the matrix is singular to working precision.
  static func solve(_ matrix: [Double], _ right: [Double], size: Int) -> [Double]? {
    guard size > 0 else { return [] }
    var (a, b) = (matrix, right)
    let columns = right.count / size
    let scale = matrix.reduce(0) { max($0, abs($1)) }
    for k in 0..<size {
      var pivot = k
      for row in (k + 1)..<max(k + 1, size) where abs(a[row * size + k]) > abs(a[pivot * size + k]) { pivot = row }
      guard abs(a[pivot * size + k]) > 1e-14 * scale else { return nil }
      if pivot != k {
        for j in 0..<size { a.swapAt(k * size + j, pivot * size + j) }
        for j in 0..<columns { b.swapAt(k * columns + j, pivot * columns + j) }
      }
      for row in (k + 1)..<max(k + 1, size) {
        let factor = a[row * size + k] / a[k * size + k]
        guard factor != 0 else { continue }
        for j in k..<size { a[row * size + j] -= factor * a[k * size + j] }
        for j in 0..<columns { b[row * columns + j] -= factor * b[k * columns + j] }
      }
    }
    for k in (0..<size).reversed() {
      for j in 0..<columns {
        var value = b[k * columns + j]
        for other in (k + 1)..<max(k + 1, size) { value -= a[k * size + other] * b[other * columns + j] }
        b[k * columns + j] = value / a[k * size + k]
      }
    }
    return b
  }
}

/// Logistic regression on a few columns by Newton's method with halved steps.
enum SmallLogistic {
  /// Coefficients, the intercept last; `nil` when they cannot be found.
  ///
  /// - Parameters:
  ///   - columns: one list of numbers a column.
  ///   - ridge: penalty of squared coefficients (the intercept goes free), which keeps separable rows finite.
  static func fitted(
    _ columns: [[Double]], isPositive: [Bool], weights: [Double], ridge: Double = 1e-10
  ) -> [Double]? {
    let width = columns.count + 1
    var current = [Double](repeating: 0, count: width)
    var value = objective(current, columns, isPositive, weights, ridge)
    for _ in 0..<200 {
      var gradient = current.indices.map { $0 + 1 < width ? ridge * current[$0] : 0 }
      var hessian = [Double](repeating: 0, count: width * width)
      for k in 0..<width { hessian[k * width + k] = k + 1 < width ? ridge : 1e-14 }
      for row in isPositive.indices where weights[row] > 0 {
        let x = (0..<width).map { $0 + 1 < width ? columns[$0][row] : 1 }
        let p = Mathematics.logistic(zip(x, current).reduce(0) { $0 + $1.0 * $1.1 })
        let (residual, curvature) = (weights[row] * (p - (isPositive[row] ? 1 : 0)), weights[row] * p * (1 - p))
        for k in 0..<width {
          gradient[k] += residual * x[k]
          for j in 0..<width { hessian[k * width + j] += curvature * x[k] * x[j] }
        }
      }
      guard let step = LinearSystem.solve(hessian, gradient, size: width) else { break }
      var size = 1.0
      var next = current
      var after = value
      repeat {
        next = zip(current, step).map { $0 - size * $1 }
        after = objective(next, columns, isPositive, weights, ridge)
        size /= 2
      } while !(after <= value) && size > 1e-10
      guard after <= value else { break }
      let gained = value - after
      (current, value) = (next, after)
      if gained <= 1e-15 * abs(value) { break }
    }
    return current.allSatisfy(\.isFinite) ? current : nil
  }

  private static func objective(
    _ coefficients: [Double], _ columns: [[Double]], _ isPositive: [Bool], _ weights: [Double], _ ridge: Double
  ) -> Double {
    var sum = coefficients.dropLast().reduce(0) { $0 + ridge * $1 * $1 / 2 }
    for row in isPositive.indices where weights[row] > 0 {
      var score = coefficients[columns.count]
      for k in columns.indices { score += coefficients[k] * columns[k][row] }
      let margin = isPositive[row] ? -score : score
      sum += weights[row] * (max(margin, 0) + Mathematics.log1p(Mathematics.exp(-abs(score))))
    }
    return sum
  }
}
