import Basics
public import Frames

/// What a supervised learner learns to predict, one value a row, none missing.
public enum Target: Sendable, Hashable {
  /// Class codes into `names`. For two classes, code 1 is the positive class.
  case classes(codes: [Int32], names: [String])
  /// Numbers.
  case values([Double])

  /// Rows.
  public var count: Int {
    switch self {
    case .classes(let codes, _): codes.count
    case .values(let values): values.count
    }
  }

  /// Class names; empty for numbers.
  public var classNames: [String] { if case .classes(_, let names) = self { names } else { [] } }

  /// The chosen rows, in that order; class names stay.
  public func gathered(_ rows: [Int]) -> Target {
    switch self {
    case .classes(let codes, let names): .classes(codes: rows.map { codes[$0] }, names: names)
    case .values(let values): .values(rows.map { values[$0] })
    }
  }

  /// Codes as numbers, or the numbers.
  public var doubles: [Double] {
    switch self {
    case .classes(let codes, _): codes.map(Double.init)
    case .values(let values): values
    }
  }
}

/// Rows to learn from.
public struct TrainingData: Sendable {
  /// Features.
  public var frame: Frame
  /// Truth, one value a row; `.absent` for learners that need none.
  public var target: Target
  /// Row weights, finite and not negative; `nil` = 1 each.
  public var weights: [Double]?
  /// Rows that only decide when to stop.
  public var validation: Validation?

  /// Rows that only decide when to stop.
  public struct Validation: Sendable {
    /// Features.
    public var frame: Frame
    /// Truth.
    public var target: Target
    /// Row weights, finite and not negative; `nil` = 1 each.
    public var weights: [Double]?
    /// Pairs features with truth.
    public init(frame: Frame, target: Target, weights: [Double]? = nil) {
      self.frame = frame
      self.target = target
      self.weights = weights
    }
  }

  /// - Throws: `.shapeMismatch` when counts differ, `.invalidData` for a bad weight or a target that is not finite.
  public init(frame: Frame, target: Target, weights: [Double]? = nil, validation: Validation? = nil) throws {
    guard target.count == frame.rowCount else {
      throw MLError(.shapeMismatch, "training data: target must have \(frame.rowCount) rows; got \(target.count).")
    }
    if let weights {
      guard weights.count == frame.rowCount else {
        throw MLError(.shapeMismatch, "training data: weights must have \(frame.rowCount) rows; got \(weights.count).")
      }
      guard weights.allSatisfy({ $0.isFinite && $0 >= 0 }), weights.contains(where: { $0 > 0 }) else {
        throw MLError(.invalidData, "training data: weights must be finite, not negative and not all zero.")
      }
    }
    if case .values(let values) = target, let row = values.firstIndex(where: { !$0.isFinite }) {
      throw MLError(
        .invalidData, "training data: target must be finite; row \(row + 1) is not.",
        hint: "Remove or correct that row.")
    }
    self.frame = frame
    self.target = target
    self.weights = weights
    self.validation = validation
  }

  /// The same rows with weights that make every class count alike: `rows / (classes present · rows of the class)` times
  /// the weight that was there; numbers stay as they are.
  ///
  /// - Source: King and Zeng, *Logistic regression in rare events data*, Political Analysis 9(2), 2001.
  public func balancingClasses() throws -> TrainingData {
    guard case .classes(let codes, let names) = target, !names.isEmpty else { return self }
    let given = weights ?? [Double](repeating: 1, count: codes.count)
    var sums = [Double](repeating: 0, count: names.count)
    for (row, code) in codes.enumerated() { sums[Int(code)] += given[row] }
    let total = sums.reduce(0, +)
    let present = Double(sums.count { $0 > 0 })
    let balanced = codes.indices.map { given[$0] * total / (present * sums[Int(codes[$0])]) }
    return try TrainingData(
      frame: frame, target: target, weights: balanced.map { $0.isFinite ? $0 : 0 }, validation: validation)
  }

  /// The chosen rows; validation rows stay.
  public func gathered(_ rows: [Int]) throws -> TrainingData {
    try TrainingData(
      frame: frame.gathered(rows), target: target.gathered(rows), weights: weights.map { w in rows.map { w[$0] } },
      validation: validation)
  }
}

/// How much the rows of a class count in a fit.
public enum ClassWeight: String, Sendable, Hashable, Codable, CaseIterable {
  /// As they are.
  case none
  /// Every class alike, see `TrainingData.balancingClasses`.
  case balanced
}
