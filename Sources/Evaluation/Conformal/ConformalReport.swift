public import Basics
public import Modeling

/// Whether intervals or sets hold what they promise, on rows they were not calibrated on.
public struct ConformalReport: Sendable, Hashable {
  /// Share asked for.
  public var nominal: Double
  /// Share of truths held, with its interval (Wilson).
  public var coverage: MetricValue
  /// Mean width of intervals, or mean number of classes.
  public var size: Double
  /// Share of rows with exactly one class; `nil` for numbers.
  public var single: Double?
  /// Share of rows with no class; `nil` for numbers.
  public var empty: Double?
  /// Coverage by class; empty for numbers.
  public var byClass: [(name: String, coverage: MetricValue)]

  /// Equal reports.
  public static func == (a: ConformalReport, b: ConformalReport) -> Bool { a.json == b.json }
  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) { hasher.combine(json) }

  /// `{"nominal", "coverage": {…}, "size", "single", "empty", "by_class": {"name": {…}}}`.
  public var json: JSONValue {
    [
      "nominal": .finite(nominal), "coverage": coverage.json, "size": .finite(size), "single": .finite(single),
      "empty": .finite(empty), "by_class": .object(byClass.map { ($0.name, $0.coverage.json) }),
    ]
  }

  /// Judges intervals; `nil` without rows.
  ///
  /// - Parameter weights: how much each row counts; intervals of shares are then as wide as Kish's number of rows makes
  ///   them.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public static func make(
    _ intervals: ConformalRegressor.Intervals, _ target: Target, nominal: Double, weights: [Double]? = nil
  ) throws -> ConformalReport? {
    guard case .values(let truth) = target, truth.count == intervals.low.count, truth.count == intervals.high.count
    else { throw MLError(.shapeMismatch, "conformal: intervals and number target must have the same rows.") }
    let shares = try RowShares(weights, rowCount: truth.count)
    let held = truth.indices.map { intervals.low[$0] <= truth[$0] && truth[$0] <= intervals.high[$0] }
    guard let coverage = shares.share(truth.indices, where: { held[$0] }) else { return nil }
    return ConformalReport(
      nominal: nominal, coverage: coverage, size: shares.mean { intervals.high[$0] - intervals.low[$0] }, single: nil,
      empty: nil, byClass: [])
  }

  /// Judges sets of class codes; `nil` without rows.
  ///
  /// - Parameters:
  ///   - classes: names in code order of the sets.
  ///   - weights: how much each row counts.
  /// - Throws: `.shapeMismatch`, `.invalidData` for a class without a name in `classes`.
  public static func make(
    _ sets: [[Int]], _ target: Target, classes: [String], nominal: Double, weights: [Double]? = nil
  ) throws -> ConformalReport? {
    guard case .classes(let codes, let names) = target, codes.count == sets.count else {
      throw MLError(.shapeMismatch, "conformal: sets and class target must have the same rows.")
    }
    let places = try names.map { name in
      guard let place = classes.firstIndex(of: name) else {
        throw MLError(.invalidData, "conformal: class '\(name)' is unknown to the model.")
      }
      return place
    }
    let held = zip(sets, codes).map { $0.contains(places[Int($1)]) }
    let shares = try RowShares(weights, rowCount: sets.count)
    guard let coverage = shares.share(sets.indices, where: { held[$0] }) else { return nil }
    let byClass = names.indices.compactMap { k -> (name: String, coverage: MetricValue)? in
      shares.share(codes.indices.filter { Int(codes[$0]) == k }) { held[$0] }.map { (name: names[k], coverage: $0) }
    }
    return ConformalReport(
      nominal: nominal, coverage: coverage, size: shares.mean { Double(sets[$0].count) },
      single: shares.mean { sets[$0].count == 1 ? 1 : 0 }, empty: shares.mean { sets[$0].isEmpty ? 1 : 0 },
      byClass: byClass)
  }
}
