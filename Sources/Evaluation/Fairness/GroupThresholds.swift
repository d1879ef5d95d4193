public import Basics
public import Modeling

/// Mitigation after training: a threshold for each group so that groups are treated alike, and what that costs.
public struct GroupThresholds: Sendable, Hashable {
  /// What must be alike.
  public var constraint: FairnessMetric
  /// Columns whose values make the groups.
  public var attributes: [String]
  /// Threshold of each group, by its values.
  public var thresholds: [(values: [String], threshold: Double)]
  /// Threshold for rows of a group that was not there.
  public var fallback: Double
  /// Difference between groups before.
  public var gapBefore: Double
  /// Difference between groups after.
  public var gapAfter: Double
  /// Name of what was kept as high as possible.
  public var metric: String
  /// Its value before.
  public var metricBefore: Double
  /// Its value after; the price is the loss.
  public var metricAfter: Double
  /// Whether the difference asked for was reached.
  public var isMet: Bool

  /// Equal results.
  public static func == (a: GroupThresholds, b: GroupThresholds) -> Bool { a.json == b.json }
  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) { hasher.combine(json) }

  /// How much of the metric the mitigation costs.
  public var price: Double { metricBefore - metricAfter }

  /// `{"constraint", "attributes", "thresholds": [{"values", "threshold"}], "gap_before", "gap_after", "metric",
  /// "metric_before", "metric_after", "price", "met"}`.
  public var json: JSONValue {
    [
      "constraint": .string(constraint.rawValue), "attributes": .array(attributes.map(JSONValue.string)),
      "thresholds": .array(
        thresholds.map {
          ["values": .array($0.values.map(JSONValue.string)), "threshold": .finite($0.threshold)]
        }), "fallback": .finite(fallback), "gap_before": .finite(gapBefore), "gap_after": .finite(gapAfter),
      "metric": .string(metric), "metric_before": .finite(metricBefore), "metric_after": .finite(metricAfter),
      "price": .finite(price), "met": .boolean(isMet),
    ]
  }

  /// What is kept as high as possible.
  public enum Aim: String, Sendable, Hashable, Codable, CaseIterable {
    /// Share of rows decided rightly.
    case accuracy
    /// Mean recall of the two classes.
    case balancedAccuracy = "balanced_accuracy"
  }

  /// Chooses thresholds on held-out or out-of-fold rows.
  ///
  /// Every group's thresholds are points of a plane (false-positive rate and recall; share decided positive for
  /// demographic parity). For each point that some group can reach, the others take their nearest; of the choices
  /// within `atMost` the one with the best `aim` wins, or where none is, the one with the smallest difference. No
  /// randomised decisions: the same row is always decided alike, which leaves a small difference where curves do not
  /// meet.
  ///
  /// - Parameters:
  ///   - constraint: `demographicParity`, `equalOpportunity` or `equalizedOdds`.
  ///   - threshold: what decided before.
  /// - Throws: `.invalidParameter` for another constraint or a limit outside 0…1; `.invalidData` unless there are two
  ///   classes and at least two groups of `minimumCount` rows of each class; `.shapeMismatch`.
  /// - Source: Hardt, Price and Srebro, *Equality of opportunity in supervised learning*, NeurIPS 2016.
  public static func fit(
    _ groups: ProtectedGroups, _ predictions: Predictions, _ target: Target, constraint: FairnessMetric,
    atMost: Double = 0.02, aim: Aim = .accuracy, threshold: Double = 0.5, minimumCount: Int = 20
  ) throws -> GroupThresholds {
    guard [.demographicParity, .equalOpportunity, .equalizedOdds].contains(constraint), (0...1).contains(atMost) else {
      throw MLError(
        .invalidParameter, "group thresholds: cannot hold '\(constraint.rawValue)' to \(atMost).",
        hint: "Use demographic_parity, equal_opportunity or equalized_odds and a limit in 0…1.", field: "constraint")
    }
    let curves = try groups.groups.compactMap { group -> GroupCurve? in
      try GroupCurve(group, predictions, target, constraint, threshold, minimumCount)
    }
    guard curves.count >= 2, groups.rowCount == target.count else {
      throw MLError(
        .invalidData,
        "group thresholds: needs two groups with \(minimumCount) rows of each class; got \(curves.count).",
        hint: "Merge small groups.")
    }
    let before = curves.map(\.start)
    let chosen = search(curves, atMost, aim)
    let points = zip(curves, chosen).map { $0.points[$1] }
    let (gapBefore, gapAfter) = (gap(before), gap(points))
    return GroupThresholds(
      constraint: constraint, attributes: groups.attributes,
      thresholds: zip(curves, points).map { ($0.values, $1.threshold) }, fallback: threshold,
      gapBefore: gapBefore, gapAfter: gapAfter, metric: aim.rawValue,
      metricBefore: value(before, aim), metricAfter: value(points, aim), isMet: gapAfter <= atMost + 1e-12)
  }

  private static func search(_ curves: [GroupCurve], _ atMost: Double, _ aim: Aim) -> [Int] {
    var best: (isMet: Bool, value: Double, gap: Double, places: [Int])?
    for reference in curves.flatMap({ $0.points.map(\.place) }) {
      let places = curves.map { $0.nearest(reference) }
      let points = zip(curves, places).map { $0.points[$1] }
      let (gap, value) = (gap(points), value(points, aim))
      let isMet = gap <= atMost + 1e-12
      let isBetter: Bool
      if let best {
        isBetter =
          isMet != best.isMet ? isMet : isMet ? (value, -gap) > (best.value, -best.gap) : gap < best.gap
      } else {
        isBetter = true
      }
      if isBetter { best = (isMet, value, gap, places) }
    }
    return best?.places ?? []
  }

  /// Largest difference in any direction of the plane.
  private static func gap(_ points: [GroupCurve.Point]) -> Double {
    (points.first?.place.indices ?? 0..<0).reduce(0) { worst, axis in
      let values = points.map { $0.place[axis] }
      return max(worst, (values.max() ?? 0) - (values.min() ?? 0))
    }
  }

  private static func value(_ points: [GroupCurve.Point], _ aim: Aim) -> Double {
    let sums = points.reduce([0.0, 0, 0, 0]) { zip($0, $1.cells).map { $0 + $1 } }
    switch aim {
    case .accuracy: return (sums[0] + sums[3]) / sums.reduce(0, +)
    case .balancedAccuracy: return (sums[0] / (sums[0] + sums[1]) + sums[3] / (sums[2] + sums[3])) / 2
    }
  }

  /// Predictions decided by the threshold of each row's group.
  ///
  /// - Parameter groups: by the same attributes and edges.
  /// - Throws: `.shapeMismatch`; `.invalidData` for other attributes or unless there are two classes.
  public func applied(to predictions: Predictions, _ groups: ProtectedGroups) throws -> Predictions {
    guard groups.rowCount == predictions.rowCount else {
      throw MLError(
        .shapeMismatch, "group thresholds: groups must have \(predictions.rowCount) rows; got \(groups.rowCount).")
    }
    guard groups.attributes == attributes, predictions.classes.count == 2,
      let shown = predictions.probabilities(ofClass: 1)
    else { throw MLError(.invalidData, "group thresholds: need two classes and groups by \(attributes).") }
    let known = Dictionary(thresholds.map { ($0.values, $0.threshold) }, uniquingKeysWith: { first, _ in first })
    let limits = groups.groups.map { known[$0.values] ?? fallback }
    let groupOf = groups.groupOf
    return Predictions(
      predictions.storage, decisions: shown.indices.map { shown[$0] >= limits[groupOf[$0]] ? 1 : 0 })
  }
}

