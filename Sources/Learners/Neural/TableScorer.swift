import Basics
import Kernels

/// A table network that only scores.
struct TableScorer: Sendable {
  private static let batchSize = 256
  private let shape: TableShape
  private let dense: DenseScorer
  private let values: NeuralBuffer
  private let tables: [ParameterLayout.Table]
  /// Tables of vector elements, normalisation folded in.
  private let vectors: [NeuralRegion]

  /// Copies the weights.
  init(_ shape: TableShape, values: [Float], statistics: [Float]) {
    self.shape = shape
    let (layout, layers) = shape.places()
    dense = DenseScorer(shape.dense, layers, values: values, statistics: statistics)
    tables = layout.tables
    let end = layers[0].weights.lowerBound
    self.values = NeuralBuffer(Array(values[0..<end]))
    let scale = dense.firstScale
    let buffer = self.values
    vectors = layout.tables.dropFirst(shape.categories.count).map { table in
      let region = buffer[table.range]
      region.write { numbers in
        for place in 0..<numbers.count { numbers[place] *= scale[place % scale.count] }
      }
      return region
    }
  }

  /// Calls `body` with the scores of one stretch of rows after the other.
  func forEachBatch(_ rows: EncodedRows, _ body: (Range<Int>, NeuralRegion) -> Void) {
    let size = min(Self.batchSize, max(1, rows.rowCount))
    let memory = dense.memory(size)
    let input = NeuralBuffer(count: size * shape.dense.inputWidth)
    let adders = zip(rows.vectors, vectors).map { VectorAdder(matrix: $0, table: $1, width: dense.firstScale.count) }
    for start in stride(from: 0, to: rows.rowCount, by: size) {
      let range = start..<min(start + size, rows.rowCount)
      fill(input, rows, range)
      let scores = dense.scores(input[0..<(range.count * shape.dense.inputWidth)], range.count, memory) { first in
        for adder in adders { for row in range { adder.add(row, to: first, row - start) } }
      }
      body(range, scores)
    }
  }

  private func fill(_ input: NeuralBuffer, _ rows: EncodedRows, _ range: Range<Int>) {
    let width = shape.dense.inputWidth
    for row in range {
      var column = (row - range.lowerBound) * width
      input[column..<(column + rows.numberWidth)].copy(
        rows.numbers[(row * rows.numberWidth)..<((row + 1) * rows.numberWidth)])
      column += rows.numberWidth
      for (index, size) in shape.categories.enumerated() {
        let start = tables[index].range.lowerBound + Int(rows.codes[index][row]) * size.width
        input[column..<(column + size.width)].copy(values[start..<(start + size.width)])
        column += size.width
      }
    }
  }
}
