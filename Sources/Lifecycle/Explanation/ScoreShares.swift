import Basics
import Frames
import Modeling

/// Shares in a model's own scores, brought to raw columns.
struct ScoreShares: Sendable {
  let link: Contributions.Link
  /// Scores a row has.
  let outputCount: Int
  /// Expected scores.
  let baseline: [Double]
  /// Row-major `[rowCount, outputCount, columnCount]`.
  let values: [Double]
  let columnCount: Int

  /// Sums the shares of all prepared features that come from one raw column.
  ///
  /// - Throws: `.internalFailure` for a feature of unknown origin.
  init(_ contributions: Contributions, pipeline: FittedPipeline) throws {
    let columns = pipeline.schema.names
    let places = try contributions.features.map { feature -> Int in
      guard let raw = pipeline.rawColumn(of: feature.field), let place = columns.firstIndex(of: raw) else {
        throw MLError(.internalFailure, "explain: feature '\(feature.field)' has no column it was made from.")
      }
      return place
    }
    link = contributions.link
    outputCount = contributions.outputs.count
    baseline = contributions.baseline
    columnCount = columns.count
    let width = contributions.features.count
    let scores = width == 0 ? 0 : contributions.values.count / width
    var values = [Double](repeating: 0, count: scores * columns.count)
    for score in 0..<scores {
      for (feature, place) in places.enumerated() {
        values[score * columns.count + place] += contributions.values[score * width + feature]
      }
    }
    self.values = values
  }

  var rowCount: Int { columnCount * outputCount == 0 ? 0 : values.count / (columnCount * outputCount) }

  /// Shares in predictions of one row, `[outputs, columns]`: scores move along a straight line from their expectation
  /// to where they are, and each column is credited with the prediction's change along its part of the way.
  ///
  /// - Source: Sundararajan et al., *Axiomatic attribution for deep networks*, ICML 2017 (path integrals).
  func predictionShares(row: Int) -> (baseline: [Double], shares: [[Double]]) {
    let scores = (0..<outputCount).map { output in
      Array(values[((row * outputCount + output) * columnCount)..<((row * outputCount + output + 1) * columnCount)])
    }
    let ends = zip(baseline, scores).map { $0 + $1.reduce(0, +) }
    let (start, end) = (prediction(baseline), prediction(ends))
    var shares = [[Double]](repeating: [Double](repeating: 0, count: columnCount), count: outputCount)
    for node in GaussLegendre.nodes {
      let place = zip(baseline, ends).map { $0 + node.place * ($1 - $0) }
      let slopes = slopes(place)
      for output in 0..<outputCount {
        for source in 0..<outputCount where slopes[output * outputCount + source] != 0 {
          let factor = node.weight * slopes[output * outputCount + source]
          for column in 0..<columnCount { shares[output][column] += factor * scores[source][column] }
        }
      }
    }
    for output in 0..<outputCount { Residual.spread(&shares[output], toSum: end[output] - start[output]) }
    return (start, shares)
  }

  private func prediction(_ scores: [Double]) -> [Double] {
    switch link {
    case .identity, .probability: return scores
    case .log: return scores.map { Mathematics.exp($0) }
    case .logit: return scores.map { 1 / (1 + Mathematics.exp(-$0)) }
    case .softmax:
      let top = scores.max() ?? 0
      let raised = scores.map { Mathematics.exp($0 - top) }
      let total = raised.reduce(0, +)
      return raised.map { $0 / total }
    }
  }

  /// Derivatives of predictions by scores, row-major `[prediction, score]`.
  private func slopes(_ scores: [Double]) -> [Double] {
    let said = prediction(scores)
    var out = [Double](repeating: 0, count: outputCount * outputCount)
    for output in 0..<outputCount {
      switch link {
      case .identity, .probability: out[output * outputCount + output] = 1
      case .log: out[output * outputCount + output] = said[output]
      case .logit: out[output * outputCount + output] = said[output] * (1 - said[output])
      case .softmax:
        for source in 0..<outputCount {
          out[output * outputCount + source] = said[output] * ((output == source ? 1 : 0) - said[source])
        }
      }
    }
    return out
  }
}

/// Keeps shares adding up.
enum Residual {
  /// Changes `shares` so that they sum to `sum`: what is lacking goes to each by its size, or to all alike.
  static func spread(_ shares: inout [Double], toSum sum: Double) {
    guard !shares.isEmpty else { return }
    let lacking = sum - shares.reduce(0, +)
    let size = shares.reduce(0) { $0 + abs($1) }
    for index in shares.indices {
      shares[index] += lacking * (size > 0 ? abs(shares[index]) / size : 1 / Double(shares.count))
    }
  }
}

/// Nodes of numerical integration over 0…1, exact for polynomials up to degree 31.
enum GaussLegendre {
  static let nodes: [(place: Double, weight: Double)] = {
    let count = 16
    return (1...count).map { k in
      var x = Mathematics.cos(Double.pi * (Double(k) - 0.25) / (Double(count) + 0.5))
      var slope = 0.0
      for _ in 0..<64 {
        var (previous, value) = (1.0, x)
        for n in 2...count {
          (previous, value) = (value, ((2 * Double(n) - 1) * x * value - (Double(n) - 1) * previous) / Double(n))
        }
        slope = Double(count) * (x * value - previous) / (x * x - 1)
        x -= value / slope
      }
      return ((1 - x) / 2, 1 / ((1 - x * x) * slope * slope))
    }
  }()
}
