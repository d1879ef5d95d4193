import Basics
import Modeling

/// Fits the machines of all pairs of classes that have rows.
struct PairFitting {
  let settings: SupportVectorClassifier
  let data: TrainingData
  let hashes: [UInt64]
  let task: KernelTask
  let context: FitContext

  /// A machine for two classes; above 0 speaks for `first`.
  struct Machine: Sendable {
    var first: Int
    var second: Int
    var expansion: KernelExpansion
    /// Probability of `first` = `1 / (1 + exp(slope · value + shift))`.
    var slope: Double
    var shift: Double
  }

  /// Machines in the order of their classes.
  func machines() throws -> [Machine] {
    guard case .classes(let codes, let names) = data.target else { return [] }
    var byClass = [[Int]](repeating: [], count: names.count)
    for (row, code) in codes.enumerated() { byClass[Int(code)].append(row) }
    let groups = byClass
    let present = names.indices.filter { !groups[$0].isEmpty }
    let pairs = present.flatMap { first in present.filter { $0 > first }.map { (first, $0) } }
    let folds = settings.calibrationFolds
    let parts = try context.workers.map(pairs.count * (folds + 1)) { index in
      try context.checkCancellation()
      let (first, second) = pairs[index / (folds + 1)]
      let rows = (groups[first] + groups[second]).sorted()
      return try part(rows, codes, first, fold: index % (folds + 1) - 1)
    }
    context.progress(FitProgress(iteration: 1, iterationCount: 1))
    try context.checkCancellation()
    return pairs.indices.map { pair in
      let own = parts[(pair * (folds + 1))..<((pair + 1) * (folds + 1))]
      guard let expansion = own.first?.expansion else { preconditionFailure("every pair has a machine") }
      let held = own.flatMap(\.held).sorted { $0.row < $1.row }
      let sigmoid = PlattSigmoid(
        values: held.map(\.value), isPositive: held.map { Int(codes[$0.row]) == pairs[pair].0 },
        weights: held.map { data.weights?[$0.row] ?? 1 })
      return Machine(
        first: pairs[pair].0, second: pairs[pair].1, expansion: expansion, slope: sigmoid.slope, shift: sigmoid.shift)
    }
  }

  private struct Part: Sendable {
    var expansion: KernelExpansion?
    var held: [(row: Int, value: Double)] = []
  }

  /// Fold −1: the machine of all rows; others: decision values of the rows held out.
  private func part(_ rows: [Int], _ codes: [Int32], _ first: Int, fold: Int) throws -> Part {
    guard fold >= 0 else { return Part(expansion: try expansion(rows, codes, first)) }
    let folds = UInt64(settings.calibrationFolds)
    let held = rows.filter { StableHash.mix(hashes[$0]) % folds == UInt64(fold) }
    let kept = rows.filter { StableHash.mix(hashes[$0]) % folds != UInt64(fold) }
    if held.isEmpty { return Part() }
    let firstCount = kept.count { Int(codes[$0]) == first }
    guard firstCount > 0, firstCount < kept.count else {
      let value = kept.isEmpty ? 0.0 : firstCount > 0 ? 1 : -1
      return Part(held: held.map { ($0, value) })
    }
    let values = task.values(try expansion(kept, codes, first), at: held)
    return Part(held: Array(zip(held, values)).map { (row: $0.0, value: $0.1) })
  }

  private func expansion(_ rows: [Int], _ codes: [Int32], _ first: Int) throws -> KernelExpansion {
    try task.expansion(rows) { diagonal in
      .init(
        rows: rows.indices.map { Int32($0) }, signs: rows.map { Int(codes[$0]) == first ? 1 : -1 },
        linear: [Double](repeating: -1, count: rows.count),
        bounds: rows.map { settings.c * (data.weights?[$0] ?? 1) }, diagonal: diagonal)
    } _: { _ in
      try context.checkCancellation()
    }
  }
}

/// Probabilities from decision values: `P(positive) = 1 / (1 + exp(slope · value + shift))`.
///
/// - Source: Platt, *Probabilistic outputs for support vector machines*, 1999; Lin, Lin and Weng, *A note on Platt's
///   probabilistic outputs*, Machine Learning 68, 2007 (targets, Newton's method with backtracking).
struct PlattSigmoid: Sendable {
  private(set) var slope = 0.0
  private(set) var shift = 0.0

