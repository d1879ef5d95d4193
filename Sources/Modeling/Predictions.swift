import Basics

/// What a model says of each row.
public struct Predictions: Sendable, Hashable {
  /// The numbers.
  public enum Storage: Sendable, Hashable {
    /// One number a row (regression; anomaly scores, higher = stranger).
    case values([Double])
    /// Row-major `[rowCount, classes.count]`, each row sums to 1.
    case probabilities([Double], classes: [String])
  }

  /// The numbers.
  public var storage: Storage
  /// Decided class codes where a threshold other than the largest probability applies; `nil` = largest probability.
  public var decisions: [Int32]?

  /// Makes predictions.
  public init(_ storage: Storage, decisions: [Int32]? = nil) {
    self.storage = storage
    self.decisions = decisions
  }

  /// Rows.
  public var rowCount: Int {
    switch storage {
    case .values(let values): values.count
    case .probabilities(let values, let classes): classes.isEmpty ? 0 : values.count / classes.count
    }
  }

  /// Class names; empty for numbers.
  public var classes: [String] { if case .probabilities(_, let classes) = storage { classes } else { [] } }

  /// One number a row; `nil` for class probabilities.
  public var values: [Double]? { if case .values(let values) = storage { values } else { nil } }

  /// Probability of class `k` for every row; `nil` for numbers.
  public func probabilities(ofClass k: Int) -> [Double]? {
    guard case .probabilities(let values, let classes) = storage, classes.indices.contains(k) else { return nil }
    return stride(from: k, to: values.count, by: classes.count).map { values[$0] }
  }

  /// Decided class of every row: `decisions`, else the largest probability, ties to the lowest code; empty for numbers.
  public var classCodes: [Int32] {
    if let decisions { return decisions }
    guard case .probabilities(let values, let classes) = storage else { return [] }
    let width = classes.count
    return (0..<rowCount).map { row in
      var best = 0
      for k in 1..<max(1, width) where values[row * width + k] > values[row * width + best] { best = k }
      return Int32(best)
    }
  }

  /// The chosen rows, in that order.
  public func gathered(_ rows: [Int]) -> Predictions {
    let chosen = decisions.map { codes in rows.map { codes[$0] } }
    switch storage {
    case .values(let values): return Predictions(.values(rows.map { values[$0] }), decisions: chosen)
    case .probabilities(let values, let classes):
      let width = classes.count
      let kept = rows.flatMap { values[($0 * width)..<(($0 + 1) * width)] }
      return Predictions(.probabilities(kept, classes: classes), decisions: chosen)
    }
  }

  /// Parts put together in order.
  ///
  /// - Throws: `.shapeMismatch` when they do not speak of the same classes.
  public static func joined(_ parts: [Predictions]) throws -> Predictions {
    guard let first = parts.first else { return Predictions(.values([])) }
    guard parts.allSatisfy({ $0.classes == first.classes && ($0.values == nil) == (first.values == nil) }) else {
      throw MLError(.shapeMismatch, "predictions: parts must have the same classes.")
    }
    let decisions = parts.contains { $0.decisions == nil } ? nil : parts.flatMap { $0.decisions ?? [] }
    if first.values != nil { return Predictions(.values(parts.flatMap { $0.values ?? [] }), decisions: decisions) }
    let all = parts.flatMap { part -> [Double] in
      if case .probabilities(let values, _) = part.storage { values } else { [] }
    }
    return Predictions(.probabilities(all, classes: first.classes), decisions: decisions)
  }
}
