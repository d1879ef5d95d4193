import Basics
import Kernels

/// Places of a table network's weights: looked-up rows of categories, rows of vector elements, then the layers.
struct TableShape: Sendable, Hashable {
  var numberWidth: Int
  /// Rows and numbers of each category column's table.
  var categories: [TableSize]
  /// Elements of each vector column.
  var vectorWidths: [Int]
  var hidden: [Int]
  var outputWidth: Int
  var activation: HiddenActivation
  var isNormalised: Bool

  /// Rows of a table and numbers in each.
  struct TableSize: Sendable, Hashable {
    var rowCount: Int
    var width: Int
  }

  /// Numbers that categories add to a row.
  var embeddingWidth: Int { categories.reduce(0) { $0 + $1.width } }

  var dense: DenseShape {
    DenseShape(
      inputWidth: numberWidth + embeddingWidth, hidden: hidden, outputWidth: outputWidth, activation: activation,
      isNormalised: isNormalised)
  }

  /// Where everything lies.
  func places() -> (layout: ParameterLayout, layers: [DenseShape.Layer]) {
    var layout = ParameterLayout()
    for size in categories { _ = layout.addTable(rowCount: size.rowCount, width: size.width) }
    let first = hidden.first ?? outputWidth
    for width in vectorWidths { _ = layout.addTable(rowCount: width, width: first) }
    let layers = dense.layers(&layout)
    return (layout, layers)
  }
}

extension TableShape {
  /// Weights in which an unknown category counts as the mean of the known ones, where no training row has taught it.
  func fillingUnknown(_ values: [Float], _ rows: EncodedRows) -> [Float] {
    var values = values
    let tables = places().layout.tables
    for (index, size) in categories.enumerated() where !rows.codes[index].contains(CategoryInput.unknown) {
      let start = tables[index].range.lowerBound
      var counts = [Double](repeating: 0, count: size.rowCount)
      for code in rows.codes[index] { counts[Int(code)] += 1 }
      let total = max(1, counts.dropFirst(2).reduce(0, +))
      for column in 0..<size.width {
        var sum = 0.0
        for row in 2..<max(2, size.rowCount) { sum += counts[row] * Double(values[start + row * size.width + column]) }
        values[start + Int(CategoryInput.unknown) * size.width + column] = Float(sum / total)
      }
    }
    return values
  }
}

/// A network over table rows, in training.
final class TableNetwork: TrainableNetwork {
  let shape: TableShape
  let store: ParameterStore
  let statistics: NeuralBuffer
  private let rows: EncodedRows
  private let stack: DenseStack
  private let workers: Workers
  private let embeddingGradient: NeuralBuffer

  var rowCount: Int { rows.rowCount }

  /// Makes the network; weights are zero until `initialise` or a copy.
  init(_ shape: TableShape, _ rows: EncodedRows, batchLimit: Int, dropout: Double, workers: Workers) {
    self.shape = shape
    self.rows = rows
    self.workers = workers
    let (layout, layers) = shape.places()
    store = ParameterStore(layout)
    statistics = NeuralBuffer(count: shape.dense.statisticsCount)
    for layer in layers {
      if let place = layer.statistics { statistics[(place.lowerBound + layer.width)..<place.upperBound].fill(1) }
    }
    stack = DenseStack(
      shape.dense, layers, store, statistics: statistics, batch: (batchLimit, dropout, workers))
    embeddingGradient = NeuralBuffer(count: batchLimit * shape.embeddingWidth)
  }

  /// Draws starting weights; the last bias becomes `bias`.
  func initialise(_ seed: Seed, bias: [Float]) {
    let tables = store.layout.tables
    for (index, table) in tables.enumerated() {
      var stream = seed.derived("tables").derived(index).generator
      let isCategory = index < shape.categories.count
      let fanIn = Double(shape.numberWidth) + Double(shape.embeddingWidth) + rows.storedPerRow
      let bound = isCategory ? 0.5 : (6 / max(1, fanIn)).squareRoot()
      store.values[table.range].write { values in
        for place in 0..<values.count { values[place] = Float((2 * stream.uniform() - 1) * bound) }
      }
      // Cells that training does not show start, and may stay, at nothing.
      if isCategory { store.values[table.range][0..<(2 * table.width)].fill(0) }
    }
    let fanIn = Double(shape.dense.inputWidth) + rows.storedPerRow
    shape.dense.initialise(stack.layers, fanIn: fanIn, values: store.values, seed: seed.derived("layers"))
    store.values[stack.layers[stack.layers.count - 1].bias].copy(bias)
  }

