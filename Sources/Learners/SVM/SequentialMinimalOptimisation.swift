import Basics
import Kernels

/// Minimises `½ αᵀQα + pᵀα` with `yᵀα` fixed and `0 ≤ α ≤ C`, where `Q = y yᵀ K`: pairs of variables by second-order
/// choice, variables at their bounds set aside, kernel rows kept as far as memory goes.
///
/// A variable belongs to a row of the kernel matrix; regression has two for each row.
///
/// - Source: Fan, Chen and Lin 2005; Chang and Lin, *LIBSVM: a library for support vector machines*, 2011.
struct SequentialMinimalOptimisation {
  /// The problem: one entry a variable.
  struct Problem {
    /// Row of the kernel matrix.
    var rows: [Int32]
    /// 1 or −1.
    var signs: [Double]
    /// Linear part of the objective.
    var linear: [Double]
    /// Upper bounds.
    var bounds: [Double]
    /// Kernel of each row with itself, by row.
    var diagonal: [Double]
  }

  /// The solution.
  struct Solution {
    /// One a variable, in the order of the problem.
    var alphas: [Double]
    /// What the decision function subtracts.
    var rho: Double
    /// Value of the objective.
    var objective: Double
    var iterationCount: Int
    /// Whether the tolerance was reached.
    var isDone: Bool
  }

  private let problem: Problem
  private let tolerance: Double
  private let maximumIterations: Int
  private var cache: KernelCache
  /// Variable at each place; active ones first.
  private var order: [Int]
  private var active: Int
  private var alpha: [Double]
  /// `−y · ∂objective/∂α` at each place.
  private var g: [Double]
  private var sign: [Double]
  private var bound: [Double]
  private var diagonal: [Double]
  private var row: [Int32]
  private var mayRise: [UInt8]
  private var mayFall: [UInt8]
  private var isUnshrunk = false
  private var first: [Float]
  private var second: [Float]

  init(_ problem: Problem, cache: KernelCache, tolerance: Double, maximumIterations: Int) {
    let count = problem.rows.count
    self.problem = problem
    self.cache = cache
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    order = Array(0..<count)
    active = count
    alpha = [Double](repeating: 0, count: count)
    g = zip(problem.signs, problem.linear).map { -$0 * $1 }
    sign = problem.signs
    bound = problem.bounds
    diagonal = problem.rows.map { problem.diagonal[Int($0)] }
    row = problem.rows
    mayRise = problem.signs.map { $0 > 0 ? 1 : 0 }
    mayFall = problem.signs.map { $0 > 0 ? 0 : 1 }
    first = [Float](repeating: 0, count: count)
    second = first
  }

  /// Solves; `poll` is called now and then and may throw to stop.
  mutating func solve(_ poll: (Int) throws -> Void) throws -> Solution {
    let pause = min(1000, max(1, order.count))
    var iteration = 0
    var untilShrinking = pause
    var top = largest()
    var isDone = false
    while iteration < maximumIterations {
      if iteration % 256 == 0 { try poll(iteration) }
      untilShrinking -= 1
      if untilShrinking == 0 {
        untilShrinking = pause
        shrink()
        top = largest()
      }
      var pair = partner(of: top)
      if pair == nil, active < order.count {
        restore()
        top = largest()
        pair = partner(of: top)
        untilShrinking = pause
      }
      guard let i = top, let j = pair else {
        isDone = true
        break
      }
      iteration += 1
      top = step(i, j)
    }
    if active < order.count { restore() }
    return solution(iteration, isDone)
  }

  // MARK: Steps

  /// Place that may rise with the largest `g`.
  private func largest() -> Int? {
    var best: Int?
    for place in 0..<active where mayRise[place] != 0 && g[place] > best.map({ g[$0] }) ?? -.infinity { best = place }
    return best
  }

  /// Loads the kernel row of place `i` in the order of places, and finds its partner; `nil` at the optimum.
  private mutating func partner(of place: Int?) -> Int? {
    guard let i = place else { return nil }
    load(i, into: \.first)
    let found = WorkingSet.partner(
      of: i, g, row: first, diagonal: diagonal, mayFall: mayFall, count: active)
    return g[i] - found.least < tolerance ? nil : found.place
  }

  private mutating func load(_ place: Int, into target: WritableKeyPath<Self, [Float]>) {
    let values = cache.row(Int(row[place]))
    var out = self[keyPath: target]
    self[keyPath: target] = []
    let source = values.span
    for position in 0..<active { out[position] = source[Int(row[position])] }
    self[keyPath: target] = out
  }

