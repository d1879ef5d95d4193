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
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public static func make(
    _ intervals: ConformalRegressor.Intervals, _ target: Target, nominal: Double
  ) throws -> ConformalReport? {
    guard case .values(let truth) = target, truth.count == intervals.low.count, truth.count == intervals.high.count
    else { throw MLError(.shapeMismatch, "conformal: intervals and number target must have the same rows.") }
    let hits = truth.indices.count { intervals.low[$0] <= truth[$0] && truth[$0] <= intervals.high[$0] }
    guard let coverage = Distributions.wilson(hits: Double(hits), total: Double(truth.count)) else { return nil }
    let widths = zip(intervals.low, intervals.high).reduce(0) { $0 + $1.1 - $1.0 }
    return ConformalReport(
      nominal: nominal, coverage: coverage, size: widths / Double(truth.count), single: nil, empty: nil, byClass: [])
  }

  /// Judges sets of class codes; `nil` without rows.
  ///
  /// - Parameter classes: names in code order of the sets.
  /// - Throws: `.shapeMismatch`, `.invalidData` for a class without a name in `classes`.
  public static func make(
    _ sets: [[Int]], _ target: Target, classes: [String], nominal: Double
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
    let total = Double(sets.count)
    guard let coverage = Distributions.wilson(hits: Double(held.count { $0 }), total: total) else { return nil }
    let byClass = names.indices.compactMap { k -> (name: String, coverage: MetricValue)? in
      let own = codes.indices.filter { Int(codes[$0]) == k }
      return Distributions.wilson(hits: Double(own.count { held[$0] }), total: Double(own.count))
        .map { (name: names[k], coverage: $0) }
    }
    return ConformalReport(
      nominal: nominal, coverage: coverage, size: Double(sets.reduce(0) { $0 + $1.count }) / total,
      single: Double(sets.count { $0.count == 1 }) / total, empty: Double(sets.count { $0.isEmpty }) / total,
      byClass: byClass)
  }
}
