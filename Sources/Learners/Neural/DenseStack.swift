import Basics
import Kernels

/// What chance a training step uses: dropout follows from it and from positions alone.
struct StepSeed: Sendable {
  var seed: Seed
  /// Steps taken before, over all epochs.
  var index: Int

  /// Key of the dropout behind layer `layer`.
  func key(_ layer: Int) -> UInt32 { UInt32(truncatingIfNeeded: seed.derived(index).derived(layer).value) }

  /// Weight of this minibatch in running averages.
  var momentum: Double { max(0.1, 1 / Double(index + 1)) }
}

/// Fully connected layers in training: forward keeps what backward needs.
final class DenseStack {
  /// Memory of one layer for a minibatch.
  struct Memory {
    /// Scores before and after normalisation; the same without one.
    var raw: NeuralBuffer
    var scores: NeuralBuffer
    var out: NeuralBuffer
    var gradient: NeuralBuffer
    var norm: BatchNorm?
  }

  let shape: DenseShape
  let layers: [DenseShape.Layer]
  let dropout: Double
  let workers: Workers
  /// `[batch, inputWidth]`.
  let input: NeuralBuffer
  private let values: NeuralBuffer
  private let gradients: NeuralBuffer
  private let memory: [Memory]

  init(
    _ shape: DenseShape, _ layers: [DenseShape.Layer], _ store: ParameterStore, statistics: NeuralBuffer,
    batch: (limit: Int, dropout: Double, workers: Workers)
  ) {
    self.shape = shape
    self.layers = layers
    dropout = batch.dropout
    workers = batch.workers
    values = store.values
    gradients = store.gradients
    input = NeuralBuffer(count: batch.limit * shape.inputWidth)
    memory = layers.map { layer in
      let raw = NeuralBuffer(count: batch.limit * layer.width)
      var norm: BatchNorm?
      if let gain = layer.gain, let place = layer.statistics {
        norm = BatchNorm(width: layer.width, gain: gain, shift: layer.bias, statistics: statistics[place])
      }
      return Memory(
        raw: raw, scores: norm == nil ? raw : NeuralBuffer(count: raw.count),
        out: layer.isLast ? raw : NeuralBuffer(count: raw.count), gradient: NeuralBuffer(count: raw.count), norm: norm)
    }
  }

  /// Where the caller puts the derivatives by the scores of the last layer.
  func outputGradient(_ rowCount: Int) -> NeuralRegion {
    memory[layers.count - 1].gradient[0..<(rowCount * shape.outputWidth)]
  }

  /// Derivatives by what the first layer gave before normalisation and activation.
  func firstGradient(_ rowCount: Int) -> NeuralRegion { memory[0].gradient[0..<(rowCount * layers[0].width)] }

  private func matrix(_ buffer: NeuralBuffer, _ rowCount: Int, _ width: Int) -> NeuralMatrix {
    NeuralMatrix(buffer.whole, rowCount: rowCount, columnCount: width)
  }

  private func weights(_ layer: DenseShape.Layer) -> NeuralMatrix {
    NeuralMatrix(values[layer.weights], rowCount: layer.inputWidth, columnCount: layer.width)
  }

  /// Runs `body` on stretches of rows, in parallel where that pays.
  private func forRows(_ rowCount: Int, width: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let blocks = Workers.blocks(rowCount, minimum: max(1, 8192 / max(1, width)), maximumCount: 16)
    workers.run(blocks.count) { body((blocks[$0].lowerBound * width)..<(blocks[$0].upperBound * width)) }
  }

  // MARK: forward

  /// Scores `[rowCount, outputWidth]` of the rows in `input`; `addition` may add to what the first layer's product
  /// gave.
  func forward(_ rowCount: Int, _ step: StepSeed, addition: (NeuralRegion) -> Void = { _ in }) -> NeuralRegion {
    for (index, layer) in layers.enumerated() {
      let place = memory[index]
      let from = index == 0 ? input : memory[index - 1].out
      MatrixMultiply.run(
        matrix(from, rowCount, layer.inputWidth), weights(layer), into: matrix(place.raw, rowCount, layer.width),
        workers: workers)
      if index == 0 { addition(place.raw[0..<(rowCount * layer.width)]) }
      if let norm = place.norm {
        normalise(place, norm, rowCount, step)
      } else {
        let (bias, raw) = (values[layer.bias], place.raw)
        forRows(rowCount, width: layer.width) { NeuralKernels.addBias(bias, to: raw[$0]) }
      }
      if !layer.isLast { bend(place, rowCount, layer.width, index, step) }
    }
    return memory[layers.count - 1].raw[0..<(rowCount * shape.outputWidth)]
  }

  private func bend(_ place: Memory, _ rowCount: Int, _ width: Int, _ index: Int, _ step: StepSeed) {
    let (scores, out, activation) = (place.scores, place.out, shape.activation.kernel)
    let (dropout, key) = (dropout, step.key(index))
    forRows(rowCount, width: width) { range in
      NeuralKernels.activate(scores[range], into: out[range], activation)
      if dropout > 0 { NeuralKernels.dropout(out[range], first: range.lowerBound, key: key, share: dropout) }
    }
  }

