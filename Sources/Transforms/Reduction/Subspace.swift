import Basics
import Frames

/// Rows that can be multiplied with a few vectors at a time.
protocol RowOperator: Sendable {
  /// Numbers of a row.
  var width: Int { get }
  /// `Xᵀ (X V)`, row-major `[count, width]`, for `V` of the same shape.
  func gram(_ vectors: [Double], count: Int) throws -> [Double]
}

/// The leading right singular vectors of a table, by subspace iteration on `XᵀX` with Rayleigh–Ritz steps.
///
/// - Source: Halko, Martinsson and Tropp, *Finding structure with randomness*, SIAM Review 53(2), 2011.
struct Subspace {
  /// Singular values, descending.
  private(set) var values: [Double]
  /// `[count][width]`, length 1, the entry of the largest size positive.
  private(set) var vectors: [[Double]]

  /// Goes on until the values asked for change by less than 1e-12 of the largest, sixty times at most.
  init(_ rows: some RowOperator, count: Int, seed: Seed, _ poll: () throws -> Void) throws {
    let width = rows.width
    let blockSize = min(width, max(2 * count, count + 20))
    var random = seed.generator
    var block = (0..<(blockSize * width)).map { _ in random.normal() }
    Self.orthonormalise(&block, blockSize, width)
    var last = [Double](repeating: .infinity, count: count)
    values = []
    vectors = []
    for _ in 0..<60 {
      try poll()
      let image = try rows.gram(block, count: blockSize)
      var small = [Double](repeating: 0, count: blockSize * blockSize)
      for i in 0..<blockSize {
        for j in 0...i {
          var (one, two) = (0.0, 0.0)
          for d in 0..<width {
            one += block[i * width + d] * image[j * width + d]
            two += block[j * width + d] * image[i * width + d]
          }
          small[i * blockSize + j] = (one + two) / 2
          small[j * blockSize + i] = (one + two) / 2
        }
      }
      let eigen = SymmetricEigen(small, blockSize)
      let found = eigen.values.prefix(count).map { max(0, $0) }
      values = found.map { $0.squareRoot() }
      vectors = (0..<min(count, blockSize)).map { k in
        Self.combined(block, eigen.vectors, k, blockSize, width)
      }
      let change = zip(found, last).reduce(0) { max($0, abs($1.0 - $1.1)) }
      if blockSize == width || change <= 1e-12 * (found.first ?? 0) { break }
      last = Array(found)
      block = image
      Self.orthonormalise(&block, blockSize, width)
    }
    vectors = vectors.map { Self.signed($0) }
  }

  private static func combined(
    _ block: [Double], _ weights: [Double], _ k: Int, _ blockSize: Int, _ width: Int
  ) -> [Double] {
    var out = [Double](repeating: 0, count: width)
    for i in 0..<blockSize {
      let weight = weights[k * blockSize + i]
      for d in 0..<width { out[d] += weight * block[i * width + d] }
    }
    return out
  }

  static func signed(_ vector: [Double]) -> [Double] {
    var largest = 0
    for place in vector.indices where abs(vector[place]) > abs(vector[largest]) * (1 + 1e-9) { largest = place }
    return vector.isEmpty || vector[largest] >= 0 ? vector : vector.map { -$0 }
  }

  /// Modified Gram–Schmidt, twice; vectors that vanish become zeros.
  private static func orthonormalise(_ block: inout [Double], _ count: Int, _ width: Int) {
    var span = block.mutableSpan
    for i in 0..<count {
      var before = 0.0
      for d in 0..<width { before += span[i * width + d] * span[i * width + d] }
      for _ in 0..<2 {
        for j in 0..<i {
          var dot = 0.0
          for d in 0..<width { dot += span[i * width + d] * span[j * width + d] }
          for d in 0..<width { span[i * width + d] -= dot * span[j * width + d] }
        }
      }
      var square = 0.0
      for d in 0..<width { square += span[i * width + d] * span[i * width + d] }
      let factor = square > 1e-24 * before && square > 0 ? 1 / square.squareRoot() : 0
      for d in 0..<width { span[i * width + d] *= factor }
    }
  }
}

/// Dense rows, row-major.
struct DenseRows: RowOperator {
  let values: [Double]
  let width: Int
  let workers: Workers

  func gram(_ vectors: [Double], count: Int) throws -> [Double] {
    let rowCount = values.count / max(1, width)
    let blocks = Workers.blocks(rowCount, minimum: 256, maximumCount: 32)
    let parts = try workers.map(blocks.count) { block in
      var out = [Double](repeating: 0, count: vectors.count)
      let (cells, basis) = (values.span, vectors.span)
      for row in blocks[block] {
        for k in 0..<count {
          var dot = 0.0
          for d in 0..<width { dot += cells[row * width + d] * basis[k * width + d] }
          for d in 0..<width { out[k * width + d] += dot * cells[row * width + d] }
        }
      }
      return out
    }
    return parts.joinedSums(count: vectors.count)
  }
}

/// Sparse rows in a given order.
struct SparseRows: RowOperator {
  let matrix: SparseMatrix
  let order: [Int]
  let workers: Workers

  var width: Int { matrix.width }

  func gram(_ vectors: [Double], count: Int) throws -> [Double] {
    let blocks = Workers.blocks(order.count, minimum: 256, maximumCount: 32)
    // One entry of every vector side by side, so that a stored cell meets all of them in one run.
    var turned = [Double](repeating: 0, count: vectors.count)
    for k in 0..<count { for d in 0..<width { turned[d * count + k] = vectors[k * width + d] } }
    let basisValues = turned
    let parts = try workers.map(blocks.count) { block in
      var out = [Double](repeating: 0, count: vectors.count)
      var dots = [Double](repeating: 0, count: count)
      let basis = basisValues.span
      for place in blocks[block] {
        let range = matrix.offsets[order[place]]..<matrix.offsets[order[place] + 1]
        for k in 0..<count { dots[k] = 0 }
        for entry in range {
          let (base, value) = (Int(matrix.indices[entry]) * count, matrix.values[entry])
          for k in 0..<count { dots[k] += value * basis[base + k] }
        }
        for entry in range {
          let (base, value) = (Int(matrix.indices[entry]) * count, matrix.values[entry])
          for k in 0..<count { out[base + k] += value * dots[k] }
        }
      }
      return out
    }
    let sums = parts.joinedSums(count: vectors.count)
    var out = [Double](repeating: 0, count: vectors.count)
    for k in 0..<count { for d in 0..<width { out[k * width + d] = sums[d * count + k] } }
    return out
  }
}

extension [[Double]] {
  /// Sums of arrays of `count` numbers, in order.
  func joinedSums(count: Int) -> [Double] {
    var total = [Double](repeating: 0, count: count)
    for part in self { for place in total.indices { total[place] += part[place] } }
    return total
  }
}