/// What the thresholds of one group lead to.
private struct GroupCurve {
  struct Point {
    var threshold: Double
    /// What must be alike: one or two rates.
    var place: [Double]
    /// Rejected, false hits, missed, hits.
    var cells: [Double]
  }

  let values: [String]
  let points: [Point]
  /// Where the common threshold leads.
  let start: Point

  /// Thresholds looked at in each group.
  static let limit = 200

  /// - Returns: `nil` for a group with too few rows of a class.
  init?(
    _ group: ProtectedGroups.Group, _ predictions: Predictions, _ target: Target, _ constraint: FairnessMetric,
    _ threshold: Double, _ minimumCount: Int
  ) throws {
    let curve = try ThresholdCurve(predictions.gathered(group.rows), target.gathered(group.rows))
    guard let last = curve.points.last?.matrix, last[0, 1] >= Double(minimumCount), last[1, 1] >= Double(minimumCount),
      let current = curve.point(at: threshold)
    else { return nil }
    func point(_ threshold: Double, _ matrix: ConfusionMatrix) -> Point {
      let (recall, fallOut) = (matrix[1, 1] / matrix.trueCount(1), matrix[0, 1] / matrix.trueCount(0))
      let place =
        switch constraint {
        case .demographicParity: [matrix.decidedCount(1) / matrix.total]
        case .equalOpportunity: [recall]
        default: [recall, fallOut]
        }
      return Point(threshold: threshold, place: place, cells: matrix.counts)
    }
    values = group.values
    start = point(threshold, current.matrix)
    points = Curves.thinned(curve.points, to: Self.limit).map { point($0.threshold, $0.matrix) } + [start]
  }

  /// The point nearest to `place`, the earliest of equals.
  func nearest(_ place: [Double]) -> Int {
    var best = (distance: Double.infinity, index: 0)
    for index in points.indices {
      let distance = zip(points[index].place, place).reduce(0) { max($0, abs($1.0 - $1.1)) }
      if distance < best.distance { best = (distance, index) }
    }
    return best.index
  }
}
