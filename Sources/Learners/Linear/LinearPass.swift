import Basics
import Frames
import Kernels

/// One pass over all rows: objective, gradient and, if asked, second derivatives by the coefficients.
///
/// Rows go in fixed blocks whose sums are joined in order, so any worker count gives the same bits; a block goes in
/// chunks that stay in cache, packed column by column.
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
    /// Lower triangles `[pair][feature][feature]`, cells above are undefined; empty unless asked for.
    var hessian: [Double]
  }

  /// Sums at `coefficients` `[score][feature]`; `nil` means all scores are 0. Takes every `stride`-th chunk of rows.
  func sums(at coefficients: [Double]?, wantsHessian: Bool, stride: Int = 1) throws -> Sums {
    let width = matrix.featureCount
    let size = response.scoreCount * width
    let hessianSize = wantsHessian ? response.pairCount * width * width : 0
    let most = max(1, min(64, (64 << 20) / (8 * max(1, hessianSize + size))))
    let blocks = Workers.blocks(matrix.rowCount, minimum: 2048, maximumCount: most)
    let swapped = coefficients.map { swappingSparse($0, toFeatures: true) }
    let parts = try workers.map(blocks.count) { index in
      var chunk = LinearChunk(self, wantsHessian: wantsHessian)
      var part = Sums(
        gradient: [Double](repeating: 0, count: size), hessian: [Double](repeating: 0, count: hessianSize))
      var start = blocks[index].lowerBound
      while start < blocks[index].upperBound {
        let rows = start..<min(start + chunk.capacity, blocks[index].upperBound)
        chunk.add(rows, swapped, to: &part)
        start += chunk.capacity * stride
      }
      return part
    }
    guard var total = parts.first else {
      return Sums(gradient: [Double](repeating: 0, count: size), hessian: [Double](repeating: 0, count: hessianSize))
    }
    for part in parts.dropFirst() {
      total.objective += part.objective
      Self.add(part.gradient, to: &total.gradient)
      Self.add(part.hessian, to: &total.hessian)
    }
    total.gradient = swappingSparse(total.gradient, toFeatures: false)
    return total
  }

  /// Score of every row, for learners with one score.
  func scores(at coefficients: [Double]) throws -> [Double] {
    let blocks = Workers.blocks(matrix.rowCount, minimum: 2048)
    let parts = try workers.map(blocks.count) { index in
      var chunk = LinearChunk(self, wantsHessian: false)
      var out: [Double] = []
      out.reserveCapacity(blocks[index].count)
      for start in stride(from: blocks[index].lowerBound, to: blocks[index].upperBound, by: chunk.capacity) {
        out += chunk.scores(start..<min(start + chunk.capacity, blocks[index].upperBound), coefficients)
      }
      return out
    }
    return Array(parts.joined())
  }

  private static func add(_ part: [Double], to sum: inout [Double]) {
    LinearKernels.add(1, part, part.indices, to: &sum)
  }

  /// With several scores, sparse features are kept `[feature][score]` behind the dense ones during a pass: one
  /// feature's weights lie together. Turns `[score][feature]` into that, or back.
  private func swappingSparse(_ values: [Double], toFeatures: Bool) -> [Double] {
    let (count, width, first) = (response.scoreCount, matrix.featureCount, matrix.constant + 1)
    guard count > 1, width > first else { return values }
    var out = values
    let tail = count * first
    for k in 0..<count {
      for feature in 0..<first {
        let (plain, swapped) = (k * width + feature, k * first + feature)
        if toFeatures { out[swapped] = values[plain] } else { out[plain] = values[swapped] }
      }
      for feature in 0..<(width - first) {
        let (plain, swapped) = (k * width + first + feature, tail + feature * count + k)
        if toFeatures { out[swapped] = values[plain] } else { out[plain] = values[swapped] }
      }
    }
    return out
  }
}

/// Buffers for a few rows at a time.
struct LinearChunk {
  private let pass: LinearPass
  private let wantsHessian: Bool
  /// Rows at most, a multiple of 8.
  let capacity: Int
  private let denseCount: Int
  private let scoreCount: Int
  private var dense: [Double]
  private var block: LinearBlock
  /// Scores or slopes of one row, for sparse features.
  private var line: [Double]

  init(_ pass: LinearPass, wantsHessian: Bool) {
    self.pass = pass
    self.wantsHessian = wantsHessian
    denseCount = pass.matrix.constant + 1
    scoreCount = pass.response.scoreCount
    capacity = min(512, max(128, 32_768 / denseCount / 8 * 8))
    dense = [Double](repeating: 0, count: denseCount * capacity)
    block = LinearBlock(stride: capacity, response: pass.response)
    line = [Double](repeating: 0, count: scoreCount)
  }

  /// Adds the sums of `rows`; `coefficients` and the gradient are laid out as the pass keeps them.
  mutating func add(_ rows: Range<Int>, _ coefficients: [Double]?, to sums: inout LinearPass.Sums) {
    let room = (rows.count + 7) / 8 * 8
    pack(rows, room)
    if let coefficients {
      score(rows, room, coefficients)
    } else {
      for i in block.scores.indices { block.scores[i] = 0 }
    }
    sums.objective += pass.response.derivatives(
      rows, weights: pass.weights, block: &block, wantsSecond: wantsHessian)
    clearTail(rows.count, room)
    addGradient(rows, room, to: &sums.gradient)
    guard wantsHessian else { return }
    let size = pass.matrix.featureCount * pass.matrix.featureCount
    for pair in 0..<pass.response.pairCount { addHessian(rows, room, pair, to: &sums.hessian, offset: pair * size) }
  }

