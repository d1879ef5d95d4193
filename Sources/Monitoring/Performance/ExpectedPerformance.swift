package import Modeling
import Basics

/// How good a classifier says it is: if its probabilities are right, a row decided with probability `p` is right with
/// probability `p`. Needs no labels, and **cannot see** a change of how labels follow from features: only realised
/// labels can.
///
/// Sums are integers in steps of 2⁻³², so parts merge exactly.
///
/// - Source: confidence-based performance estimation, NannyML (*Białek et al., Estimating model performance under
///   covariate shift without labels*, 2024).
package struct ExpectedPerformance: Sendable, Hashable, Codable {
  /// Rows with class probabilities.
  package private(set) var rowCount: Int64 = 0
  private var right: Int64 = 0
  private var rightVariance: Int64 = 0
  private var entropy: Int64 = 0
  private var squaredError: Int64 = 0

  /// No rows.
  package init() {}

  private static let step = 0x1p32

  /// Adds rows of class probabilities; others are passed over.
  package mutating func add(_ predictions: Predictions) {
    guard case .probabilities(let values, let classes) = predictions.storage, classes.count > 1 else { return }
    let decided = predictions.classCodes
    for (row, code) in decided.enumerated() {
      let start = row * classes.count
      add(values[start..<(start + classes.count)], decided: Int(code))
    }
  }

  private mutating func add(_ row: ArraySlice<Double>, decided: Int) {
    guard row.allSatisfy({ 0...1 ~= $0 }) else { return }
    var entropy = 0.0
    var squares = 0.0
    for p in row where p > 0 {
      entropy -= p * Mathematics.log(p)
      squares += p * p
    }
    let p = row[row.startIndex + decided]
    rowCount += 1
    right += Int64(p * Self.step)
    rightVariance += Int64(p * (1 - p) * Self.step)
    self.entropy += Int64(entropy * Self.step)
    squaredError += Int64(max(0, 1 - squares) * Self.step)
  }

  /// Adds what another one counted.
  package mutating func merge(_ other: ExpectedPerformance) {
    rowCount &+= other.rowCount
    right &+= other.right
    rightVariance &+= other.rightVariance
    entropy &+= other.entropy
    squaredError &+= other.squaredError
  }

  /// Expected share of right decisions, and where the realised share of this many rows would fall 19 times in 20.
  package var accuracy: MetricReading? {
    guard rowCount > 0 else { return nil }
    let value = mean(right)
    let spread = 1.959964 * (mean(rightVariance) / Double(rowCount)).squareRoot()
    return MetricReading(
      value: value, low: max(0, value - spread), high: min(1, value + spread), rowCount: Int(rowCount))
  }

  /// Expected logarithmic loss, nats: the mean entropy of the probabilities.
  package var logLoss: Double? { rowCount > 0 ? mean(entropy) : nil }

  /// Expected Brier score, summed over classes: `1 − Σₖ pₖ²`, `0 ... 1`.
  package var brier: Double? { rowCount > 0 ? mean(squaredError) : nil }

  private func mean(_ sum: Int64) -> Double { Double(sum) / Self.step / Double(rowCount) }

  enum CodingKeys: String, CodingKey {
    case right, entropy
    case rowCount = "rows"
    case rightVariance = "right_variance"
    case squaredError = "squared_error"
  }
}