  /// Moves along the pair as far as bounds allow; returns the next place with the largest `g`.
  private mutating func step(_ i: Int, _ j: Int) -> Int? {
    load(j, into: \.second)
    let curvature = max(diagonal[i] + diagonal[j] - 2 * Double(first[j]), 1e-12)
    var length = (g[i] - g[j]) / curvature
    // Along the direction α_i += y_i t, α_j −= y_j t.
    length = min(length, sign[i] > 0 ? bound[i] - alpha[i] : alpha[i])
    length = min(length, sign[j] > 0 ? alpha[j] : bound[j] - alpha[j])
    move(i, by: sign[i] * length)
    move(j, by: -sign[j] * length)
    return WorkingSet.update(
      &g, first, second, steps: (length, -length), mayRise: mayRise, count: active)
  }

  private mutating func move(_ place: Int, by amount: Double) {
    var value = alpha[place] + amount
    let slack = 1e-14 * bound[place]
    if value < slack { value = 0 } else if value > bound[place] - slack { value = bound[place] }
    alpha[place] = value
    let (isLow, isHigh) = (value <= 0, value >= bound[place])
    mayRise[place] = sign[place] > 0 ? (isHigh ? 0 : 1) : (isLow ? 0 : 1)
    mayFall[place] = sign[place] > 0 ? (isLow ? 0 : 1) : (isHigh ? 0 : 1)
  }

  // MARK: Shrinking

  /// Sets aside variables that sit at a bound and would be pushed further into it.
  private mutating func shrink() {
    var (high, low) = (-Double.infinity, Double.infinity)
    for place in 0..<active {
      if mayRise[place] != 0 { high = max(high, g[place]) }
      if mayFall[place] != 0 { low = min(low, g[place]) }
    }
    if !isUnshrunk, high - low <= 10 * tolerance {
      isUnshrunk = true
      restore()
    }
    var kept: [Int] = []
    var aside: [Int] = []
    for place in 0..<active {
      let isStuck = mayRise[place] == 0 ? g[place] > high : mayFall[place] == 0 ? g[place] < low : false
      if isStuck { aside.append(place) } else { kept.append(place) }
    }
    if aside.isEmpty { return }
    reorder(kept + aside + Array(active..<order.count))
    active = kept.count
  }

  /// Takes all variables back, with their `g` computed anew.
  private mutating func restore() {
    guard active < order.count else { return }
    var fresh = (active..<order.count).map { -sign[$0] * problem.linear[order[$0]] }
    for place in order.indices where alpha[place] > 0 {
      let values = cache.row(Int(row[place]))
      let weight = sign[place] * alpha[place]
      for position in fresh.indices { fresh[position] -= weight * Double(values[Int(row[active + position])]) }
    }
    for position in fresh.indices { g[active + position] = fresh[position] }
    active = order.count
  }

  private mutating func reorder(_ places: [Int]) {
    func permuted<T>(_ values: [T]) -> [T] { places.map { values[$0] } }
    order = permuted(order)
    alpha = permuted(alpha)
    g = permuted(g)
    sign = permuted(sign)
    bound = permuted(bound)
    diagonal = permuted(diagonal)
    row = permuted(row)
    mayRise = permuted(mayRise)
    mayFall = permuted(mayFall)
  }

  private func solution(_ iterations: Int, _ isDone: Bool) -> Solution {
    var alphas = [Double](repeating: 0, count: order.count)
    var objective = 0.0
    var (free, freeCount, high, low) = (0.0, 0.0, -Double.infinity, Double.infinity)
    for (place, variable) in order.enumerated() {
      alphas[variable] = alpha[place]
      objective += alpha[place] * (-sign[place] * g[place] + problem.linear[variable]) / 2
      if mayRise[place] != 0, mayFall[place] != 0 {
        free += g[place]
        freeCount += 1
      }
      if mayRise[place] != 0 { high = max(high, g[place]) }
      if mayFall[place] != 0 { low = min(low, g[place]) }
    }
    let middle = high.isFinite && low.isFinite ? (high + low) / 2 : high.isFinite ? high : low.isFinite ? low : 0
    return Solution(
      alphas: alphas, rho: freeCount > 0 ? -free / freeCount : -middle, objective: objective,
      iterationCount: iterations, isDone: isDone)
  }
}