  /// First scores of `rows`.
  mutating func scores(_ rows: Range<Int>, _ coefficients: [Double]) -> ArraySlice<Double> {
    let room = (rows.count + 7) / 8 * 8
    pack(rows, room)
    score(rows, room, coefficients)
    return block.scores[..<rows.count]
  }

  // MARK: Steps

  private mutating func pack(_ rows: Range<Int>, _ room: Int) {
    let matrix = pass.matrix
    for column in matrix.dense.indices {
      let factor = matrix.deviations[column] > 0 ? 1 / matrix.deviations[column] : 0
      let place = (column * capacity)..<(column * capacity + room)
      LinearKernels.pack(
        matrix.dense[column], rows, mean: matrix.means[column], factor: factor, into: &dense, place)
    }
    let base = matrix.constant * capacity
    for i in 0..<room { dense[base + i] = i < rows.count ? 1 : 0 }
  }

  private mutating func clearTail(_ count: Int, _ room: Int) {
    for k in 0..<scoreCount { for i in count..<room { block.first[k * capacity + i] = 0 } }
    guard wantsHessian else { return }
    for pair in 0..<pass.response.pairCount { for i in count..<room { block.second[pair * capacity + i] = 0 } }
  }

  private var isSwapped: Bool { scoreCount > 1 && !pass.matrix.sparse.isEmpty }

  private mutating func score(_ rows: Range<Int>, _ room: Int, _ coefficients: [Double]) {
    let step = isSwapped ? denseCount : pass.matrix.featureCount
    for k in 0..<scoreCount {
      LinearKernels.scores(
        dense, stride: capacity, coefficients: coefficients, (k * step)..<(k * step + denseCount),
        into: &block.scores, (k * capacity)..<(k * capacity + room))
    }
    for (matrix, start) in zip(pass.matrix.sparse, pass.matrix.sparseStarts) {
      if isSwapped {
        scoreSparse(rows, matrix, coefficients, from: scoreCount * denseCount + (start - denseCount) * scoreCount)
      } else {
        addSparseScores(rows, matrix, coefficients, from: start)
      }
    }
  }

  private mutating func addSparseScores(_ rows: Range<Int>, _ matrix: SparseMatrix, _ values: [Double], from base: Int)
  {
    let (entries, indices, weights) = (matrix.values, matrix.indices, values)
    for (i, row) in rows.enumerated() {
      var sum = 0.0
      for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
        sum += entries[entry] * weights[base + Int(indices[entry])]
      }
      block.scores[i] += sum
    }
  }

  private mutating func scoreSparse(_ rows: Range<Int>, _ matrix: SparseMatrix, _ values: [Double], from base: Int) {
    let count = scoreCount
    for (i, row) in rows.enumerated() {
      for k in 0..<count { line[k] = 0 }
      for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
        let first = base + Int(matrix.indices[entry]) * count
        LinearKernels.add(matrix.values[entry], values, first..<(first + count), to: &line)
      }
      for k in 0..<count { block.scores[k * capacity + i] += line[k] }
    }
  }

  private mutating func addGradient(_ rows: Range<Int>, _ room: Int, to gradient: inout [Double]) {
    let step = isSwapped ? denseCount : pass.matrix.featureCount
    for k in 0..<scoreCount {
      LinearKernels.addDots(
        dense, stride: capacity, slopes: block.first, (k * capacity)..<(k * capacity + room), to: &gradient,
        (k * step)..<(k * step + denseCount))
    }
    for (matrix, start) in zip(pass.matrix.sparse, pass.matrix.sparseStarts) {
      if isSwapped {
        addSwapped(rows, matrix, to: &gradient, from: scoreCount * denseCount + (start - denseCount) * scoreCount)
      } else {
        let (entries, indices, slopes) = (matrix.values, matrix.indices, block.first)
        for (i, row) in rows.enumerated() {
          let slope = slopes[i]
          if slope == 0 { continue }
          for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
            gradient[start + Int(indices[entry])] += slope * entries[entry]
          }
        }
      }
    }
  }

  private mutating func addSwapped(
    _ rows: Range<Int>, _ matrix: SparseMatrix, to gradient: inout [Double], from base: Int
  ) {
    let count = scoreCount
    for (i, row) in rows.enumerated() {
      for k in 0..<count { line[k] = block.first[k * capacity + i] }
      for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
        let first = base + Int(matrix.indices[entry]) * count
        LinearKernels.add(matrix.values[entry], line, 0..<count, to: &gradient, at: first)
      }
    }
  }

  private mutating func addHessian(
    _ rows: Range<Int>, _ room: Int, _ pair: Int, to hessian: inout [Double], offset: Int
  ) {
    let width = pass.matrix.featureCount
    let isPlain = pass.response.isSquared && pass.weights == nil
    let shape = LinearChunkShape(
      stride: capacity, columnCount: denseCount, rowCount: room, width: width, offset: offset)
    LinearKernels.addGram(
      shape, dense, weights: isPlain ? nil : block.second, from: pair * capacity, to: &hessian)
    if !pass.matrix.sparse.isEmpty { addSparseHessian(rows, pair, to: &hessian, offset: offset) }
  }

  private func addSparseHessian(_ rows: Range<Int>, _ pair: Int, to hessian: inout [Double], offset: Int) {
    let matrix = pass.matrix
    let width = matrix.featureCount
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
      let curvature = block.second[pair * capacity + i]
      if curvature == 0 { continue }
      for a in features.indices {
        let scaled = curvature * values[a]
        let base = offset + features[a] * width
        for feature in 0..<denseCount { hessian[base + feature] += scaled * dense[feature * capacity + i] }
        for b in 0...a { hessian[base + features[b]] += scaled * values[b] }
      }
    }
  }
}
