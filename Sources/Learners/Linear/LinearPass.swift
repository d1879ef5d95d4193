import Basics
import Frames

/// One pass over all rows: objective, gradient and, if asked, second derivatives by the coefficients.
///
/// Rows go in fixed blocks whose sums are joined in order, so any worker count gives the same bits; a block goes in
/// chunks that stay in cache, packed four rows to a vector.
struct LinearPass: Sendable {
  let matrix: DesignMatrix
  let response: LinearResponse
  let weights: [Double]?
  let workers: Workers

  /// Sums over rows.
  struct Sums: Sendable {
    var objective = 0.0
    /// `[score][feature]`.
    var gradient: [Double]
    /// Lower triangles `[pair][feature][feature]`; empty unless asked for.
    var hessian: [Double]
  }

  /// Sums at `coefficients` `[score][feature]`; `nil` means all scores are 0. Takes every `stride`-th chunk of rows.
  func sums(at coefficients: [Double]?, wantsHessian: Bool, stride: Int = 1) throws -> Sums {
    let width = matrix.featureCount
    let size = response.scoreCount * width
    let hessianSize = wantsHessian ? response.pairCount * width * width : 0
    let most = max(1, min(64, (64 << 20) / (8 * max(1, hessianSize + size))))
    let blocks = Workers.blocks(matrix.rowCount, minimum: 2048, maximumCount: most)
    let parts = try workers.map(blocks.count) { index in
      var chunk = LinearChunk(self, wantsHessian: wantsHessian)
      var part = Sums(
        gradient: [Double](repeating: 0, count: size), hessian: [Double](repeating: 0, count: hessianSize))
      var start = blocks[index].lowerBound
      while start < blocks[index].upperBound {
        let rows = start..<min(start + chunk.capacity, blocks[index].upperBound)
        chunk.add(rows, coefficients, to: &part)
        start += chunk.capacity * stride
      }
      return part
    }
    guard var total = parts.first else {
      return Sums(gradient: [Double](repeating: 0, count: size), hessian: [Double](repeating: 0, count: hessianSize))
    }
    for part in parts.dropFirst() {
      total.objective += part.objective
      for i in 0..<size { total.gradient[i] += part.gradient[i] }
      for i in 0..<hessianSize { total.hessian[i] += part.hessian[i] }
    }
    return total
  }
}

/// Buffers for a few rows at a time.
struct LinearChunk {
  private let pass: LinearPass
  private let wantsHessian: Bool
  /// Rows at most.
  let capacity: Int
  private let vectorCount: Int
  private var dense: [SIMD4<Double>]
  private var scaled: [SIMD4<Double>]
  private var lane: [SIMD4<Double>]
  private var scores: [[Double]]
  private var first: [[Double]]
  private var second: [[Double]]

  init(_ pass: LinearPass, wantsHessian: Bool) {
    self.pass = pass
    self.wantsHessian = wantsHessian
    let denseCount = pass.matrix.constant + 1
    capacity = min(512, max(32, 16_384 / denseCount / 4 * 4))
    vectorCount = capacity / 4
    dense = [SIMD4<Double>](repeating: .zero, count: denseCount * vectorCount)
    scaled = wantsHessian ? dense : []
    lane = [SIMD4<Double>](repeating: .zero, count: vectorCount)
    let empty = [Double](repeating: 0, count: capacity)
    scores = [[Double]](repeating: empty, count: pass.response.scoreCount)
    first = scores
    second = [[Double]](repeating: empty, count: wantsHessian ? pass.response.pairCount : 1)
  }

  /// Adds the sums of `rows`.
  mutating func add(_ rows: Range<Int>, _ coefficients: [Double]?, to sums: inout LinearPass.Sums) {
    let width = pass.matrix.featureCount
    pack(rows)
    for k in scores.indices {
      if let coefficients {
        score(rows, coefficients, offset: k * width, into: k)
      } else {
        for i in 0..<capacity { scores[k][i] = 0 }
      }
    }
    sums.objective += pass.response.derivatives(
      WeightedRows(range: rows, weights: pass.weights), scores: scores, first: &first, second: &second,
      wantsSecond: wantsHessian)
    for k in scores.indices { addGradient(rows, k, to: &sums.gradient, offset: k * width) }
    guard wantsHessian else { return }
    for pair in second.indices { addHessian(rows, pair, to: &sums.hessian, offset: pair * width * width) }
  }

  // MARK: Steps

  private mutating func pack(_ rows: Range<Int>) {
    let matrix = pass.matrix
    let whole = rows.count / 4
    for column in matrix.dense.indices {
      let list = matrix.dense[column]
      let values = list.span
      let mean = matrix.means[column]
      let factor = matrix.deviations[column] > 0 ? 1 / matrix.deviations[column] : 0
      let base = column * vectorCount
      var row = rows.lowerBound
      for v in 0..<whole {
        let four = SIMD4(values[row], values[row + 1], values[row + 2], values[row + 3])
        dense[base + v] = (four - mean) * factor
        row += 4
      }
      for v in whole..<vectorCount {
        var four = SIMD4<Double>.zero
        for l in 0..<4 where row + l < rows.upperBound { four[l] = (values[row + l] - mean) * factor }
        dense[base + v] = four
        row += 4
      }
    }
    let base = matrix.constant * vectorCount
    for v in 0..<vectorCount {
      var four = SIMD4<Double>.zero
      for l in 0..<4 where v * 4 + l < rows.count { four[l] = 1 }
      dense[base + v] = four
    }
  }

