import Kernels

/// Cyclic coordinate descent on `gᵀd + ½ dᵀH d + Σ λⱼ |zⱼ + dⱼ|`, the lasso's quadratic with `H` in memory.
///
/// - Source: Friedman, Hastie and Tibshirani, *Regularization paths for generalized linear models via coordinate
///   descent*, J. Stat. Softw. 33(1), 2010 (covariance updates).
struct QuadraticDescent {
  /// Full symmetric `[n, n]`.
  let hessian: [Double]
  /// Weight of the absolute value of each coefficient.
  let absolute: [Double]
  /// Present coefficients.
  var solution: [Double]
  /// Derivative of the smooth part at the present coefficients.
  var gradient: [Double]

  private var count: Int { solution.count }

  /// How far coefficient `j` is from its optimality condition.
  static func violation(_ value: Double, _ gradient: Double, _ absolute: Double) -> Double {
    if value > 0 { return abs(gradient + absolute) }
    if value < 0 { return abs(gradient - absolute) }
    return max(0, abs(gradient) - absolute)
  }

  /// Largest violation of the optimality conditions.
  var violation: Double {
    solution.indices.reduce(0) { max($0, Self.violation(solution[$1], gradient[$1], absolute[$1])) }
  }

  /// Sweeps until no violation exceeds `tolerance`, first over all coefficients, then over those that moved; ends with
  /// an exact solve for the coefficients that are not 0.
  mutating func run(tolerance: Double, maximumSweeps: Int, check: () throws -> Void) throws {
    var isFull = true
    for sweep in 0..<maximumSweeps {
      if sweep & 15 == 0 { try check() }
      var largest = 0.0
      for j in 0..<count where isFull || solution[j] != 0 {
        largest = max(largest, Self.violation(solution[j], gradient[j], absolute[j]))
        move(j)
      }
      if largest <= tolerance {
        if isFull { break }
        isFull = true
      } else {
        if isFull || sweep % 50 == 49 { polish() }
        isFull = false
      }
    }
    polish()
  }

  private mutating func move(_ j: Int) {
    let curvature = hessian[j * count + j]
    guard curvature > 0 else { return }
    let old = solution[j]
    let target = old * curvature - gradient[j]
    let size = max(0, abs(target) - absolute[j])
    let new = (target < 0 ? -size : size) / curvature
    let step = new - old
    guard step != 0 else { return }
    solution[j] = new
    LinearKernels.add(step, hessian, (j * count)..<((j + 1) * count), to: &gradient)
  }

  /// Newton's step on the coefficients that are not 0, kept when no sign changes and the violation falls.
  private mutating func polish() {
    let free = solution.indices.filter { solution[$0] != 0 && hessian[$0 * count + $0] > 0 }
    guard !free.isEmpty, free.count <= 1000 else { return }
    let n = free.count
    var system = [Double](repeating: 0, count: n * n)
    for a in 0..<n { for b in 0...a { system[a * n + b] = hessian[free[a] * count + free[b]] } }
    let right = free.map { -(gradient[$0] + (solution[$0] > 0 ? absolute[$0] : -absolute[$0])) }
    let step = Cholesky.solve(system, right)
    var next = self
    for a in 0..<n {
      let j = free[a]
      next.solution[j] += step[a]
      if absolute[j] > 0, next.solution[j] * solution[j] <= 0 { return }
      LinearKernels.add(step[a], hessian, (j * count)..<((j + 1) * count), to: &next.gradient)
    }
    if next.violation < violation { self = next }
  }
}
