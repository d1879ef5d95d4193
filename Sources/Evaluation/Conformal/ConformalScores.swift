import Basics
public import Modeling

/// What a model keeps of its calibration rows, so that intervals or sets of any coverage can be made later.
///
/// The score that each coverage of a grid needs is kept: every hundredth to 0.9, then every thousandth to 0.999. Other
/// coverages take the next above.
public struct ConformalScores: Sendable, Hashable {
  /// Calibration rows that count.
  public let rowCount: Int
  /// Class names; empty for numbers.
  public let classes: [String]
  /// Score that each coverage of the grid needs, as far as the rows reach.
  public let limits: [Double]

  /// Coverages that have a limit of their own, rising.
  public static let coverages: [Double] =
    (1...90).map { Double($0) / 100 } + (901...999).map { Double($0) / 1000 }

  /// What an archive holds.
  ///
  /// - Throws: `.corruptFile` for limits that fall or are too many.
  public init(rowCount: Int, classes: [String], limits: [Double]) throws {
    guard limits.count <= Self.coverages.count, zip(limits, limits.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw MLError(.corruptFile, "conformal: \(limits.count) limits do not rise.")
    }
    self.rowCount = rowCount
    self.classes = classes
    self.limits = limits
  }

  /// Scores of rows that the model was not fitted on: distances of numbers, `aps` of classes.
  ///
  /// - Parameters:
  ///   - weights: how much each row counts.
  ///   - rowKeys: content keys, from which `aps` draws its coin.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public init(
    _ predictions: Predictions, _ target: Target, weights: [Double]? = nil, rowKeys: [UInt64]? = nil
  ) throws {
    let scores: [Double]
    if predictions.values == nil {
      scores = try ConformalClassifier.scores(predictions, target, method: .aps, rowKeys: rowKeys)
    } else {
      let rows = try NumberRows(predictions, target, owner: "conformal")
      scores = rows.truth.indices.map { abs(rows.truth[$0] - rows.predicted[$0]) }
    }
    let weights = try weights.map { try RowWeights.checked($0, rowCount: scores.count, owner: "conformal") }
    let ranked = RankedScores(scores, weights: weights)
    rowCount = ranked.count
    classes = predictions.classes
    limits = Array(Self.coverages.map { ranked.score(coverage: $0) }.prefix { $0 != nil }.compactMap { $0 })
  }

  /// Intervals of a coverage.
  ///
  /// - Throws: `.invalidParameter` for a coverage outside 0…0.999; `.invalidData` for scores of classes, or of too few
  ///   rows.
  public func regressor(coverage: Double) throws -> ConformalRegressor {
    guard classes.isEmpty else { throw MLError(.invalidData, "conformal: the scores are of classes, not of numbers.") }
    return ConformalRegressor(
      score: .absolute, coverage: coverage, reach: try limit(coverage), rowCount: rowCount)
  }

  /// Sets of a coverage.
  ///
  /// - Throws: `.invalidParameter` for a coverage outside 0…0.999; `.invalidData` for scores of numbers, or of too few
  ///   rows.
  public func classifier(coverage: Double) throws -> ConformalClassifier {
    guard !classes.isEmpty else { throw MLError(.invalidData, "conformal: the scores are of numbers, not of classes.") }
    return ConformalClassifier(method: .aps, coverage: coverage, classes: classes, limits: [try limit(coverage)])
  }

  private func limit(_ coverage: Double) throws -> Double {
    guard coverage > 0, let place = Self.coverages.firstIndex(where: { $0 >= coverage - 1e-12 }) else {
      throw MLError(
        .invalidParameter, "conformal: 'coverage' must be above 0 and at most 0.999; got \(coverage).",
        hint: "Try 0.9.", field: "coverage")
    }
    guard place < limits.count else { throw Conformal.tooFew(rowCount, coverage) }
    return limits[place]
  }
}
