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
/// Every candidate is tried on the first folds (`Options.openingCount`); then those clearly behind leave, more after
/// one fold more, as in successive halving. Which leave depends on scores alone, never on time, so the same seed ends
/// the same way.
///
/// - Source: Jamieson and Talwalkar, *Non-stochastic best arm identification*, AISTATS 2016.
public enum Tournament {
  /// A fit that is wanted: a candidate on a fold.
  public struct Trial: Sendable, Hashable {
    /// Place of the candidate.
    public var index: Int
    /// Fold.
    public var fold: Int
  }

  /// Runs it one fit at a time; see `run(_:foldCount:metric:options:evaluate:)`.
  ///
  /// - Throws: `.cancelled`; the first candidate's error when none could be fitted.
  public static func run(
    _ candidates: [Candidate], foldCount: Int, metric: any Metric, protected: Set<Int> = [],
    shouldStop: @escaping () -> Bool = { false }, evaluate: (_ index: Int, _ fold: Int) throws -> Double?
  ) throws -> [CandidateResult] {
    var options = Options(protected: protected, batchCount: 1)
    options.shouldStop = shouldStop
    return try run(candidates, foldCount: foldCount, metric: metric, options: options) { trials, _ in
      trials.map { trial in Result { try evaluate(trial.index, trial.fold) } }
    }
  }

  /// How a tournament is run.
  public struct Options {
    /// Places in `candidates` that are never dropped (the baseline).
    public var protected: Set<Int>
    /// Fits handed out together; nothing but time depends on it.
    public var batchCount: Int
    /// Whether the best candidate of every algorithm stays unless it is hopeless: a mixture gains from members of
    /// different kinds even where they are a little worse.
    public var keepsBestOfEach = false
    /// Folds that everyone plays before anyone is dropped: where folds hold out few rows, one alone is a matter of
    /// luck.
    public var openingCount = 1
    /// Asked before every batch once two candidates have been tried; a budget in seconds ends the tournament here,
    /// with what has been tried by then.
    public var shouldStop: () -> Bool = { false }
    /// Fits after which the tournament ends, to repeat one that time ended; `nil`: no limit.
    public var fitLimit: Int?
    /// Further candidates after the first fold, given what has been tried; empty ends the search for more.
    public var proposals: ([CandidateResult]) -> [Candidate] = { _ in [] }

    /// Options without proposals.
    public init(protected: Set<Int> = [], batchCount: Int = 1) {
      self.protected = protected
      self.batchCount = batchCount
    }
  }

  /// Runs it: everyone on the opening folds, then proposals on them until there are no more, then those who stay, fold
  /// by fold.
  ///
  /// - Parameter evaluate: the metric of each trial, given the candidates so far. An error other than `.cancelled`
  ///   takes the candidate out.
  /// - Returns: one result a candidate, proposals last.
  /// - Throws: `.cancelled`; the first candidate's error when none could be fitted.
  public static func run(
    _ candidates: [Candidate], foldCount: Int, metric: any Metric, options: Options,
    evaluate: (_ trials: [Trial], _ candidates: [Candidate]) throws -> [Result<Double?, any Error>]
  ) throws -> [CandidateResult] {
    var round = Round(results: candidates.map { CandidateResult(candidate: $0) }, options: options)
    let opening = max(1, min(options.openingCount, foldCount))
    try round.open(candidates.indices, opening, evaluate)
    while !round.isOver {
      let further = options.proposals(round.results)
      if further.isEmpty { break }
      let first = round.results.count
      round.results += further.map { CandidateResult(candidate: $0) }
      try round.open(first..<round.results.count, opening, evaluate)
    }
    for fold in opening..<max(opening, foldCount) where !round.isOver {
      drop(
        &round.results, stage: fold - opening + 1, metric, options.protected, keepsBestOfEach: options.keepsBestOfEach)
      let open = round.results.indices.filter { index in
        let result = round.results[index]
        return result.failure == nil && result.droppedAfter == nil && result.folds.count == fold
      }
      try round.play(open.map { Trial(index: $0, fold: fold) }, evaluate)
    }
    if let error = round.firstError, !round.results.isEmpty, round.results.allSatisfy({ $0.failure != nil }) {
      throw error
    }
    return round.results
  }

