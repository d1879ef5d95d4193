public import Modeling

/// A point of a curve.
public struct CurvePoint: Sendable, Hashable, Codable {
  /// Across.
  public var x: Double
  /// Up.
  public var y: Double
  /// Threshold that leads there; `nil` where there is none.
  public var threshold: Double?
}

/// Curves as data.
public enum Curves {
  /// False-positive rate across, true-positive rate up, from (0, 0) to (1, 1).
  ///
  /// - Parameter limit: points at most; the ends stay.
  /// - Returns: no points when one class is missing.
  /// - Throws: `.invalidData` unless there are two classes; `.shapeMismatch`.
  public static func roc(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, limit: Int = 200
  ) throws -> [CurvePoint] {
    let points = try ThresholdCurve(predictions, target, weights: weights).points
    guard let last = points.last?.matrix, last[1, 1] > 0, last[0, 1] > 0 else { return [] }
    return thinned(points, to: limit).map { point in
      CurvePoint(x: point.matrix[0, 1] / last[0, 1], y: point.matrix[1, 1] / last[1, 1], threshold: point.threshold)
    }
  }

  /// Recall across, precision up, by falling threshold; thresholds that decide nobody positive are left out.
  ///
  /// - Throws: as `roc`.
  public static func precisionRecall(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, limit: Int = 200
  ) throws -> [CurvePoint] {
    let points = try ThresholdCurve(predictions, target, weights: weights).points
    return thinned(points.filter { $0.matrix.precision(1) != nil && $0.matrix.trueCount(1) > 0 }, to: limit).map {
      CurvePoint(x: $0.matrix.recall(1) ?? 0, y: $0.matrix.precision(1) ?? 0, threshold: $0.threshold)
    }
  }

  /// Share of rows approached across, how many times more positives are among them than among all up.
  ///
  /// - Throws: as `roc`.
  public static func lift(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, limit: Int = 100
  ) throws -> [CurvePoint] {
    let points = try ThresholdCurve(predictions, target, weights: weights).points
    guard let last = points.last?.matrix, last[1, 1] > 0 else { return [] }
    let share = last[1, 1] / last.total
    return thinned(points.filter { $0.matrix.decidedCount(1) > 0 }, to: limit).map {
      CurvePoint(
        x: $0.matrix.decidedCount(1) / last.total, y: ($0.matrix.precision(1) ?? 0) / share, threshold: $0.threshold)
    }
  }

  /// Weighted counts of true against decided classes.
  ///
  /// - Throws: `.invalidData`, `.shapeMismatch`.
  public static func confusion(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil
  ) throws -> ConfusionMatrix {
    let rows = try DecidedRows(predictions, target, owner: "confusion matrix")
    return rows.matrix(try RowWeights.checked(weights, rowCount: target.count, owner: "confusion matrix"))
  }

  /// At most `limit` elements (at least 2), evenly chosen, first and last among them.
  static func thinned<T>(_ points: [T], to limit: Int) -> [T] {
    let limit = max(2, limit)
    guard points.count > limit else { return points }
    return (0..<limit).map { points[$0 * (points.count - 1) / (limit - 1)] }
  }
}