  private mutating func score(_ rows: Range<Int>, _ coefficients: [Double], offset: Int, into k: Int) {
    for v in lane.indices { lane[v] = .zero }
    for feature in 0...pass.matrix.constant {
      let coefficient = coefficients[offset + feature]
      if coefficient == 0 { continue }
      let base = feature * vectorCount
      for v in 0..<vectorCount { lane[v] += dense[base + v] * coefficient }
    }
    for v in 0..<vectorCount { for l in 0..<4 { scores[k][v * 4 + l] = lane[v][l] } }
    for (matrix, start) in zip(pass.matrix.sparse, pass.matrix.sparseStarts) {
      let base = offset + start
      for (i, row) in rows.enumerated() {
        var sum = 0.0
        for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
          sum += matrix.values[entry] * coefficients[base + Int(matrix.indices[entry])]
        }
        scores[k][i] += sum
      }
    }
  }

  private mutating func load(_ values: [Double], _ count: Int) {
    for v in 0..<vectorCount {
      var four = SIMD4<Double>.zero
      for l in 0..<4 where v * 4 + l < count { four[l] = values[v * 4 + l] }
      lane[v] = four
    }
  }

  private mutating func addGradient(_ rows: Range<Int>, _ k: Int, to gradient: inout [Double], offset: Int) {
    load(first[k], rows.count)
    for feature in 0...pass.matrix.constant {
      let base = feature * vectorCount
      var sum = SIMD4<Double>.zero
      for v in 0..<vectorCount { sum += dense[base + v] * lane[v] }
      gradient[offset + feature] += sum.sum()
    }
    for (matrix, start) in zip(pass.matrix.sparse, pass.matrix.sparseStarts) {
      let base = offset + start
      for (i, row) in rows.enumerated() {
        let slope = first[k][i]
        for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
          gradient[base + Int(matrix.indices[entry])] += slope * matrix.values[entry]
        }
      }
    }
  }

  private mutating func addHessian(_ rows: Range<Int>, _ pair: Int, to hessian: inout [Double], offset: Int) {
    let width = pass.matrix.featureCount
    let denseCount = pass.matrix.constant + 1
    load(second[pair], rows.count)
    for feature in 0..<denseCount {
      let base = feature * vectorCount
      for v in 0..<vectorCount { scaled[base + v] = dense[base + v] * lane[v] }
    }
    Self.products(scaled.span, dense.span, count: denseCount, length: vectorCount) { row, column, sum in
      hessian[offset + row * width + column] += sum
    }
    if !pass.matrix.sparse.isEmpty { addSparseHessian(rows, pair, to: &hessian, offset: offset) }
  }

  private func addSparseHessian(_ rows: Range<Int>, _ pair: Int, to hessian: inout [Double], offset: Int) {
    let matrix = pass.matrix
    let width = matrix.featureCount
    let denseCount = matrix.constant + 1
    var features: [Int] = []
    var values: [Double] = []
    for (i, row) in rows.enumerated() {
      features.removeAll(keepingCapacity: true)
      values.removeAll(keepingCapacity: true)
      for (part, start) in zip(matrix.sparse, matrix.sparseStarts) {
        for entry in part.offsets[row]..<part.offsets[row + 1] {
          features.append(start + Int(part.indices[entry]))
          values.append(part.values[entry])
        }
      }
      let curvature = second[pair][i]
      for a in features.indices {
        let scaled = curvature * values[a]
        let base = offset + features[a] * width
        for feature in 0..<denseCount {
          hessian[base + feature] += scaled * dense[feature * vectorCount + i >> 2][i & 3]
        }
        for b in 0...a { hessian[base + features[b]] += scaled * values[b] }
      }
    }
  }

  /// Sums of products of all pairs of columns with `column <= row`, two by two.
  private static func products(
    _ left: Span<SIMD4<Double>>, _ right: Span<SIMD4<Double>>, count: Int, length: Int,
    _ emit: (Int, Int, Double) -> Void
  ) {
    var row = 0
    while row < count {
      let nextRow = min(row + 1, count - 1)
      var column = 0
      while column <= nextRow {
        let nextColumn = min(column + 1, count - 1)
        var (s00, s01, s10, s11) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
        for v in 0..<length {
          let (a, b) = (left[row * length + v], left[nextRow * length + v])
          let (c, d) = (right[column * length + v], right[nextColumn * length + v])
          s00 += a * c
          s01 += a * d
          s10 += b * c
          s11 += b * d
        }
        emit(row, column, s00.sum())
        if nextColumn > column, nextColumn <= row { emit(row, nextColumn, s01.sum()) }
        if nextRow > row {
          emit(nextRow, column, s10.sum())
          if nextColumn > column, nextColumn <= nextRow { emit(nextRow, nextColumn, s11.sum()) }
        }
        column += 2
      }
      row += 2
    }
  }
}
