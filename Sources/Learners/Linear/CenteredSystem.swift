import Kernels

/// Normal equations of a linear model with the free intercept eliminated: `gram · z = right` for all other features.
struct CenteredSystem {
  /// Features without the constant.
  let count: Int
  /// Full symmetric `[count, count]`.
  let gram: [Double]
  let right: [Double]
  private let constant: Int
  private let crossing: [Double]
  private let weight: Double
  private let offset: Double

  /// From the sums of a pass at scores of 0, second derivatives included.
  init(_ sums: LinearPass.Sums, constant: Int) {
    let width = sums.gradient.count
    let chosen = (0..<width).filter { $0 != constant }
    let n = width - 1
    let total = sums.hessian[constant * width + constant]
    func cell(_ a: Int, _ b: Int) -> Double { sums.hessian[max(a, b) * width + min(a, b)] }
    let crossing = chosen.map { cell($0, constant) }
    var gram = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      let share = total > 0 ? crossing[i] / total : 0
      for j in 0...i {
        let value = cell(chosen[i], chosen[j]) - share * crossing[j]
        gram[i * n + j] = i == j ? max(0, value) : value
        gram[j * n + i] = gram[i * n + j]
      }
    }
    let top = -sums.gradient[constant]
    right = chosen.indices.map { -sums.gradient[chosen[$0]] - (total > 0 ? crossing[$0] / total * top : 0) }
    count = n
    self.gram = gram
    self.constant = constant
    self.crossing = crossing
    weight = total
    offset = top
  }

  /// All coefficients with the intercept in its place.
  func completed(_ solution: [Double]) -> [Double] {
    var out = solution
    var intercept = offset
    for i in 0..<count { intercept -= crossing[i] * solution[i] }
    out.insert(weight > 0 ? intercept / weight : 0, at: constant)
    return out
  }
}

/// Least-squares solutions of normal equations that may lack full rank.
enum MinimumNorm {
  /// The shortest `x` that minimises `‖B x − y‖` for `gram = BᵀB` and `right = Bᵀy`.
  ///
  /// Cholesky with complete pivoting; pivots below 1e-13 of the largest diagonal count as dependent. Where some do,
  /// `gram = F Fᵀ` with `F [n, rank]` and `x = F (FᵀF)⁻² Fᵀ right`.
  ///
  /// - Source: Courrieu, *Fast computation of Moore–Penrose inverse matrices*, 2005.
  static func solve(_ gram: [Double], _ right: [Double]) -> [Double] {
    let n = right.count
    let (factor, pivots) = pivoted(gram, n)
    let rank = pivots.count
    guard rank > 0 else { return [Double](repeating: 0, count: n) }
    if rank == n { return Cholesky.solve(gram, right) }
    var inner = [Double](repeating: 0, count: rank * rank)
    var image = [Double](repeating: 0, count: rank)
    for row in 0..<n {
      for a in 0..<rank {
        let value = factor[row * n + a]
        if value == 0 { continue }
        image[a] += value * right[row]
        for b in 0...a { inner[a * rank + b] += value * factor[row * n + b] }
      }
    }
    let middle = Cholesky.solve(inner, Cholesky.solve(inner, image))
    return (0..<n).map { row in (0..<rank).reduce(0) { $0 + factor[row * n + $1] * middle[$1] } }
  }

  /// Rows of the factor `[n, n]`, of which the first `pivots.count` columns are used.
  private static func pivoted(_ gram: [Double], _ n: Int) -> (factor: [Double], pivots: [Int]) {
    var factor = [Double](repeating: 0, count: n * n)
    var left = (0..<n).map { gram[$0 * n + $0] }
    let limit = 1e-13 * (left.max() ?? 0)
    var isUsed = [Bool](repeating: false, count: n)
    var pivots: [Int] = []
    while pivots.count < n {
      var best = -1
      for j in 0..<n where !isUsed[j] && (best < 0 || left[j] > left[best]) { best = j }
      guard left[best] > limit, left[best] > 0 else { break }
      let k = pivots.count
      let root = left[best].squareRoot()
      for j in 0..<n where !isUsed[j] && j != best {
        let product = LinearKernels.dot(factor, from: j * n, factor, from: best * n, count: k)
        let value = (gram[j * n + best] - product) / root
        factor[j * n + k] = value
        left[j] -= value * value
      }
      factor[best * n + k] = root
      isUsed[best] = true
      pivots.append(best)
    }
    return (factor, pivots)
  }
}
