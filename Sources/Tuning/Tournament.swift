public import Basics
import Evaluation
public import Modeling

/// How one candidate did.
public struct CandidateResult: Sendable, Hashable {
  /// The candidate.
  public var candidate: Candidate
  /// Metric on each fold it was tried on, in fold order; `nil` where undefined.
  public var folds: [Double?]
  /// Folds after which it was dropped as hopeless; `nil` when it stayed.
  public var droppedAfter: Int?
  /// Why it could not be fitted; `nil` when it could.
  public var failure: String?

  /// Makes a result.
  public init(candidate: Candidate, folds: [Double?] = [], droppedAfter: Int? = nil, failure: String? = nil) {
    self.candidate = candidate
    self.folds = folds
    self.droppedAfter = droppedAfter
    self.failure = failure
  }

  /// Mean over the folds where the metric is defined; `nil` when there is none.
  public var mean: Double? {
    let known = folds.compactMap { $0 }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// Standard error of `mean`; `nil` for fewer than two folds.
  public var standardError: Double? {
    let known = folds.compactMap { $0 }
    guard known.count > 1, let mean else { return nil }
    let spread = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count - 1)
    return (spread / Double(known.count)).squareRoot()
  }

  /// Whether it was tried to the end and can be chosen.
  public var isEligible: Bool { failure == nil && droppedAfter == nil && mean != nil }

  /// `{"mean", "standard_error", "folds", "dropped_after", "failure"}`.
  public var json: JSONValue {
    [
      "mean": .finite(mean), "standard_error": .finite(standardError), "folds": .array(folds.map { .finite($0) }),
      "dropped_after": droppedAfter.map { .integer(Int64($0)) } ?? .null,
      "failure": failure.map(JSONValue.string) ?? .null,
    ]
  }
}

/// Tries candidates fold by fold and drops the hopeless early, so that the time goes to those that may win.
///
/// Every candidate is tried on the first fold; then those clearly behind leave, more after the second, as in successive
/// halving. Which leave depends on scores alone, never on time, so the same seed ends the same way.
///
/// - Source: Jamieson and Talwalkar, *Non-stochastic best arm identification*, AISTATS 2016.
public enum Tournament {
  /// Runs it.
  ///
  /// - Parameters:
  ///   - protected: places in `candidates` that are never dropped (the baseline).
  ///   - shouldStop: asked before every fit once two candidates have been tried; a budget in seconds ends the tournament
  ///     here, with what has been tried by then.
  ///   - evaluate: the metric of candidate `index` on fold `fold`. An error other than `.cancelled` takes the candidate out.
  /// - Returns: one result a candidate, in the same order.
  /// - Throws: `.cancelled`; the first candidate's error when none could be fitted.
  public static func run(
    _ candidates: [Candidate], foldCount: Int, metric: any Metric, protected: Set<Int> = [],
    shouldStop: () -> Bool = { false }, evaluate: (_ index: Int, _ fold: Int) throws -> Double?
  ) throws -> [CandidateResult] {
    var results = candidates.map { CandidateResult(candidate: $0) }
    var firstError: (any Error)?
    var fits = 0
    var isOver = false
    for fold in 0..<foldCount where !isOver {
      for index in candidates.indices where results[index].failure == nil && results[index].droppedAfter == nil {
        if fold > 0, results[index].folds.count < fold { continue }
        if fits >= 2, shouldStop() {
          isOver = true
          break
        }
        fits += 1
        do {
          results[index].folds.append(try evaluate(index, fold))
        } catch let error as MLError where error.code == .cancelled {
          throw error
        } catch {
          firstError = firstError ?? error
          results[index].failure = (error as? MLError)?.message ?? "\(error)"
        }
      }
      if !isOver, fold + 1 < foldCount { drop(&results, after: fold + 1, metric, protected) }
    }
    if let firstError, !candidates.isEmpty, results.allSatisfy({ $0.failure != nil }) { throw firstError }
    return results
  }

  /// Gap to the best, as a share of the best's gain over the worst, beyond which a candidate is hopeless, and within which
  /// it is as good as the best and stays whatever its rank.
  static let hopelessGap = 0.25
  static let closeGap = 0.01

  /// Marks who leaves after `folds` folds: after one fold the lower half, after two all but a quarter, unless close to the
  /// best; and at any time the hopeless. At least two stay.
  static func drop(_ results: inout [CandidateResult], after folds: Int, _ metric: any Metric, _ protected: Set<Int>) {
    let open = results.indices.filter { results[$0].isEligible && !protected.contains($0) }
    let means = results.map(\.mean)
    let order = open.sorted { a, b in
      guard let first = means[a], let second = means[b], first != second else { return a < b }
      return metric.improvement(first, over: second) > 0
    }
    guard order.count > 2, let leader = order.first, let best = means[leader] else { return }
    let everyone = results.indices.filter { results[$0].isEligible }.compactMap { means[$0] }
    let gain = everyone.map { metric.improvement(best, over: $0) }.max() ?? 0
    let share = folds == 1 ? 2 : folds == 2 ? 4 : 1
    let entrants = results.indices.filter { results[$0].failure == nil && !protected.contains($0) }.count
    let kept = folds > 2 ? order.count : max(2, (entrants + share - 1) / share)
    for (rank, index) in order.enumerated() where rank >= 2 {
      let gap = means[index].map { metric.improvement(best, over: $0) } ?? .infinity
      let isHopeless = gap > hopelessGap * gain
      if gap > closeGap * gain, rank >= kept || isHopeless { results[index].droppedAfter = folds }
    }
  }
}
