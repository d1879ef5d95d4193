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
  let context: LifecycleContext

  /// What the search found.
  struct Result: Sendable {
    var judged: [JudgedCandidate]
    var chosen: Int
    /// Why this one, in plain words.
    var sentence: String
    /// Final predictions for every training row by folds that had not seen it.
    var outOfFold: Predictions
    /// What is fitted on all training rows, with its share in the prediction; the chosen candidate alone, or a mixture.
    var members: [(index: Int, weight: Double)]
    var winner: JudgedCandidate { judged[chosen] }
  }

  /// - Throws: the first failure when no candidate could be fitted; `.cancelled`.
  func run() throws -> Result {
    let candidates = try self.candidates()
    let folds = try Folds.make(
      table.training.keys, count: foldCount, target: table.training.target, seed: context.seed.derived("folds"))
    let judge = CandidateJudge(
      part: table.training, folds: folds, task: table.reading.task, metric: metric, prepare: preparation,
      context: context)
    var judged = candidates.map { JudgedCandidate(result: CandidateResult(candidate: $0)) }
    let started = Machine.monotonicSeconds
    var fits = 0
    let results = try Tournament.run(
      candidates, foldCount: folds.count, metric: metric, protected: [0],
      shouldStop: { isOver(started, fits, candidates.count) }
    ) { index, fold in
      context.observe(
        .progress(progress(started, fits, candidates.count * folds.count), Self.describe(candidates[index])))
      fits += 1
      return try judge.evaluate(&judged[index], seedIndex: index, fold: fold)
    }
    for index in results.indices {
      judged[index].result = results[index]
      context.observe(
        .candidate(
          algorithm: candidates[index].algorithm, settings: Self.settings(candidates[index]),
          metric: type(of: metric).card.name, value: results[index].mean, seconds: judged[index].fitSeconds))
    }
    let selection = try Selection.choose(results, metric: metric, baseline: 0)
    let complete = results.indices.filter {
      $0 != 0 && results[$0].isEligible && results[$0].folds.count == folds.count
    }
    let outOfFold = try ([selection.index] + complete.filter { $0 != selection.index }).map { index in
      (index: index, outOfFold: try OutOfFold.assemble(judged[index].parts, rowCount: table.training.rowCount))
    }
    let members = try CommitteeSelection.choose(
      outOfFold, start: selection.index, standardError: results[selection.index].standardError,
      target: table.training.target, metric: metric)
    let parts = members.compactMap { member in outOfFold.first { $0.index == member.index }?.outOfFold }
    var sentence = selection.why
    if members.count > 1 {
      sentence +=
        " A mixture of \(members.count) candidates is better still on rows they had not seen; it is what is kept."
    }
    return Result(
      judged: judged, chosen: selection.index, sentence: sentence,
      outOfFold: try Committee.mean(parts, members.map(\.weight)), members: members)
  }

  private var foldCount: Int { min(training.folds, Folds.suggested(rowCount: table.training.rowCount).count) }

  private func isOver(_ started: Double, _ fits: Int, _ candidateCount: Int) -> Bool {
    guard case .seconds(let limit) = training.budget else { return false }
    return fits >= candidateCount && Machine.monotonicSeconds - started > limit
      || Machine.monotonicSeconds - started > 2 * limit
  }

  private func progress(_ started: Double, _ fits: Int, _ planned: Int) -> Double {
    // Half of the fits, in the long run, are saved by dropping candidates early.
    min(0.99, Double(fits) / (0.5 * Double(planned)))
  }

  /// Candidates besides the baseline; more cells, fewer candidates.
  private var trialCount: Int {
    switch training.budget {
    case .trials(let count): return count
    case .auto, .seconds:
      switch table.training.rowCount * max(1, table.training.features.schema.count) {
      case ..<100_000: return 20
      case ..<1_000_000: return 12
      case ..<20_000_000: return 8
      default: return 5
      }
    }
  }

  private func candidates() throws -> [Candidate] {
    let request = PortfolioRequest(
      task: table.reading.task, rowCount: table.training.rowCount, columnCount: table.training.features.schema.count,
      classCount: table.reading.classNames.count,
      hasText: table.training.features.schema.fields.contains { $0.kind == .text },
      algorithms: training.algorithms.isEmpty ? nil : ["baseline"] + training.algorithms.filter { $0 != "baseline" },
      trials: trialCount)
    return try Portfolio.candidates(
      request, cards: context.registry.estimators.entries.map { $0.card }, seed: context.seed.derived("portfolio"))
  }

  static func settings(_ candidate: Candidate) -> String {
    (candidate.parameters.objectValue ?? []).map { "\($0.0)=\($0.1.compact)" }.joined(separator: " ")
  }

  static func describe(_ candidate: Candidate) -> String {
    let settings = settings(candidate)
    return settings.isEmpty ? candidate.algorithm : "\(candidate.algorithm) \(settings)"
  }
}
