/// Weighted counts of true against decided classes.
public struct ConfusionMatrix: Sendable, Hashable, Codable {
  /// Class names; for two classes the second is the positive one.
  public let classes: [String]
  /// Row-major `[true class, decided class]`.
  public let counts: [Double]

  /// Makes a matrix; `counts` has `classes.count²` elements.
  public init(classes: [String], counts: [Double]) {
    precondition(counts.count == classes.count * classes.count, "a square of counts")
    self.classes = classes
    self.counts = counts
  }

  /// Weight of rows of true class `truth` decided as `decided`.
  public subscript(truth: Int, decided: Int) -> Double { counts[truth * classes.count + decided] }
  /// Weight of all rows.
  public var total: Double { counts.reduce(0, +) }
  /// Weight of rows decided rightly.
  public var correct: Double { classes.indices.reduce(0) { $0 + self[$1, $1] } }
  /// Weight of rows of true class `k`.
  public func trueCount(_ k: Int) -> Double { classes.indices.reduce(0) { $0 + self[k, $1] } }
  /// Weight of rows decided as `k`.
  public func decidedCount(_ k: Int) -> Double { classes.indices.reduce(0) { $0 + self[$1, k] } }

  /// Share of rows decided as `k` that are `k`; `nil` when none was.
  public func precision(_ k: Int) -> Double? {
    let decided = decidedCount(k)
    return decided > 0 ? self[k, k] / decided : nil
  }

  /// Share of rows of class `k` decided as `k`; `nil` when there are none.
  public func recall(_ k: Int) -> Double? {
    let count = trueCount(k)
    return count > 0 ? self[k, k] / count : nil
  }

  /// Harmonic mean of precision and recall of `k`; `nil` when `k` neither occurs nor is decided.
  public func f1(_ k: Int) -> Double? {
    let denominator = trueCount(k) + decidedCount(k)
    return denominator > 0 ? 2 * self[k, k] / denominator : nil
  }

  /// Mean of `value` over the classes that occur or are decided, an undefined value counting as 0.
  func macro(_ value: (Int) -> Double?) -> Double? {
    let present = classes.indices.filter { trueCount($0) > 0 || decidedCount($0) > 0 }
    guard !present.isEmpty else { return nil }
    return present.reduce(0) { $0 + (value($1) ?? 0) } / Double(present.count)
  }

  /// Mean of `value` over classes by their true weight, an undefined value counting as 0.
  func supported(_ value: (Int) -> Double?) -> Double? {
    let all = total
    guard all > 0 else { return nil }
    return classes.indices.reduce(0) { $0 + trueCount($1) * (value($1) ?? 0) } / all
  }
}
