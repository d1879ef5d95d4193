import Basics
import Evaluation
import Frames
import Modeling
import Transforms
import Tuning

/// Fits a candidate of a task: preparation planned from the rows, then the algorithm.
struct TaskFitter: Sendable {
  let candidate: Candidate
  let preparation: Preparation
  let task: Basics.Task
  let context: LifecycleContext

  /// Whether columns reach the algorithm as they are: users, items and moments mean something to it.
  private var readsRawColumns: Bool { task == .recommendation || task == .forecasting }

  func fit(_ part: TaskTable.Part) throws -> FittedPipeline {
    let estimator = try context.registry.estimator(candidate.algorithm, settings: candidate.parameters)
    let pipeline =
      readsRawColumns && preparation.steps == nil
      ? Pipeline(steps: [], estimator: estimator)
      : try preparation.pipeline(
        for: estimator, frame: part.features, target: part.target, task: task, workers: context.workers)
    return try pipeline.fit(
      TrainingData(frame: part.features, target: part.target), in: context.fitContext(10))
  }

  /// What is done to the columns, in plain words.
  func plan(_ part: TaskTable.Part) throws -> [String] {
    guard !readsRawColumns, preparation.steps == nil else { return [] }
    let card = try context.registry.estimators.entry(candidate.algorithm).card
    return try preparation.plan(
      for: card, frame: part.features, target: part.target, task: task, workers: context.workers)?.sentences ?? []
  }
}

/// Tries the algorithms of a task on one split of the training rows and chooses by the metric that decides.
struct TaskSearch: Sendable {
  let table: TaskTable
  let judge: TaskJudge
  let preparation: Preparation
  let training: TrainingPlan
  let context: LifecycleContext

  /// What the search found.
  struct Result: Sendable {
    var tried: [JudgedCandidate]
    var index: Int
    var sentence: String
    var plan: [String]
    var chosen: JudgedCandidate { tried[index] }
  }

  /// - Throws: the first failure when no candidate could be fitted; `.cancelled`.
  func run() throws -> Result {
    context.observe(.stage("Trying algorithms"))
    let request = PortfolioRequest(
      task: table.task, rowCount: table.training.rowCount, columnCount: table.training.features.schema.count,
      algorithms: training.algorithms.isEmpty ? nil : training.algorithms, settings: training.settings)
    try training.checkSettings(context.registry)
    let cards = context.registry.estimators.entries.map { $0.card }
    let list = try Portfolio.candidates(request, cards: cards, seed: context.seed.derived("portfolio"))
    guard !list.isEmpty else {
      throw MLError(.invalidParameter, "train: no algorithm of this version serves \(table.task.rawValue).")
    }
    guard canBeJudged, list.count > 1 || budgetCount > 1 else { return try unjudged(list[0]) }
    let inner = try table.inner(seed: Seed(TrainingSession.splitSeed))
    var options = Tournament.Options(batchCount: 1)
    let started = Machine.monotonicSeconds
    options.shouldStop = { isOver(started) }
    options.proposals = { results in
      let open = budgetCount - results.count
      guard open > 0 else { return [] }
      return CandidateProposals(
        request: request, cards: cards.filter { card in list.contains { $0.algorithm == card.name } },
        seed: context.seed.derived("proposals")
      ).next(min(4, open), after: results, metric: judge.direction)
    }
    var tried = list.map { JudgedCandidate(result: CandidateResult(candidate: $0)) }
    var board = Leaderboard(
      metric: judge.primary, higherIsBetter: type(of: judge.direction).higherIsBetter, foldCount: 1,
      plannedCount: isTimed ? nil : max(list.count, budgetCount))
    let results = try Tournament.run(list, foldCount: 1, metric: judge.direction, options: options) { trials, known in
      while tried.count < known.count {
        tried.append(JudgedCandidate(result: CandidateResult(candidate: known[tried.count])))
      }
      return trials.map { trial in
        let outcome = Swift.Result { try value(of: &tried[trial.index], inner) }
        board.add(
          Leaderboard.Trial(
            known[trial.index], fold: trial.fold, value: try? outcome.get(), fitSeconds: tried[trial.index].fitSeconds))
        context.observe(.leaderboard(board))
        return outcome
      }
    }
    for index in results.indices { tried[index].result = results[index] }
    return try best(of: tried)
  }

  private func best(of tried: [JudgedCandidate]) throws -> Result {
    let metric = judge.direction
    let known = tried.indices.filter { tried[$0].result.mean != nil }
    let best = known.max { a, b in
      metric.improvement(tried[b].result.mean ?? 0, over: tried[a].result.mean ?? 0) > 0
    }
    guard let best else {
      throw MLError(
        .invalidData, "train: no candidate has a defined \(judge.primary) on held-out rows.", hint: "Give more rows.")
    }
    let value = NumberText.shortest(((tried[best].result.mean ?? 0) * 1e4).rounded() / 1e4)
    let name = tried[best].candidate.algorithm
    context.observe(.done("\(tried.count) candidates; best: \(name)"))
    return Result(
      tried: tried, index: best,
      sentence: "\(name) has the best \(judge.primary) on held-out training rows, \(value).",
      plan: try fitter(tried[best].candidate).plan(table.training))
  }

  private func fitter(_ candidate: Candidate) -> TaskFitter {
    TaskFitter(candidate: candidate, preparation: preparation, task: table.task, context: context)
  }

  /// Anomalies are compared by known ones only; clusters by their shape, the others by what came later.
  private var canBeJudged: Bool { table.task != .anomaly || table.training.truth.map { Set($0).count == 2 } ?? false }

  private func unjudged(_ candidate: Candidate) throws -> Result {
    let name = candidate.algorithm
    context.observe(.done("\(name), the first of its kind: nothing to compare by"))
    return Result(
      tried: [JudgedCandidate(result: CandidateResult(candidate: candidate))], index: 0,
      sentence: "\(name) is used; without known answers candidates cannot be compared.",
      plan: try fitter(candidate).plan(table.training))
  }

  private var budgetCount: Int {
    if case .trials(let count) = training.budget { return count }
    return 0
  }

  private var isTimed: Bool { if case .seconds = training.budget { true } else { false } }

  private func isOver(_ started: Double) -> Bool {
    if case .seconds(let limit) = training.budget { return Machine.monotonicSeconds - started > limit }
    return false
  }

  private func value(
    of judged: inout JudgedCandidate, _ inner: (training: TaskTable.Part, heldOut: TaskTable.Part)
  ) throws -> Double? {
    try context.checkCancellation()
    context.observe(.progress(0.5, CandidateSearch.describe(judged.candidate)))
    let start = Machine.monotonicSeconds
    let model = try fitter(judged.candidate).fit(inner.training)
    let middle = Machine.monotonicSeconds
    let value = judge.choice(try judge.scores(model, inner.heldOut).report)
    judged.fitSeconds = middle - start
    judged.predictSeconds = Machine.monotonicSeconds - middle
    context.observe(
      .candidate(
        algorithm: judged.candidate.algorithm, settings: CandidateSearch.settings(judged.candidate),
        metric: judge.primary, value: value, seconds: judged.fitSeconds))
    return value
  }
}
