import Basics
public import Modeling

/// What every threshold would decide, from one pass over rows sorted by probability.
public struct ThresholdCurve: Sendable {
  /// One threshold and what follows from it.
  public struct Point: Sendable, Hashable {
    /// Rows with at least this probability are decided positive.
    public var threshold: Double
    /// What is decided.
    public var matrix: ConfusionMatrix
    /// Least probability that is decided positive here; infinite when none is.
    var least: Double
  }

  /// From the highest threshold (nobody) to the lowest (everybody), one for each distinct probability; thresholds lie half
  /// way between neighbouring probabilities.
  public let points: [Point]

  /// - Throws: `.invalidData` unless there are two classes; `.shapeMismatch`.
  public init(_ predictions: Predictions, _ target: Target, weights: [Double]? = nil) throws {
    let rows = try ClassRows(predictions, target, owner: "threshold")
    guard rows.classCount == 2 else {
      throw MLError(.invalidData, "threshold: needs two classes; got \(rows.classCount).")
    }
    let ones = try RowWeights.checked(weights, rowCount: rows.rowCount, owner: "threshold")
    let scores = rows.column(1)
    let order = Ranking.ascending(scores).reversed().map(Int.init)
    var (negatives, positives) = (0.0, 0.0)
    for row in ones.indices { if rows.truth[row] == 1 { positives += ones[row] } else { negatives += ones[row] } }
    var (hits, falseHits) = (0.0, 0.0)
    func point(_ threshold: Double, _ least: Double) -> Point {
      let counts = [negatives - falseHits, falseHits, positives - hits, hits]
      let matrix = ConfusionMatrix(classes: rows.classes, counts: counts)
      return Point(threshold: threshold, matrix: matrix, least: least)
    }
    var points: [Point] = []
    if let top = order.first.map({ scores[$0] }) {
      points.append(point(top < 1 ? Self.between(top, 1) : 1.0.nextUp, .infinity))
    }
    for (place, row) in order.enumerated() {
      if rows.truth[row] == 1 { hits += ones[row] } else { falseHits += ones[row] }
      let next = place + 1 < order.count ? scores[order[place + 1]] : 0
      if place + 1 == order.count {
        points.append(point(0, scores[row]))
      } else if next < scores[row] {
        points.append(point(Self.between(next, scores[row]), scores[row]))
      }
    }
    self.points = points
  }

  /// A number above `low` and at most `high`, half way where there is room.
  private static func between(_ low: Double, _ high: Double) -> Double {
    let middle = low + (high - low) / 2
    return middle > low ? middle : high
  }

  /// Mean cost of a row at every threshold, thinned to at most `limit` points.
  public func costs(_ costs: DecisionCosts, limit: Int = 200) -> [CostPoint] {
    Curves.thinned(points, to: limit).map { CostPoint(threshold: $0.threshold, cost: Self.cost($0.matrix, costs)) }
  }

  /// What is decided at `threshold`; `nil` without rows.
  func point(at threshold: Double) -> Point? { points.last { $0.least >= threshold } ?? points.first }

  static func cost(_ matrix: ConfusionMatrix, _ costs: DecisionCosts) -> Double {
    let total = matrix.total
    return total > 0 ? (matrix[0, 1] * costs.falsePositive + matrix[1, 0] * costs.falseNegative) / total : 0
  }
}

/// What a row costs on average at one threshold.
public struct CostPoint: Sendable, Hashable, Codable {
  /// Threshold.
  public var threshold: Double
  /// Mean cost of a row, in the unit of the costs.
  public var cost: Double
}
