import Basics
public import Modeling

/// Intervals around predicted numbers that hold the truth as often as asked for, whatever the model, as long as future
/// rows come from where the calibration rows came from.
///
/// - Source: Lei et al., *Distribution-free predictive inference for regression*, JASA 113, 2018; Romano, Patterson and
///   Candès, *Conformalized quantile regression*, NeurIPS 2019.
public struct ConformalRegressor: Sendable, Hashable, Codable {
  /// What is measured on the calibration rows.
  public enum Score: String, Sendable, Hashable, Codable, CaseIterable {
    /// Distance of truth and prediction: every interval is as wide as every other.
    case absolute
    /// That distance over a row's expected difficulty: intervals are as wide as the row is hard.
    case normalised
    /// How far the truth lies outside two predicted quantiles.
    case quantile
  }

  /// What was measured.
  public let score: Score
  /// Share of truths the intervals should hold.
  public let coverage: Double
  /// How far intervals reach, in units of the score.
  public let reach: Double
  /// Rows it was calibrated on.
  public let rowCount: Int

  enum CodingKeys: String, CodingKey {
    case score, coverage, reach
    case rowCount = "row_count"
  }

  /// Intervals of some rows.
  public struct Intervals: Sendable, Hashable {
    /// Lower ends.
    public var low: [Double]
    /// Upper ends.
    public var high: [Double]
  }

  /// Calibrates on rows the model was not fitted on.
  ///
  /// - Parameters:
  ///   - difficulty: expected distance of each row, above 0; makes intervals `normalised`.
  ///   - weights: how much each row counts.
  /// - Throws: `.invalidParameter` for a coverage outside 0…1; `.invalidData` for too few rows, or a difficulty that is
  ///   not above 0; `.shapeMismatch`.
  public static func fit(
    _ predictions: Predictions, _ target: Target, coverage: Double = 0.9, difficulty: [Double]? = nil,
    weights: [Double]? = nil
  ) throws -> ConformalRegressor {
    let rows = try NumberRows(predictions, target, owner: "conformal")
    let weights = try weights.map { try RowWeights.checked($0, rowCount: rows.truth.count, owner: "conformal") }
    if let difficulty { try check(difficulty, rowCount: rows.truth.count) }
    let scores = rows.truth.indices.map { abs(rows.truth[$0] - rows.predicted[$0]) / (difficulty?[$0] ?? 1) }
    return ConformalRegressor(
      score: difficulty == nil ? .absolute : .normalised, coverage: coverage,
      reach: try Conformal.quantile(scores, coverage, weights: weights),
      rowCount: weights?.count { $0 > 0 } ?? scores.count)
  }

  /// Calibrates two predicted quantiles, such as the 5th and 95th percentile for 90 %.
  ///
  /// - Throws: as the other `fit`.
  public static func fit(
    low: [Double], high: [Double], _ target: Target, coverage: Double = 0.9
  ) throws -> ConformalRegressor {
    let below = try NumberRows(Predictions(.values(low)), target, owner: "conformal")
    let above = try NumberRows(Predictions(.values(high)), target, owner: "conformal")
    let scores = below.truth.indices.map {
      max(below.predicted[$0] - below.truth[$0], below.truth[$0] - above.predicted[$0])
    }
    return ConformalRegressor(
      score: .quantile, coverage: coverage, reach: try Conformal.quantile(scores, coverage), rowCount: scores.count)
  }

  /// Intervals around predicted numbers.
  ///
  /// - Throws: `.invalidData` for a `quantile` calibration, for classes, or a lacking or bad difficulty;
  ///   `.shapeMismatch`.
  public func intervals(_ predictions: Predictions, difficulty: [Double]? = nil) throws -> Intervals {
    guard let values = predictions.values, score != .quantile, (difficulty != nil) == (score == .normalised) else {
      throw MLError(
        .invalidData, "conformal: a '\(score.rawValue)' calibration cannot be applied to these predictions.",
        hint: "Give numbers, and a difficulty exactly where one was given before.")
    }
    if let difficulty { try Self.check(difficulty, rowCount: values.count) }
    let reaches = values.indices.map { reach * (difficulty?[$0] ?? 1) }
    return Intervals(low: zip(values, reaches).map { $0 - $1 }, high: zip(values, reaches).map { $0 + $1 })
  }

