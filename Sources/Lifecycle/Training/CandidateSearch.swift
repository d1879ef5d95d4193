import Basics
import Evaluation
import Frames
import Modeling
import Tuning

/// Tries candidates within the budget and chooses one.
struct CandidateSearch: Sendable {
  let table: TrainingTable
  let metric: any Metric
  let preparation: Preparation
  let training: TrainingPlan
  let store: TrialStore
  var terms = TrainingTerms()
  let context: LifecycleContext
  /// Folds that are there already; `nil`: made as the table's split asks.
  var givenFolds: FoldRounds?
  /// Whether candidates beyond the portfolio's list are proposed.
  var isProposing = true

  /// What the search found.
  struct Result: Sendable {
    var judged: [JudgedCandidate]
    var chosen: Int
    /// Why this one, in plain words.
    var sentence: String
    /// Final predictions for every training row by folds that had not seen it.
    var outOfFold: Predictions
    /// Training rows that `outOfFold` is of; `nil`: all. By time the earliest are never held out.
    var heldOut: [Int]?
    /// Folds it was judged on.
    var folds: FoldRounds
    /// How much the rows of a class counted in fits.
    var classWeight: ClassWeight
    /// What is fitted on all training rows, with its share in the prediction; the chosen candidate alone, or a mixture.
    var members: [(index: Int, weight: Double)]
    /// All training rows, which folds count by their places.
    var rows: TrainingTable.Part
    /// How far the search came.
    var extent: SearchExtent
    /// Algorithms that could not promise what was asked, and were not tried.
    var excluded: [String] = []
    var winner: JudgedCandidate { judged[chosen] }
  }

  /// - Throws: the first failure when no candidate could be fitted; `.cancelled`.
  func run() throws -> Result {
    let candidates = try self.candidates()
    let folds =
      try givenFolds
      ?? FoldRounds(table.training, folds: training.folds, seed: context.seed, split: table.split)
    let foldCount = min(folds.count, playedCount)
    let judge = CandidateJudge(
      part: table.training, folds: folds, metric: metric, fit: fit, store: store, context: context)
    let planned: Int? = if case .seconds = training.budget { nil } else { max(candidates.count, trialCount + 1) }
    try store.begin(
      SearchAbout(
        run: store.run, model: store.model, metric: metric, foldCount: foldCount, plannedCount: planned,
        startedAt: context.clock.now()))
    var board = Leaderboard(
      metric: type(of: metric).card.name, higherIsBetter: type(of: metric).higherIsBetter, foldCount: foldCount,
      plannedCount: planned)
    var judged = candidates.map { JudgedCandidate(result: CandidateResult(candidate: $0)) }
    var pace = Pace(planned: trialCount + 1, foldCount: foldCount)
    var lastBatch = 0.0
    var options = tournamentOptions(opening: openingCount(folds, of: foldCount), started: pace.started)
    var refit = 0.0
    options.shouldStop = { [pace] in isOver(pace.started, ahead: lastBatch + refit) }
    let results = try Tournament.run(candidates, foldCount: foldCount, metric: metric, options: options) {
      trials, known in
      while judged.count < known.count {
        judged.append(JudgedCandidate(result: CandidateResult(candidate: known[judged.count])))
      }
      if let first = trials.first {
        context.observe(.progress(pace.share, Self.describe(known[first.index])))
      }
      let began = Machine.monotonicSeconds
      let outcomes = try judge.outcomes(trials, known)
      lastBatch = Machine.monotonicSeconds - began
      pace.fits += trials.count
      for (trial, outcome) in zip(trials, outcomes) {
        if case .success(var outcome) = outcome {
          if let known = training.extent?.rowMicroseconds, trial.index < known.count {
            outcome.rowMicroseconds = known[trial.index]
          }
          judged[trial.index].add(outcome)
          refit = max(refit, Self.refitGrowth * outcome.fitSeconds)
          board.add(Leaderboard.Trial(known[trial.index], fold: trial.fold, outcome))
          if trial.fold == 0 { announce(known[trial.index], outcome) }
        }
      }
      context.observe(.leaderboard(board))
      return zip(trials, outcomes).map { trial, outcome in
        outcome.flatMap { admitted($0, known[trial.index], judged[trial.index], isBaseline: trial.index == 0) }
      }
    }
    for (index, result) in results.enumerated() {
      // Proposed when the time was up: never tried.
      if index == judged.count { judged.append(JudgedCandidate(result: result)) }
      judged[index].result = result
    }
    var extent = SearchExtent(candidateCount: results.count, fitCount: pace.fits)
    if terms.isTimed {
      extent.rowMicroseconds = judged.map(\.rowMicroseconds)
      extent.excluded = training.extent?.excluded ?? []
    }
    return try decided(judged, folds, extent)
  }

  /// Folds that are played at most: one where it holds out rows enough, or where a fit is long.
  private var playedCount: Int {
    cellCount >= Self.longCellCount ? 1 : Folds.suggested(rowCount: table.training.rowCount).played
  }

  /// Cells from which one fold must do.
  private static let longCellCount = 20_000_000

  private func tournamentOptions(opening: Int, started: Double) -> Tournament.Options {
    var options = Tournament.Options(protected: [0], batchCount: isSmall ? 2 * max(1, context.workers.count) : 1)
    options.fitLimit = training.extent?.fitCount
    options.keepsBestOfEach = isSmall
    options.openingCount = opening
    if isProposing {
      options.proposals = { results in proposals(after: results, opening: opening, started: started) }
    }
    return options
  }

  /// Fits a candidate to some of the rows.
  var fit: CandidateFitting {
    CandidateFitting(
      task: table.reading.task, preparation: preparation, classWeight: training.classWeight, terms: terms,
      context: context)
  }