  private struct Round {
    var results: [CandidateResult]
    let options: Options
    var firstError: (any Error)?
    var isOver = false
    private var fits = 0

    init(results: [CandidateResult], options: Options) {
      self.results = results
      self.options = options
    }

    /// The first folds of the candidates at `places`, fold by fold.
    mutating func open(
      _ places: Range<Int>, _ folds: Int, _ evaluate: ([Trial], [Candidate]) throws -> [Result<Double?, any Error>]
    ) throws {
      for fold in 0..<folds {
        let open = places.filter { results[$0].failure == nil && results[$0].folds.count == fold }
        try play(open.map { Trial(index: $0, fold: fold) }, evaluate)
      }
    }

    mutating func play(
      _ trials: [Trial], _ evaluate: ([Trial], [Candidate]) throws -> [Result<Double?, any Error>]
    ) throws {
      var next = 0
      while next < trials.count, !isOver {
        let open = (options.fitLimit ?? .max) - fits
        if open <= 0 || fits >= 2 && options.shouldStop() {
          isOver = true
          return
        }
        let batch = Array(trials[next..<min(trials.count, next + min(open, max(1, options.batchCount)))])
        next += batch.count
        fits += batch.count
        for (trial, outcome) in zip(batch, try evaluate(batch, results.map(\.candidate))) {
          try note(trial, outcome)
        }
      }
    }

    private mutating func note(_ trial: Trial, _ outcome: Result<Double?, any Error>) throws {
      switch outcome {
      case .success(let value): results[trial.index].folds.append(value)
      case .failure(let error as MLError) where error.code == .cancelled: throw error
      case .failure(let error):
        firstError = firstError ?? error
        results[trial.index].failure = (error as? MLError)?.message ?? "\(error)"
      }
    }
  }

  /// Gap to the best, as a share of the best's gain over the worst, beyond which a candidate is hopeless, and within
  /// which it is as good as the best and stays whatever its rank.
  static let hopelessGap = 0.25
  static let closeGap = 0.01

  /// Marks who leaves: at stage 1, after the opening folds, the lower half, at stage 2, a fold later, all but a
  /// quarter, unless close to the best; and at any time the hopeless. At least two stay.
  static func drop(
    _ results: inout [CandidateResult], stage: Int, _ metric: any Metric, _ protected: Set<Int>,
    keepsBestOfEach: Bool = false
  ) {
    let open = results.indices.filter { results[$0].isEligible && !protected.contains($0) }
    let means = results.map(\.mean)
    let order = open.sorted { a, b in
      guard let first = means[a], let second = means[b], first != second else { return a < b }
      return metric.improvement(first, over: second) > 0
    }
    guard order.count > 2, let leader = order.first, let best = means[leader] else { return }
    let everyone = results.indices.filter { results[$0].isEligible }.compactMap { means[$0] }
    let gain = everyone.map { metric.improvement(best, over: $0) }.max() ?? 0
    let share = stage == 1 ? 2 : stage == 2 ? 4 : 1
    let entrants = results.indices.filter { results[$0].failure == nil && !protected.contains($0) }.count
    let kept = stage > 2 ? order.count : max(2, (entrants + share - 1) / share)
    var seen: Set<String> = []
    for (rank, index) in order.enumerated() {
      let isFirstOfKind = seen.insert(results[index].candidate.algorithm).inserted
      let gap = means[index].map { metric.improvement(best, over: $0) } ?? .infinity
      let isHopeless = gap > hopelessGap * gain
      if rank < 2 || keepsBestOfEach && isFirstOfKind && !isHopeless { continue }
      if gap > closeGap * gain, rank >= kept || isHopeless {
        results[index].droppedAfter = results[index].folds.count
      }
    }
  }
}