  func outputGradient(_ rowCount: Int) -> NeuralRegion { stack.outputGradient(rowCount) }

  func forward(_ batch: ArraySlice<Int32>, epoch: Int, _ step: StepSeed) -> NeuralRegion {
    store.beginStep()
    let width = shape.dense.inputWidth
    let (numbers, numberWidth, input, first) = (rows.numbers, rows.numberWidth, stack.input, batch.startIndex)
    let blocks = Workers.blocks(batch.count, minimum: max(16, 16_384 / max(1, numberWidth)), maximumCount: 16)
    workers.run(blocks.count) { block in
      for place in blocks[block] {
        let row = Int(batch[first + place])
        input[(place * width)..<(place * width + numberWidth)].copy(
          numbers[(row * numberWidth)..<((row + 1) * numberWidth)])
      }
    }
    lookUp(batch)
    return stack.forward(batch.count, step) { scores in addVectors(batch, to: scores) }
  }

  private func lookUp(_ batch: ArraySlice<Int32>) {
    let width = shape.dense.inputWidth
    var column = shape.numberWidth
    for (index, size) in shape.categories.enumerated() {
      for (place, row) in batch.enumerated() {
        let code = rows.codes[index][Int(row)]
        store.touch(code, ofTable: index)
        let start = place * width + column
        stack.input[start..<(start + size.width)].copy(store.values[store.range(code, ofTable: index)])
      }
      column += size.width
    }
  }

  private func addVectors(_ batch: ArraySlice<Int32>, to scores: NeuralRegion) {
    let tables = shape.categories.count
    for (index, matrix) in rows.vectors.enumerated() {
      for row in batch {
        for stored in matrix.offsets[Int(row)]..<matrix.offsets[Int(row) + 1] {
          store.touch(matrix.indices[stored], ofTable: tables + index)
        }
      }
      let table = store.layout.tables[tables + index]
      let adder = VectorAdder(matrix: matrix, table: store.values[table.range], width: table.width)
      let blocks = Workers.blocks(batch.count, minimum: 32, maximumCount: 16)
      let first = batch.startIndex
      workers.run(blocks.count) { block in
        for place in blocks[block] { adder.add(Int(batch[first + place]), to: scores, place) }
      }
    }
  }

  func backward(_ batch: ArraySlice<Int32>, _ step: StepSeed) {
    let inputs = shape.numberWidth..<shape.dense.inputWidth
    stack.backward(batch.count, step, inputs: inputs, into: embeddingGradient)
    var column = 0
    for (index, size) in shape.categories.enumerated() {
      for (place, row) in batch.enumerated() {
        let start = place * inputs.count + column
        NeuralKernels.add(
          embeddingGradient[start..<(start + size.width)], times: 1,
          to: store.gradients[store.range(rows.codes[index][Int(row)], ofTable: index)])
      }
      column += size.width
    }
    addVectorGradients(batch)
  }

  /// Each task takes a stretch of the first layer's columns, for all rows in their order.
  private func addVectorGradients(_ batch: ArraySlice<Int32>) {
    let tables = shape.categories.count
    let gradient = stack.firstGradient(batch.count)
    for (index, matrix) in rows.vectors.enumerated() {
      let table = store.layout.tables[tables + index]
      let (sums, width) = (store.gradients[table.range], table.width)
      let blocks = Workers.blocks(width, minimum: 64, maximumCount: 8)
      workers.run(blocks.count) { block in
        let columns = blocks[block]
        for (place, row) in batch.enumerated() {
          let from = gradient[(place * width + columns.lowerBound)..<(place * width + columns.upperBound)]
          for stored in matrix.offsets[Int(row)]..<matrix.offsets[Int(row) + 1] {
            let start = Int(matrix.indices[stored]) * width
            NeuralKernels.add(
              from, times: matrix.values[stored],
              to: sums[(start + columns.lowerBound)..<(start + columns.upperBound)])
          }
        }
      }
    }
  }
}

/// Adds rows of a table, each times a stored value, to scores.
struct VectorAdder: Sendable {
  var matrix: SparseRows
  /// `[elements, width]`.
  var table: NeuralRegion
  var width: Int

  /// Adds what `row` stores to line `place` of `scores`.
  func add(_ row: Int, to scores: NeuralRegion, _ place: Int) {
    let out = scores[(place * width)..<((place + 1) * width)]
    for stored in matrix.offsets[row]..<matrix.offsets[row + 1] {
      let start = Int(matrix.indices[stored]) * width
      NeuralKernels.add(table[start..<(start + width)], times: matrix.values[stored], to: out)
    }
  }
}