  /// How far the search is.
  private struct Pace: Sendable {
    let planned: Int
    let foldCount: Int
    let started = Machine.monotonicSeconds
    var fits = 0

    /// Half of the fits, in the long run, are saved by dropping candidates early.
    var share: Double { min(0.99, Double(fits) / (0.5 * Double(planned * foldCount))) }
  }

  private func announce(_ candidate: Candidate, _ outcome: TrialOutcome) {
    context.observe(
      .candidate(
        algorithm: candidate.algorithm, settings: Self.settings(candidate), metric: type(of: metric).card.name,
        value: outcome.value, seconds: outcome.fitSeconds))
  }

  private var isSmall: Bool { table.training.isSmall }
  private var cellCount: Int { table.training.cellCount }

  /// Held-out rows that tell candidates apart a little.
  private static let tellingRowCount = 1000
  /// Cells, times classes, up to which all candidates play more folds than one.
  private static let openingCellCount = 250_000

  /// Folds that all candidates play: where rows are few, as many as hold out `tellingRowCount` together, one round at
  /// most.
  private func openingCount(_ folds: FoldRounds, of count: Int) -> Int {
    guard cellCount * classFactor <= Self.openingCellCount else { return 1 }
    let heldOut = max(1, table.training.rowCount / max(1, folds.firstRoundCount))
    return max(1, min(count, folds.firstRoundCount, (Self.tellingRowCount + heldOut - 1) / heldOut))
  }

  /// Scores that a model of several classes has.
  private var classFactor: Int { table.reading.classNames.count > 2 ? table.reading.classNames.count : 1 }

  /// Seconds in which a search that nobody gave a budget, and the fit of what it chose, shall be over as far as can be
  /// foreseen.
  static let autoSeconds = 60.0
  /// How much longer all training rows take than those outside a fold.
  private static let refitGrowth = 1.25

  /// - Parameter ahead: seconds that the next fits and the last one are expected to take.
  private func isOver(_ started: Double, ahead: Double) -> Bool {
    guard training.extent == nil else { return false }
    switch training.budget {
    case .trials: return false
    case .auto: return Machine.monotonicSeconds - started + ahead > Self.autoSeconds
    case .seconds(let limit): return Machine.monotonicSeconds - started > limit
    }
  }

  /// Proposals made together; they see the same results, so the number belongs to the result.
  static let proposalCount = 4
  /// Share of a budget in seconds for the opening folds of all candidates.
  static let scoutingShare = 0.4

  private func proposals(after results: [CandidateResult], opening: Int, started: Double) -> [Candidate] {
    let source = CandidateProposals(
      request: request, cards: searchedCards, seed: context.seed.derived("proposals"))
    if let extent = training.extent {
      let open = extent.candidateCount - results.count
      // A budget in seconds always asks for the whole number of proposals.
      guard open > 0 else { return [] }
      if case .seconds = training.budget {
        return source.next(Self.proposalCount, after: results, metric: metric, opening: opening)
      }
    }
    switch training.budget {
    case .seconds(let limit):
      guard Machine.monotonicSeconds - started < Self.scoutingShare * limit, results.count < 2000 else { return [] }
      return source.next(Self.proposalCount, after: results, metric: metric, opening: opening)
    case .auto, .trials:
      let open = trialCount + 1 - results.count
      return open > 0
        ? source.next(min(open, Self.proposalCount), after: results, metric: metric, opening: opening) : []
    }
  }

  /// Candidates besides the baseline; more cells, fewer candidates.
  private var trialCount: Int {
    switch training.budget {
    case .trials(let count): return count
    case .auto, .seconds:
      switch cellCount * (classFactor + 1) / 2 {
      case ..<100_000: return 40
      case ..<1_000_000: return 24
      case ..<20_000_000: return 12
      default: return 6
      }
    }
  }

  private var request: PortfolioRequest {
    PortfolioRequest(
      task: table.reading.task, rowCount: table.training.rowCount, columnCount: table.training.features.schema.count,
      classCount: table.reading.classNames.count,
      hasText: table.training.features.schema.fields.contains { $0.kind == .text },
      algorithms: training.algorithms.isEmpty ? nil : ["baseline"] + training.algorithms.filter { $0 != "baseline" },
      settings: training.settings)
  }

  /// Cards of the algorithms that can promise what is asked.
  private var cards: [Card] {
    context.registry.estimators.entries.filter { terms.admits($0, isPlanned: preparation.steps == nil) }
      .map { $0.card }
  }

  private var searchedCards: [Card] {
    cards.filter { training.algorithms.isEmpty || training.algorithms.contains($0.name) }
  }

  /// The portfolio's list, cut to the number of trials; proposals follow while there are trials left.
  private func candidates() throws -> [Candidate] {
    if case .trials(let count) = training.budget, count < 1 {
      throw MLError(.invalidParameter, "train: 'trials' must be at least 1; got \(count).", field: "trials")
    }
    _ = try excludedAlgorithms()
    try training.checkSettings(context.registry)
    let list = try Portfolio.candidates(request, cards: cards, seed: context.seed.derived("portfolio"))
    return Array(list.prefix(trialCount + 1))
  }

  static func settings(_ candidate: Candidate) -> String {
    (candidate.parameters.objectValue ?? []).map { "\($0.0)=\($0.1.compact)" }.joined(separator: " ")
  }

  static func describe(_ candidate: Candidate) -> String {
    let settings = settings(candidate)
    return settings.isEmpty ? candidate.algorithm : "\(candidate.algorithm) \(settings)"
  }
}
