import Basics
import Kernels

/// How the hidden layers of a network bend their scores.
public enum HiddenActivation: String, Sendable, Hashable, Codable, CaseIterable {
  case relu, gelu, tanh

  var kernel: NeuralActivation {
    switch self {
    case .relu: .relu
    case .gelu: .gelu
    case .tanh: .tanh
    }
  }
}

/// Widths of fully connected layers and what happens between them.
struct DenseShape: Sendable, Hashable {
  var inputWidth: Int
  var hidden: [Int]
  var outputWidth: Int
  var activation: HiddenActivation
  var isNormalised: Bool

  /// One layer's place among all weights.
  struct Layer: Sendable {
    var inputWidth: Int
    var width: Int
    /// `[inputWidth, width]`.
    var weights: Range<Int>
    /// Bias, or the shift of the normalisation.
    var bias: Range<Int>
    /// Gain of the normalisation, where there is one.
    var gain: Range<Int>?
    /// Running means and variances.
    var statistics: Range<Int>?
    var isLast: Bool
  }

  /// Gives every layer its place.
  func layers(_ layout: inout ParameterLayout, statisticsStart: Int = 0) -> [Layer] {
    var out: [Layer] = []
    var input = inputWidth
    var next = statisticsStart
    for (index, width) in (hidden + [outputWidth]).enumerated() {
      let isLast = index == hidden.count
      let weights = layout.add(input * width, decays: true)
      let gain = isNormalised && !isLast ? layout.add(width, decays: false) : nil
      let bias = layout.add(width, decays: false)
      let statistics = gain.map { _ in next..<(next + 2 * width) }
      if gain != nil { next += 2 * width }
      out.append(
        Layer(
          inputWidth: input, width: width, weights: weights, bias: bias, gain: gain, statistics: statistics,
          isLast: isLast))
      input = width
    }
    return out
  }

  /// Running averages the layers keep.
  var statisticsCount: Int { isNormalised ? 2 * hidden.reduce(0, +) : 0 }

  /// Uniform starting weights of variance `2 / inputs` before ReLU and GELU, `1 / inputs` before tanh and at the end.
  ///
  /// - Parameter fanIn: inputs that are not zero in a row of the first layer, about.
  /// - Source: He et al., *Delving deep into rectifiers*, ICCV 2015; Glorot and Bengio, AISTATS 2010.
  func initialise(_ layers: [Layer], fanIn: Double, values: NeuralBuffer, seed: Seed) {
    for (index, layer) in layers.enumerated() {
      var stream = seed.derived(index).generator
      let inputs = index == 0 ? max(1, fanIn) : Double(layer.inputWidth)
      let bound = ((layer.isLast || activation == .tanh ? 3 : 6) / inputs).squareRoot()
      values[layer.weights].write { weights in
        for place in 0..<weights.count { weights[place] = Float((2 * stream.uniform() - 1) * bound) }
      }
      if let gain = layer.gain { values[gain].fill(1) }
    }
  }
}
