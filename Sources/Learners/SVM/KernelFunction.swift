import Basics
import Kernels

/// A kernel with its numbers settled.
struct KernelFunction: Sendable, Hashable, Codable {
  let kind: SupportVectorKernel
  let gamma: Double
  let degree: Int
  let offset: Double

  enum CodingKeys: String, CodingKey { case kind, gamma, degree, offset }

  /// Distances the kernel is made of.
  private var distance: RowDistance { kind == .rbf ? .squared : .cosine }

  /// Values of the kernel between `queries` and all rows of `tiles`, `[queryCount, tiles.paddedCount]`; numbers past
  /// the last row have no meaning.
  func values(_ queries: Span<Double>, _ tiles: RowTiles, into out: inout [Double]) {
    var span = out.mutableSpan
    tiles.distances(distance, queries: queries, into: &span)
    let count = queries.count / tiles.width * tiles.paddedCount
    switch kind {
    case .rbf:
      for place in 0..<count { span[place] *= -gamma }
      VectorMath.exponentiate(&span)
    case .linear: for place in 0..<count { span[place] = 1 - span[place] }
    case .polynomial:
      for place in 0..<count {
        let base = gamma * (1 - span[place]) + offset
        var power = 1.0
        for _ in 0..<degree { power *= base }
        span[place] = power
      }
    case .sigmoid:
      for place in 0..<count {
        let e = Mathematics.expm1(-2 * abs(gamma * (1 - span[place]) + offset))
        let size = -e / (2 + e)
        span[place] = gamma * (1 - span[place]) + offset < 0 ? -size : size
      }
    }
  }

  /// The kernel of a row with itself.
  func diagonal(_ rows: [Double], width: Int) -> [Double] {
    stride(from: 0, to: rows.count, by: width).map { first in
      if kind == .rbf { return 1 }
      var square = 0.0
      for d in first..<(first + width) { square += rows[d] * rows[d] }
      switch kind {
      case .polynomial:
        var power = 1.0
        for _ in 0..<degree { power *= gamma * square + offset }
        return power
      case .sigmoid:
        let x = gamma * square + offset
        return 1 - 2 / (Mathematics.exp(min(700, 2 * x)) + 1)
      default: return square
      }
    }
  }
}

/// Rows of a kernel matrix, those used last kept.
struct KernelCache {
  private let kernel: KernelFunction
  private let tiles: RowTiles
  private let rows: [Double]
  private var kept: [[Float]]
  private var lastUse: [Int]
  private var order: [Int] = []
  private var clock = 0
  private let capacity: Int
  private var scratch: [Double]

  /// Rows on one scale, row-major; keeps at most `bytes` of kernel values, at least two rows.
  init(_ kernel: KernelFunction, rows: [Double], rowCount: Int, width: Int, bytes: Int) {
    self.kernel = kernel
    self.rows = rows
    tiles = RowTiles(rows, rowCount: rowCount, width: width)
    kept = [[Float]](repeating: [], count: rowCount)
    lastUse = [Int](repeating: 0, count: rowCount)
    capacity = max(2, bytes / (4 * max(1, rowCount)))
    scratch = [Double](repeating: 0, count: tiles.paddedCount)
  }

  /// Values of the kernel between `row` and all rows.
  mutating func row(_ row: Int) -> [Float] {
    clock += 1
    lastUse[row] = clock
    if !kept[row].isEmpty { return kept[row] }
    if order.count >= capacity { evict() }
    var exact = scratch
    scratch = []
    kernel.values(rows.span.extracting((row * tiles.width)..<((row + 1) * tiles.width)), tiles, into: &exact)
    let count = tiles.rowCount
    var values = [Float](repeating: 0, count: count)
    for place in 0..<count { values[place] = Float(exact[place]) }
    scratch = exact
    kept[row] = values
    order.append(row)
    return values
  }

  /// Drops the half used longest ago.
  private mutating func evict() {
    order.sort { lastUse[$0] > lastUse[$1] }
    let left = max(1, order.count / 2)
    for row in order[left...] { kept[row] = [] }
    order.removeSubrange(left...)
  }
}
