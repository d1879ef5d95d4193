import Basics
public import Modeling

/// Judges anomaly scores as a ranking: the stranger, the higher.
public enum AnomalyRanking {
  /// Scores as probabilities of class 1, by their rank with ties kept: rankings do not care about the scale.
  ///
  /// - Parameter classes: names of the usual and of the anomalous class.
  /// - Throws: `.invalidData` unless predictions are finite numbers.
  public static func probabilities(
    _ predictions: Predictions, classes: [String] = ["usual", "anomalous"]
  ) throws -> Predictions {
    guard let scores = predictions.values, scores.allSatisfy(\.isFinite), classes.count == 2 else {
      throw MLError(.invalidData, "anomaly: needs one finite score a row and two class names.")
    }
    let order = Ranking.ascending(scores).map(Int.init)
    var out = [Double](repeating: 0, count: 2 * scores.count)
    var level = 0
    for (place, row) in order.enumerated() {
      if place > 0, scores[row] != scores[order[place - 1]] { level = place }
      let share = Double(level) / Double(max(1, scores.count))
      out[2 * row + 1] = share
      out[2 * row] = 1 - share
    }
    return Predictions(.probabilities(out, classes: classes))
  }

  /// `roc_auc` and `average_precision` of scores with intervals, against known anomalies.
  ///
  /// - Parameter isAnomalous: truth of every row.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public static func evaluate(
    _ predictions: Predictions, isAnomalous: [Bool], weights: [Double]? = nil, rowKeys: [UInt64]? = nil,
    options: BootstrapOptions = BootstrapOptions()
  ) throws -> MetricReport {
    let ranked = try probabilities(predictions)
    let target = Target.classes(codes: isAnomalous.map { $0 ? 1 : 0 }, names: ranked.classes)
    return try Intervals.evaluateAll(
      ranked, target, weights: weights, rowKeys: rowKeys, metrics: MetricCatalog.metrics(for: .anomaly),
      options: options)
  }
}