  init(values: [Double], isPositive: [Bool], weights: [Double]) {
    var (positive, negative) = (0.0, 0.0)
    for row in values.indices { if isPositive[row] { positive += weights[row] } else { negative += weights[row] } }
    let (high, low) = ((positive + 1) / (positive + 2), 1 / (negative + 2))
    let targets = isPositive.map { $0 ? high : low }
    shift = Mathematics.log((negative + 1) / (positive + 1))
    let size = max(1e-300, values.reduce(0) { max($0, abs($1)) })
    let scaled = values.map { $0 / size }
    func objective(_ a: Double, _ b: Double) -> Double {
      var sum = 0.0
      for row in scaled.indices {
        let z = scaled[row] * a + b
        let loss = z >= 0 ? targets[row] * z : (targets[row] - 1) * z
        sum += weights[row] * (loss + Mathematics.log1p(Mathematics.exp(-abs(z))))
      }
      return sum
    }
    var (a, b) = (0.0, shift)
    var current = objective(a, b)
    for _ in 0..<100 {
      var (haa, hbb, hab, ga, gb) = (1e-12, 1e-12, 0.0, 0.0, 0.0)
      for row in scaled.indices {
        let p = Mathematics.logistic(-(scaled[row] * a + b))
        let curvature = weights[row] * p * (1 - p)
        haa += scaled[row] * scaled[row] * curvature
        hbb += curvature
        hab += scaled[row] * curvature
        let slope = weights[row] * (targets[row] - p)
        ga += scaled[row] * slope
        gb += slope
      }
      if abs(ga) < 1e-10 * (positive + negative), abs(gb) < 1e-10 * (positive + negative) { break }
      let determinant = haa * hbb - hab * hab
      guard determinant > 0 else { break }
      let (da, db) = (-(hbb * ga - hab * gb) / determinant, -(haa * gb - hab * ga) / determinant)
      let descent = ga * da + gb * db
      var step = 1.0
      while step >= 1e-10 {
        let next = objective(a + step * da, b + step * db)
        if next < current + 1e-4 * step * descent {
          (a, b, current) = (a + step * da, b + step * db, next)
          break
        }
        step /= 2
      }
      if step < 1e-10 { break }
    }
    slope = (a / size).isFinite ? a / size : 0
    shift = b
  }
}

/// Class probabilities from those of pairs.
enum PairwiseCoupling {
  /// Probabilities that fit `pairs[i][j]` = P(i | i or j) best.
  ///
  /// - Source: Wu, Lin and Weng 2004, second method, as in LIBSVM.
  static func probabilities(_ pairs: [[Double]]) -> [Double] {
    let count = pairs.count
    if count == 1 { return [1] }
    if count == 2 { return [pairs[0][1], pairs[1][0]] }
    var q = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for t in 0..<count {
      for j in 0..<count where j != t {
        q[t][t] += pairs[j][t] * pairs[j][t]
        q[t][j] = -pairs[j][t] * pairs[t][j]
      }
    }
    var p = [Double](repeating: 1 / Double(count), count: count)
    let tolerance = 1e-12 / Double(count)
    for _ in 0..<max(1000, count) {
      var qp = q.map { row in zip(row, p).reduce(0) { $0 + $1.0 * $1.1 } }
      var pqp = zip(p, qp).reduce(0) { $0 + $1.0 * $1.1 }
      if qp.allSatisfy({ abs($0 - pqp) < tolerance }) { break }
      for t in 0..<count {
        let change = (pqp - qp[t]) / q[t][t]
        p[t] += change
        pqp = (pqp + change * (change * q[t][t] + 2 * qp[t])) / (1 + change) / (1 + change)
        for j in 0..<count {
          qp[j] = (qp[j] + change * q[t][j]) / (1 + change)
          p[j] /= 1 + change
        }
      }
    }
    let total = p.reduce(0, +)
    return p.map { $0 / total }
  }
}
