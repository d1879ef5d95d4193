import Basics
import Kernels

/// Sizes of a convolutional network: blocks of convolution, batch normalisation, ReLU and pooling, then dense layers.
struct ConvolutionShape: Sendable, Hashable {
  var height: Int
  var width: Int
  var channels: Int
  /// Channels that come out of each block.
  var filters: [Int]
  /// Width of the hidden dense layer; 0 = none.
  var denseWidth: Int
  var outputWidth: Int

  /// One block's size and its place among all weights.
  struct Block: Sendable {
    var convolution: NeuralConvolution
    var pool: NeuralPool
    var inputs: Int
    var outputs: Int
    var height: Int
    var width: Int
    var weights: Range<Int>
    var gain: Range<Int>
    var shift: Range<Int>
    var statistics: Range<Int>
  }

  /// Blocks that halve an image of this size to a few pixels.
  static func automaticBlockCount(height: Int, width: Int) -> Int {
    let side = max(height, width)
    return max(1, min(4, (Int.bitWidth - side.leadingZeroBitCount) - 2))
  }

  /// Where everything lies.
  func places() -> (layout: ParameterLayout, blocks: [Block], dense: DenseShape, layers: [DenseShape.Layer]) {
    var layout = ParameterLayout()
    var blocks: [Block] = []
    var (high, wide, inputs, next) = (height, width, channels, 0)
    for (index, outputs) in filters.enumerated() {
      let pool = NeuralPool(height: high, width: wide, channels: outputs, hasBorder: index + 1 < filters.count)
      blocks.append(
        Block(
          convolution: NeuralConvolution(height: high, width: wide, inputs: inputs, outputs: outputs), pool: pool,
          inputs: inputs, outputs: outputs, height: high, width: wide,
          weights: layout.add(9 * inputs * outputs, decays: true), gain: layout.add(outputs, decays: false),
          shift: layout.add(outputs, decays: false), statistics: next..<(next + 2 * outputs)))
      next += 2 * outputs
      (high, wide, inputs) = (pool.outputHeight, pool.outputWidth, outputs)
    }
    let dense = DenseShape(
      inputWidth: high * wide * inputs, hidden: denseWidth > 0 ? [denseWidth] : [], outputWidth: outputWidth,
      activation: .relu, isNormalised: false)
    let layers = dense.layers(&layout)
    return (layout, blocks, dense, layers)
  }

  /// Running averages it keeps.
  var statisticsCount: Int { 2 * filters.reduce(0, +) }

  /// Weights it has, without a trap where an archive names absurd widths; `nil` past all bounds.
  var weightCount: Int? {
    var (high, wide, inputs, sum) = (height, width, Double(channels), 0.0)
    for outputs in filters {
      sum += (9 * inputs + 2) * Double(outputs)
      (high, wide, inputs) = (high / min(2, high), wide / min(2, wide), Double(outputs))
    }
    var width = Double(high) * Double(wide) * inputs
    if denseWidth > 0 {
      sum += (width + 1) * Double(denseWidth)
      width = Double(denseWidth)
    }
    sum += (width + 1) * Double(outputWidth)
    return sum < 1e12 ? Int(sum) : nil
  }
}
