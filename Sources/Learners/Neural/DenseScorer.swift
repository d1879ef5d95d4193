import Basics
import Kernels

/// Fully connected layers that only score: normalisations are folded into the weights.
struct DenseScorer: Sendable {
  private struct Layer: Sendable {
    var weights: NeuralMatrix
    var bias: NeuralRegion
  }
  private let layers: [Layer]
  private let activation: NeuralActivation
  /// Numbers a row has.
  let inputWidth: Int
  /// Scores a row has.
  let outputWidth: Int
  /// What a column of the first layer's scores is multiplied by where a table adds to it.
  let firstScale: [Float]
  private let widest: Int

  /// Copies the weights of `values`, which may change afterwards.
  init(_ shape: DenseShape, _ layers: [DenseShape.Layer], values: [Float], statistics: [Float]) {
    var firstScale = [Float](repeating: 1, count: layers[0].width)
    var scoring: [Layer] = []
    for (index, layer) in layers.enumerated() {
      var weights = Array(values[layer.weights])
      var bias = Array(values[layer.bias])
      if let gain = layer.gain, let place = layer.statistics {
        let (scale, offset) = BatchNorm.folded(values, gain: gain, shift: layer.bias, statistics: statistics[place])
        for place in weights.indices { weights[place] *= scale[place % layer.width] }
        bias = offset
        if index == 0 { firstScale = scale }
      }
      scoring.append(
        Layer(
          weights: NeuralMatrix(
            NeuralBuffer(weights).whole, rowCount: layer.inputWidth, columnCount: layer.width),
          bias: NeuralBuffer(bias).whole))
    }
    self.layers = scoring
    self.firstScale = firstScale
    activation = shape.activation.kernel
    inputWidth = shape.inputWidth
    outputWidth = shape.outputWidth
    widest = layers.map(\.width).max() ?? 0
  }

  /// Memory for `rowCount` rows.
  func memory(_ rowCount: Int) -> (NeuralBuffer, NeuralBuffer) {
    (NeuralBuffer(count: rowCount * widest), NeuralBuffer(count: rowCount * widest))
  }

  /// Scores `[rowCount, outputWidth]` of `input`, in one of the two buffers.
  func scores(
    _ input: NeuralRegion, _ rowCount: Int, _ memory: (NeuralBuffer, NeuralBuffer),
    addition: (NeuralRegion) -> Void = { _ in }
  ) -> NeuralRegion {
    var from = NeuralMatrix(input, rowCount: rowCount, columnCount: inputWidth)
    var region = input
    for (index, layer) in layers.enumerated() {
      let width = layer.weights.columnCount
      region = (index % 2 == 0 ? memory.0 : memory.1)[0..<(rowCount * width)]
      let into = NeuralMatrix(region, rowCount: rowCount, columnCount: width)
      MatrixMultiply.run(from, layer.weights, into: into)
      if index == 0 { addition(region) }
      NeuralKernels.addBias(layer.bias, to: region)
      if index + 1 < layers.count { NeuralKernels.activate(region, into: region, activation) }
      from = into
    }
    return region
  }
}
