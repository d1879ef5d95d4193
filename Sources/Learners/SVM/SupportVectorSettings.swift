import Basics
import Kernels

/// Similarities of rows that support vector machines know; rows `x`, `z` on the scale of the model.
public enum SupportVectorKernel: String, Sendable, Hashable, Codable, CaseIterable {
  /// `x·z`
  case linear
  /// `exp(−gamma |x − z|²)`
  case rbf
  /// `(gamma x·z + offset)^degree`
  case polynomial
  /// `tanh(gamma x·z + offset)`
  case sigmoid
}

/// How `gamma` 0 is replaced.
public enum SupportVectorGamma: String, Sendable, Hashable, Codable, CaseIterable {
  /// One over the number of columns times the variance of all cells.
  case scale
  /// One over the number of columns.
  case auto
}

/// What both support vector machines share.
enum SupportVectors {
  /// Rows that are still learnt from; training takes time that grows with their square at least.
  static let rowLimit = 50_000
  /// Bytes of kernel rows kept by one fit, all threads together.
  static let cacheBytes = 400 << 20

  /// Settings both cards have.
  static let hyperparameters: [Hyperparameter] = [
    .init(
      "c", "How dear a row on the wrong side is.", .real(1e-6...1e6, logarithmic: true),
      search: .real(1e-2...1e3, logarithmic: true)),
    .init("kernel", "How alike two rows are.", .choice(SupportVectorKernel.allCases.map(\.rawValue))),
    .init(
      "gamma", "Steepness of the kernel; 0: by gamma_rule.", .real(0...1e6, logarithmic: false),
      search: .real(1e-4...10, logarithmic: true)),
    .init("gamma_rule", "What gamma 0 becomes.", .choice(SupportVectorGamma.allCases.map(\.rawValue))),
    .init("degree", "Power of the polynomial kernel.", .integer(1...10, logarithmic: false)),
    .init("offset", "Constant of the polynomial and sigmoid kernels.", .real(-1e3...1e3, logarithmic: false)),
    .init(
      "tolerance", "Ends when optimality is violated by less.", .real(1e-12...1, logarithmic: true)),
    .init(
      "maximum_iterations", "Steps of the solver at most.", .integer(1...1_000_000_000, logarithmic: true)),
    .init("standardise", "Whether columns are put on one scale first.", .boolean),
  ]

  /// - Throws: `.invalidData` past `rowLimit`.
  static func checkRowCount(_ count: Int, owner: String) throws {
    guard count > rowLimit else { return }
    throw MLError(
      .invalidData, "\(owner): takes at most \(rowLimit) rows; got \(count).",
      hint: "Put the step 'random-fourier-features' or 'nystroem-features' before a linear learner.")
  }

  /// `gamma`, or what the rule makes of the rows.
  static func gamma(
    _ gamma: Double, _ rule: SupportVectorGamma, _ rows: [Double], width: Int, weights: [Double]?
  ) -> Double {
    if gamma > 0 { return gamma }
    if rule == .auto { return 1 / Double(width) }
    var (total, sum) = (0.0, 0.0)
    for place in rows.indices {
      let weight = weights?[place / width] ?? 1
      total += weight
      sum += weight * rows[place]
    }
    let mean = sum / total
    var squares = 0.0
    for place in rows.indices {
      squares += (weights?[place / width] ?? 1) * (rows[place] - mean) * (rows[place] - mean)
    }
    let variance = squares / total
    return variance > 1e-300 ? 1 / (Double(width) * variance) : 1
  }
}

/// A weighted sum of kernels to some rows.
struct KernelExpansion: Sendable {
  /// Rows with a weight that is not 0, of the table it was fitted on.
  var support: [Int32]
  var coefficients: [Double]
  var rho: Double
  /// Value of the dual objective.
  var objective: Double
  /// Whether the solver reached its tolerance.
  var isConverged: Bool
}

/// Rows a machine is fitted on.
struct KernelTask {
  let kernel: KernelFunction
  /// All rows of the table, row-major.
  let rows: [Double]
  let width: Int
  let tolerance: Double
  let maximumIterations: Int
  let cacheBytes: Int

  /// Some of the rows, row-major.
  func gathered(_ chosen: [Int]) -> [Double] {
    var out: [Double] = []
    out.reserveCapacity(chosen.count * width)
    for row in chosen { out.append(contentsOf: rows[(row * width)..<((row + 1) * width)]) }
    return out
  }

  /// Solves a problem over the rows `chosen`, and adds up variables of the same row.
  func expansion(
    _ chosen: [Int], _ make: ([Double]) -> SequentialMinimalOptimisation.Problem, _ poll: (Int) throws -> Void
  ) throws -> KernelExpansion {
    let own = gathered(chosen)
    let problem = make(kernel.diagonal(own, width: width))
    let cache = KernelCache(kernel, rows: own, rowCount: chosen.count, width: width, bytes: cacheBytes)
    var solver = SequentialMinimalOptimisation(
      problem, cache: cache, tolerance: tolerance, maximumIterations: maximumIterations)
    let solution = try solver.solve(poll)
    var sums = [Double](repeating: 0, count: chosen.count)
    for variable in solution.alphas.indices {
      sums[Int(problem.rows[variable])] += problem.signs[variable] * solution.alphas[variable]
    }
    let kept = sums.indices.filter { sums[$0] != 0 }
    return KernelExpansion(
      support: kept.map { Int32(chosen[$0]) }, coefficients: kept.map { sums[$0] }, rho: solution.rho,
      objective: solution.objective, isConverged: solution.isDone)
  }

  /// Values of an expansion for the rows `chosen`.
  func values(_ machine: KernelExpansion, at chosen: [Int]) -> [Double] {
    guard !machine.support.isEmpty else { return [Double](repeating: -machine.rho, count: chosen.count) }
    let support = SupportRows(
      kernel: kernel, rows: gathered(machine.support.map { Int($0) }), count: machine.support.count, width: width)
    let places = machine.support.indices.map { Int32($0) }
    return support.values(
      of: gathered(chosen), rowCount: chosen.count, machines: [(places, machine.coefficients, machine.rho)])
  }
}

/// Support rows, ready to be compared with new rows.
struct SupportRows: Sendable {
  let kernel: KernelFunction
  let rows: [Double]
  let count: Int
  let width: Int
  private let tiles: RowTiles

  init(kernel: KernelFunction, rows: [Double], count: Int, width: Int) {
    self.kernel = kernel
    self.rows = rows
    self.count = count
    self.width = width
    tiles = RowTiles(rows, rowCount: count, width: width)
  }

  /// Values of several expansions for `queries`, row-major `[rowCount, machines.count]`, finite.
  func values(
    of queries: [Double], rowCount: Int, machines: [(support: [Int32], coefficients: [Double], rho: Double)]
  ) -> [Double] {
    var out = [Double](repeating: 0, count: rowCount * machines.count)
    var kernels = [Double](repeating: 0, count: 16 * tiles.paddedCount)
    for start in stride(from: 0, to: rowCount, by: 16) {
      let end = min(start + 16, rowCount)
      kernel.values(queries.span.extracting((start * width)..<(end * width)), tiles, into: &kernels)
      let values = kernels.span
      for row in start..<end {
        let base = (row - start) * tiles.paddedCount
        for (index, machine) in machines.enumerated() {
          var sum = -machine.rho
          for entry in machine.support.indices {
            sum += machine.coefficients[entry] * values[base + Int(machine.support[entry])]
          }
          out[row * machines.count + index] = sum.isNaN ? -machine.rho : max(-1e300, min(1e300, sum))
        }
      }
    }
    return out
  }
}
