import Basics
import Kernels

/// Batch normalisation of columns: standardised by the minibatch in training, by running averages afterwards.
///
/// - Source: Ioffe and Szegedy, *Batch normalization*, ICML 2015.
final class BatchNorm {
  static let epsilon = 1e-5
  /// Blocks a minibatch is cut into at most.
  static let blockLimit = 16

  let width: Int
  /// Weights: gain and shift of each column.
  let gain: Range<Int>
  let shift: Range<Int>
  /// Running means, then running variances.
  let statistics: NeuralRegion
  /// What this minibatch is standardised by: mean, 1 / deviation, gain / deviation, shift − mean · gain / deviation.
  let mean: NeuralRegion
  let inverse: NeuralRegion
  let scale: NeuralRegion
  let offset: NeuralRegion
  /// Two numbers a column for each block.
  let partial: NeuralBuffer
  let means: NeuralRegion

  init(
    width: Int, gain: Range<Int>, shift: Range<Int>, statistics: NeuralRegion, blockLimit: Int = BatchNorm.blockLimit
  ) {
    self.width = width
    self.gain = gain
    self.shift = shift
    self.statistics = statistics
    let memory = NeuralBuffer(count: 6 * width)
    mean = memory[0..<width]
    inverse = memory[width..<(2 * width)]
    scale = memory[(2 * width)..<(3 * width)]
    offset = memory[(3 * width)..<(4 * width)]
    means = memory[(4 * width)..<(6 * width)]
    partial = NeuralBuffer(count: blockLimit * 2 * width)
  }

  var norm: NeuralNorm { NeuralNorm(mean: mean, inverse: inverse, scale: scale) }

  /// The two halves of what block `block` found, in a buffer like `partial`.
  static func halves(_ partial: NeuralBuffer, _ block: Int, _ width: Int) -> (NeuralRegion, NeuralRegion) {
    let start = block * 2 * width
    return (partial[start..<(start + width)], partial[(start + width)..<(start + 2 * width)])
  }

  /// Joins means and squared distances of the blocks (`counts` rows each) in their order; moves the running averages.
  func settle(counts: [Int], values: NeuralBuffer, momentum: Double) {
    for column in 0..<width {
      var total = 0.0, average = 0.0, squares = 0.0
      for (block, count) in counts.enumerated() {
        let start = block * 2 * width + column
        let distance = Double(partial.whole[start]) - average
        let share = Double(count) / (total + Double(count))
        squares += Double(partial.whole[start + width]) + distance * distance * total * share
        average += distance * share
        total += Double(count)
      }
      let variance = squares / total
      let inverse = 1 / (variance + Self.epsilon).squareRoot()
      let scale = Double(values.whole[gain.lowerBound + column]) * inverse
      mean[column] = Float(average)
      self.inverse[column] = Float(inverse)
      self.scale[column] = Float(scale)
      offset[column] = Float(Double(values.whole[shift.lowerBound + column]) - average * scale)
      let unbiased = total > 1 ? squares / (total - 1) : variance
      move(column, to: average, momentum)
      move(width + column, to: unbiased, momentum)
    }
  }

  private func move(_ index: Int, to value: Double, _ momentum: Double) {
    statistics[index] = Float(Double(statistics[index]) + momentum * (value - Double(statistics[index])))
  }

  /// Joins the sums of the blocks: gradients of gain and shift, and the means that `normBackward` takes off.
  func settleBackward(blockCount: Int, rowCount: Int, gradients: NeuralBuffer) {
    for column in 0..<(2 * width) {
      var sum = 0.0
      for block in 0..<blockCount { sum += Double(partial.whole[block * 2 * width + column]) }
      means[column] = Float(sum / Double(rowCount))
      let place = column < width ? shift.lowerBound + column : gain.lowerBound + column - width
      gradients.whole[place] = Float(sum)
    }
  }

  /// What the running averages come to: `x · scale + offset`.
  static func folded(
    _ values: [Float], gain: Range<Int>, shift: Range<Int>, statistics: ArraySlice<Float>
  ) -> (scale: [Float], offset: [Float]) {
    let width = gain.count
    var scale: [Float] = []
    var offset: [Float] = []
    for column in 0..<width {
      let variance = Double(statistics[statistics.startIndex + width + column])
      let factor = Double(values[gain.lowerBound + column]) / (max(0, variance) + epsilon).squareRoot()
      scale.append(Float(factor))
      let average = Double(statistics[statistics.startIndex + column])
      offset.append(Float(Double(values[shift.lowerBound + column]) - average * factor))
    }
    return (scale, offset)
  }
}