  private func normalise(_ place: Memory, _ norm: BatchNorm, _ rowCount: Int, _ step: StepSeed) {
    let width = norm.width
    let blocks = Workers.blocks(rowCount, minimum: 64, maximumCount: BatchNorm.blockLimit)
    let (raw, scores, partial) = (place.raw, place.scores, norm.partial)
    workers.run(blocks.count) { index in
      let block = blocks[index]
      let (mean, squares) = BatchNorm.halves(partial, index, width)
      NeuralKernels.moments(
        raw[(block.lowerBound * width)..<(block.upperBound * width)],
        NeuralRows(rowCount: block.count, columnCount: width), mean: mean, squares: squares)
    }
    norm.settle(counts: blocks.map(\.count), values: values, momentum: step.momentum)
    let (scale, offset) = (norm.scale, norm.offset)
    forRows(rowCount, width: width) { range in
      NeuralKernels.affine(
        raw[range], NeuralRows(rowCount: range.count / width, columnCount: width), scale: scale, shift: offset,
        into: scores[range])
    }
  }

  // MARK: backward

  /// Gradients of all weights from the derivatives in `outputGradient`.
  ///
  /// - Parameter inputs: columns of the input whose derivatives are wanted, into `into` `[rowCount, inputs.count]`.
  func backward(_ rowCount: Int, _ step: StepSeed, inputs: Range<Int>, into: NeuralBuffer?) {
    for index in layers.indices.reversed() {
      let layer = layers[index]
      let place = memory[index]
      let width = layer.width
      if !layer.isLast { unbend(place, rowCount, width, index, step) }
      if let norm = place.norm {
        denormalise(place, norm, rowCount)
      } else {
        NeuralKernels.columnSums(place.gradient[0..<(rowCount * width)], into: gradients[layer.bias])
      }
      let gradient = matrix(place.gradient, rowCount, width)
      let from = index == 0 ? input : memory[index - 1].out
      MatrixMultiply.run(
        matrix(from, rowCount, layer.inputWidth).transposed, gradient,
        into: NeuralMatrix(gradients[layer.weights], rowCount: layer.inputWidth, columnCount: width), workers: workers)
      if index > 0 {
        MatrixMultiply.run(
          gradient, weights(layer).transposed, into: matrix(memory[index - 1].gradient, rowCount, layer.inputWidth),
          workers: workers)
      } else if let into, !inputs.isEmpty {
        let part = NeuralMatrix(
          values[(layer.weights.lowerBound + inputs.lowerBound * width)..<layer.weights.upperBound],
          rowCount: inputs.count, columnCount: width)
        MatrixMultiply.run(
          gradient, part.transposed, into: matrix(into, rowCount, inputs.count), workers: workers)
      }
    }
  }

  private func unbend(_ place: Memory, _ rowCount: Int, _ width: Int, _ index: Int, _ step: StepSeed) {
    let (scores, out, gradient, activation) = (place.scores, place.out, place.gradient, shape.activation.kernel)
    let (dropout, key) = (dropout, step.key(index))
    forRows(rowCount, width: width) { range in
      if dropout > 0 {
        NeuralKernels.dropout(gradient[range], first: range.lowerBound, key: key, share: dropout)
        // What was dropped or scaled is not what the activation gave; its derivative needs that again.
        if activation == .tanh { NeuralKernels.activate(scores[range], into: out[range], activation) }
      }
      NeuralKernels.activateBackward(scores[range], out[range], gradient: gradient[range], activation)
      if dropout > 0, activation == .tanh {
        NeuralKernels.dropout(out[range], first: range.lowerBound, key: key, share: dropout)
      }
    }
  }

  private func denormalise(_ place: Memory, _ norm: BatchNorm, _ rowCount: Int) {
    let width = norm.width
    let blocks = Workers.blocks(rowCount, minimum: 64, maximumCount: BatchNorm.blockLimit)
    let (raw, gradient, partial, values) = (place.raw, place.gradient, norm.partial, norm.norm)
    workers.run(blocks.count) { index in
      let range = (blocks[index].lowerBound * width)..<(blocks[index].upperBound * width)
      let sums = partial[(index * 2 * width)..<((index + 1) * 2 * width)]
      sums.fill(0)
      NeuralKernels.normSums(
        gradient: gradient[range], raw[range], NeuralRows(rowCount: blocks[index].count, columnCount: width), values,
        into: sums)
    }
    norm.settleBackward(blockCount: blocks.count, rowCount: rowCount, gradients: gradients)
    let means = norm.means
    forRows(rowCount, width: width) { range in
      NeuralKernels.normBackward(
        gradient: gradient[range], raw[range], NeuralRows(rowCount: range.count / width, columnCount: width), values,
        means: means)
    }
  }
}
