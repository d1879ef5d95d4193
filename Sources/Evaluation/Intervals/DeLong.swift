import Basics
public import Modeling

/// Intervals and tests for areas under ROC curves without resampling.
///
/// Each positive row is placed among the negatives (the share of them it scores above, ties half) and each negative
/// among the positives; the area is the mean placement and its variance follows from the spread of placements. With
/// weights the spread counts every row once, whatever its weight, as the bootstrap does.
///
/// - Complexity: O(n log n).
/// - Source: DeLong, DeLong and Clarke-Pearson, *Comparing the areas under two or more correlated ROC curves*,
///   Biometrics 44, 1988; Sun and Xu, *Fast implementation of DeLong's algorithm*, IEEE SPL 21(11), 2014.
public enum DeLong {
  /// Rows of each class below which the normal approximation is not trusted.
  static let minimumCount = 10

  /// Area of two classes with its interval, kept within 0…1; `nil` unless each class has at least two rows.
  ///
  /// - Throws: `.invalidData` unless there are two classes; `.shapeMismatch`.
  public static func interval(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, confidence: Double = 0.95
  ) throws -> MetricValue? {
    let placed = try Placements(predictions, target, weights)
    guard let error = placed.standardError(placed.values, mean: placed.area) else { return nil }
    let reach = Distributions.normalQuantile(0.5 + confidence / 2) * error
    return MetricValue(value: placed.area, low: max(0, placed.area - reach), high: min(1, placed.area + reach))
  }

  /// Difference of the areas of two models on the same rows; `nil` unless each class has at least two rows.
  ///
  /// - Throws: as `interval`.
  public static func compare(
    _ a: Predictions, _ b: Predictions, _ target: Target, weights: [Double]? = nil, confidence: Double = 0.95
  ) throws -> PairedComparison? {
    let (first, second) = (try Placements(a, target, weights), try Placements(b, target, weights))
    let difference = first.area - second.area
    let gaps = zip(first.values, second.values).map { $0 - $1 }
    guard let error = first.standardError(gaps, mean: difference) else { return nil }
    let reach = Distributions.normalQuantile(0.5 + confidence / 2) * error
    let doubt = error > 0 ? Distributions.normal(-difference / error) : difference > 0 ? 0 : difference < 0 ? 1 : 0.5
    var result = PairedComparison(
      metric: AreaUnderROC(), a: first.area, b: second.area, low: difference - reach, high: difference + reach,
      probabilityNotBetter: doubt)
    result.method = .delong
    return result
  }

  /// Whether both classes have enough rows for the normal approximation.
  static func isTrusted(_ predictions: Predictions, _ target: Target, _ weights: [Double]?) -> Bool {
    guard predictions.classes.count == 2, case .classes(let codes, let names) = target else { return false }
    var counts = [Int](repeating: 0, count: max(2, names.count))
    for (row, code) in codes.enumerated() where counts.indices.contains(Int(code)) && (weights?[row] ?? 1) > 0 {
      counts[Int(code)] += 1
    }
    return counts.filter { $0 > 0 }.count == 2 && counts.allSatisfy { $0 == 0 || $0 >= minimumCount }
  }

  /// Placement of every row among the rows of the other class.
  struct Placements {
    var values: [Double]
    var area: Double
    let isPositive: [Bool]
    let weights: [Double]

    init(_ predictions: Predictions, _ target: Target, _ weights: [Double]?) throws {
      let rows = try ClassRows(predictions, target, owner: "delong")
      guard rows.classCount == 2 else {
        throw MLError(.invalidData, "delong: needs two classes; got \(rows.classCount).")
      }
      let ones = try RowWeights.checked(weights, rowCount: rows.rowCount, owner: "delong")
      let scores = rows.column(1)
      isPositive = rows.truth.map { $0 == 1 }
      self.weights = ones
      values = [Double](repeating: 0, count: scores.count)
      var totals = (positive: 0.0, negative: 0.0)
      for row in ones.indices {
        if isPositive[row] { totals.positive += ones[row] } else { totals.negative += ones[row] }
      }
      let order = Ranking.ascending(scores).map(Int.init)
      var (start, below) = (0, (positive: 0.0, negative: 0.0))
      var sum = 0.0
      while start < order.count {
        var end = start
        var tied = (positive: 0.0, negative: 0.0)
        while end < order.count, scores[order[end]] == scores[order[start]] {
          if isPositive[order[end]] { tied.positive += ones[order[end]] } else { tied.negative += ones[order[end]] }
          end += 1
        }
        let beaten = (below.negative + tied.negative / 2) / totals.negative
        let missed = (totals.positive - below.positive - tied.positive / 2) / totals.positive
        for place in start..<end { values[order[place]] = isPositive[order[place]] ? beaten : missed }
        sum += tied.positive * beaten
        below = (below.positive + tied.positive, below.negative + tied.negative)
        start = end
      }
      area = totals.positive > 0 ? sum / totals.positive : .nan
    }

    /// Standard error of the mean of `values` over both classes; `nil` where a class has fewer than two rows.
    func standardError(_ values: [Double], mean: Double) -> Double? {
      var (sums, totals, counts) = ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0])
      for row in values.indices where weights[row] > 0 {
        let side = isPositive[row] ? 1 : 0
        let gap = weights[row] * (values[row] - mean)
        sums[side] += gap * gap
        totals[side] += weights[row]
        counts[side] += 1
      }
      guard counts[0] > 1, counts[1] > 1 else { return nil }
      let parts = (0...1).map { sums[$0] / (totals[$0] * totals[$0]) * counts[$0] / (counts[$0] - 1) }
      return (parts[0] + parts[1]).squareRoot()
    }
  }
}
