import Basics
import Kernels

/// A convolutional network that only scores.
struct ConvolutionScorer: Sendable {
  private static let batchSize = 64
  private let shape: ConvolutionShape
  private let blocks: [ConvolutionShape.Block]
  private let weights: [NeuralRegion]
  private let scales: [NeuralRegion]
  private let offsets: [NeuralRegion]
  private let dense: DenseScorer

  /// Copies the weights.
  init(_ shape: ConvolutionShape, values: [Float], statistics: [Float]) {
    self.shape = shape
    let places = shape.places()
    blocks = places.blocks
    weights = places.blocks.map { NeuralBuffer(Array(values[$0.weights])).whole }
    let folded = places.blocks.map {
      BatchNorm.folded(values, gain: $0.gain, shift: $0.shift, statistics: statistics[$0.statistics])
    }
    scales = folded.map { NeuralBuffer($0.scale).whole }
    offsets = folded.map { NeuralBuffer($0.offset).whole }
    dense = DenseScorer(places.dense, places.layers, values: values, statistics: [])
  }

  /// Scores `[image, output]` of `images`, which lie one after the other without border.
  func scores(_ images: NeuralBuffer, workers: Workers) -> NeuralBuffer {
    let pixels = shape.height * shape.width * shape.channels
    let count = images.count / pixels
    let out = NeuralBuffer(count: count * shape.outputWidth)
    let batchCount = (count + Self.batchSize - 1) / Self.batchSize
    workers.run(batchCount) { batch in
      let range = (batch * Self.batchSize)..<min(count, (batch + 1) * Self.batchSize)
      score(
        images[(range.lowerBound * pixels)..<(range.upperBound * pixels)], range.count,
        into: out[(range.lowerBound * shape.outputWidth)..<(range.upperBound * shape.outputWidth)])
    }
    return out
  }

  private func score(_ images: NeuralRegion, _ count: Int, into out: NeuralRegion) {
    let pixels = images.count / count
    let inputs = blocks.map { NeuralBuffer(count: $0.convolution.inputCount) }
    let raws = blocks.map { NeuralBuffer(count: $0.convolution.outputCount) }
    let features = NeuralBuffer(count: count * dense.inputWidth)
    for image in 0..<count {
      NeuralImages.place(
        images[(image * pixels)..<((image + 1) * pixels)], height: shape.height, width: shape.width,
        NeuralImages.Placement(), into: inputs[0].whole)
      for (index, block) in blocks.enumerated() {
        block.convolution.run(inputs[index].whole, weights[index], into: raws[index].whole)
        let next = index + 1 < blocks.count ? inputs[index + 1].whole : features.image(image, dense.inputWidth)
        block.pool.run(raws[index].whole, scale: scales[index], shift: offsets[index], into: next)
      }
    }
    out.copy(dense.scores(features.whole, count, dense.memory(count)))
  }
}
