import Basics
import Kernels
import Modeling

/// What a network is trained towards: classes, or numbers standardised.
struct NeuralTarget: Sendable {
  enum Values: Sendable {
    case classes([Int32])
    case numbers([Float])
  }
  var values: Values
  /// Row weights with mean 1.
  var weights: [Float]?

  /// Rows.
  var count: Int {
    switch values {
    case .classes(let codes): codes.count
    case .numbers(let numbers): numbers.count
    }
  }

  /// Mean loss of `scores` over `rows`, times their number; `gradient` gets the derivatives of the mean.
  func loss(
    _ scores: NeuralRegion, rows: ArraySlice<Int32>, smoothing: Double, gradient: NeuralRegion?
  ) -> Double {
    let chosen = weights.map { weights in rows.map { weights[Int($0)] } }
    switch values {
    case .classes(let codes):
      return NeuralKernels.softmaxLoss(
        scores, target: rows.map { codes[Int($0)] }, weights: chosen, smoothing: smoothing, gradient: gradient)
    case .numbers(let numbers):
      return NeuralKernels.squaredLoss(
        scores, target: rows.map { numbers[Int($0)] }, weights: chosen, gradient: gradient)
    }
  }
}

/// How scores become predictions.
struct NeuralOutput: Sendable, Hashable {
  /// Class names; empty for numbers.
  var classes: [String]
  /// A number is `mean + deviation · score`.
  var mean: Double
  var deviation: Double

  /// Scores a row has.
  var width: Int { classes.isEmpty ? 1 : classes.count }

  /// Learns the scale of a target.
  ///
  /// - Throws: `.invalidData` when no class is named.
  init(_ target: Target, weights: [Double]?, owner: String) throws {
    classes = target.classNames
    mean = 0
    deviation = 1
    switch target {
    case .classes:
      if classes.isEmpty { throw MLError(.invalidData, "\(owner): target must have a class; got none.") }
    case .values(let values):
      let factor = Self.factor(values)
      let total = weights?.reduce(0, +) ?? Double(values.count)
      mean = 0
      for (row, value) in values.enumerated() { mean += (weights?[row] ?? 1) / total * (value * factor) }
      var squares = 0.0
      for (row, value) in values.enumerated() {
        squares += (weights?[row] ?? 1) / total * (value * factor - mean) * (value * factor - mean)
      }
      deviation = squares.squareRoot() / factor
      mean /= factor
    }
  }

  init(classes: [String], mean: Double, deviation: Double) {
    self.classes = classes
    self.mean = mean
    self.deviation = deviation
  }

  private static func factor(_ values: [Double]) -> Double {
    let largest = values.reduce(0) { max($0, abs($1)) }
    guard largest > 1e100 || (largest > 0 && largest < 1e-100) else { return 1 }
    return min(1 / largest, 0x1p1000)
  }

  /// What the network is trained towards.
  func training(_ target: Target, weights: [Double]?) -> NeuralTarget {
    let total = weights?.reduce(0, +) ?? 1
    let scale = Double(target.count) / total
    let scaled = weights.map { $0.map { Float($0 * scale) } }
    switch target {
    case .classes(let codes, _): return NeuralTarget(values: .classes(codes), weights: scaled)
    case .values(let values):
      let inverse = deviation > 0 ? 1 / deviation : 0
      return NeuralTarget(
        values: .numbers(values.map { Float(inverse.isFinite ? ($0 - mean) * inverse : ($0 - mean) / deviation) }),
        weights: scaled)
    }
  }

  /// Biases of the last layer that already give the shares of the classes, or the mean.
  func startingBias(_ target: Target, weights: [Double]?) -> [Float] {
    guard case .classes(let codes, _) = target else { return [0] }
    var sums = [Double](repeating: 0, count: classes.count)
    for (row, code) in codes.enumerated() { sums[Int(code)] += weights?[row] ?? 1 }
    let total = sums.reduce(0, +)
    let logarithms = sums.map { Mathematics.log(max($0 / total, 1e-4)) }
    let mean = logarithms.reduce(0, +) / Double(classes.count)
    return logarithms.map { Float($0 - mean) }
  }

  /// Adds what `scores` (`[rows, width]`) say to `out`: numbers, or probabilities.
  func append(_ scores: NeuralRegion, to out: inout [Double]) {
    scores.read { scores in
      guard !classes.isEmpty else {
        for index in 0..<scores.count { out.append(mean + deviation * Double(scores[index])) }
        return
      }
      let width = classes.count
      for start in stride(from: 0, to: scores.count, by: width) {
        var largest = scores[start]
        for k in 1..<max(1, width) { largest = max(largest, scores[start + k]) }
        var total = 0.0
        for k in 0..<width {
          let value = Mathematics.exp(Double(scores[start + k]) - Double(largest))
          out.append(value)
          total += value
        }
        for k in (out.count - width)..<out.count { out[k] /= total }
      }
    }
  }

  /// The numbers as predictions.
  func predictions(_ numbers: [Double]) -> Predictions {
    classes.isEmpty ? Predictions(.values(numbers)) : Predictions(.probabilities(numbers, classes: classes))
  }
}