  /// Intervals from two predicted quantiles, widened or narrowed; crossed ends meet half way.
  ///
  /// - Throws: `.invalidData` for another calibration; `.shapeMismatch`.
  public func intervals(low: [Double], high: [Double]) throws -> Intervals {
    guard score == .quantile else {
      throw MLError(.invalidData, "conformal: a '\(score.rawValue)' calibration needs predicted numbers.")
    }
    guard low.count == high.count else {
      throw MLError(.shapeMismatch, "conformal: both ends must have the same rows; got \(low.count), \(high.count).")
    }
    let ends = zip(low, high).map { low, high -> (Double, Double) in
      let (a, b) = (low - reach, high + reach)
      return a <= b ? (a, b) : ((a + b) / 2, (a + b) / 2)
    }
    return Intervals(low: ends.map { $0.0 }, high: ends.map { $0.1 })
  }

  private static func check(_ difficulty: [Double], rowCount: Int) throws {
    guard difficulty.count == rowCount else {
      throw MLError(.shapeMismatch, "conformal: difficulty must have \(rowCount) rows; got \(difficulty.count).")
    }
    guard difficulty.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw MLError(.invalidData, "conformal: difficulty must be finite and above 0.")
    }
  }
}

/// What conformal methods share.
enum Conformal {
  /// The `⌈(n + 1)·coverage⌉`-th smallest score; with weights, the smallest that has that share of them, where a future
  /// row has their mean and rows of weight 0 are left out.
  ///
  /// - Throws: `.invalidParameter` for a coverage outside 0…1, `.invalidData` when there are too few scores for it.
  /// - Source: Tibshirani et al., *Conformal prediction under covariate shift*, NeurIPS 2019.
  static func quantile(_ scores: [Double], _ coverage: Double, weights: [Double]? = nil) throws -> Double {
    guard coverage > 0, coverage < 1 else {
      throw MLError(
        .invalidParameter, "conformal: 'coverage' must be above 0 and below 1; got \(coverage).", hint: "Try 0.9.",
        field: "coverage")
    }
    let ranked = RankedScores(scores, weights: weights)
    guard let score = ranked.score(coverage: coverage) else { throw tooFew(ranked.count, coverage) }
    return score
  }

  static func tooFew(_ count: Int, _ coverage: Double) -> MLError {
    let needed = Int((coverage / (1 - coverage) - 1e-9).rounded(.up))
    return MLError(
      .invalidData, "conformal: a coverage of \(coverage) needs \(needed) rows; got \(count).",
      hint: "Give more rows or ask for less coverage.")
  }
}

/// Scores by size, each with the rows up to it.
struct RankedScores: Sendable {
  private let scores: [Double]
  /// Weight up to and with each score, in mean weights; `nil`: its place.
  private let ranks: [Double]?

  init(_ all: [Double], weights: [Double]?) {
    guard let weights else {
      scores = all.sorted()
      ranks = nil
      return
    }
    let places = all.indices.filter { weights[$0] > 0 }.sorted { (all[$0], $0) < (all[$1], $1) }
    let mean = places.reduce(0) { $0 + weights[$1] } / Double(max(1, places.count))
    scores = places.map { all[$0] }
    var sum = 0.0
    ranks = places.map { place in
      sum += weights[place] / mean
      return sum
    }
  }

  /// Rows that count.
  var count: Int { scores.count }

  /// `nil` when there are too few rows.
  func score(coverage: Double) -> Double? {
    // A hair less, so that 0.9 of 10 is the 9th and not, by rounding, the 10th.
    let wanted = Double(scores.count + 1) * coverage - 1e-9
    guard wanted.rounded(.up) <= Double(scores.count) else { return nil }
    guard let ranks else { return scores[max(0, Int(wanted.rounded(.up)) - 1)] }
    var (low, high) = (0, scores.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ranks[middle] >= wanted { high = middle } else { low = middle + 1 }
    }
    return scores[low]
  }
}
