import Basics
import Evaluation
import Frames
import Modeling
import Transforms
import Tuning

/// The chosen candidate fitted on all training rows, with calibration and threshold from out-of-fold predictions.
struct FinalModel: Sendable {
  let pipeline: Committee
  let baseline: FittedPipeline
  let calibrator: Calibrator?
  let threshold: DecisionThreshold?
  /// Thresholds by protected group, where gaps are closed that way.
  let groups: GroupDecision?
  /// Final predictions for `heldOut` by folds that had not seen them.
  let outOfFold: Predictions
  /// The training rows that were held out at some time.
  let heldOut: TrainingTable.Part
  /// What was done to the columns, in plain words.
  let plan: [String]
  /// What was decided, in plain words.
  var sentences: [String]

  init(
    table: TrainingTable, search: CandidateSearch.Result, preparation: Preparation, terms: TrainingTerms,
    context: LifecycleContext
  ) throws {
    let part = table.training
    let task = table.reading.task
    plan =
      try preparation.plan(
        for: context.registry.estimators.entry(search.winner.candidate.algorithm).card, frame: part.features,
        target: part.target, task: task, workers: context.workers)?.sentences
      ?? ["Prepared as the project file lists."]
    heldOut = search.heldOut.map { part.gathered($0) } ?? part
    let members = try Self.members(part, task, search, preparation, terms, context)
    pipeline = try Committee(members: members, weights: search.members.map(\.weight))
    baseline = try Pipeline(steps: [], estimator: context.registry.estimator("baseline")).fit(
      RowWeighting.data(part, classWeight: .none), in: context.fitContext(3))
    let raw = search.outOfFold
    sentences = plan
    var calibrated = raw
    let fitted =
      task == .classification
      ? try Calibration.fit(raw, heldOut.target, weights: heldOut.weights, rowKeys: heldOut.keys) : .identity
    if fitted != .identity {
      calibrator = fitted
      calibrated = fitted.applied(to: raw)
      sentences.append("Probabilities are corrected, because that made them truer on rows not learnt from.")
    } else {
      calibrator = nil
    }
    let aim: Threshold.Aim = search.classWeight == .balanced ? .balanced : .largestProbability
    threshold = try Self.threshold(calibrated, heldOut, terms.costs, terms.guardrails, aim, &sentences)
    let decided = try ModelArchive.finish(calibrated, nil, threshold)
    groups =
      terms.fairness.mitigation == .thresholds
      ? try GroupDecision(
        heldOut.audit, calibrated, heldOut.target, terms, threshold: threshold?.probability ?? 0.5) : nil
    if let groups { sentences.append(groups.sentence) }
    outOfFold = try groups?.applied(to: decided, heldOut.audit) ?? decided
  }

  /// The members fitted on all training rows: side by side where the table is small, else in turn with all threads.
  private static func members(
    _ part: TrainingTable.Part, _ task: Basics.Task, _ search: CandidateSearch.Result, _ preparation: Preparation,
    _ terms: TrainingTerms, _ context: LifecycleContext
  ) throws -> [FittedPipeline] {
    let fitting = CandidateFitting(
      task: task, preparation: preparation, classWeight: search.classWeight, terms: terms, context: context)
    let count = search.members.count
    let isApart = count > 1 && part.isSmall
    let fit = { @Sendable (position: Int) throws -> FittedPipeline in
      try context.checkCancellation()
      let estimator = try estimator(search.judged[search.members[position].index], context.registry)
      var fitContext = context.fitContext(10 + position)
      if isApart { fitContext.workers = .serial }
      fitContext.progress = { progress in
        let own = Double(progress.iteration) / Double(max(1, progress.iterationCount))
        context.observe(.progress((Double(position) + own) / Double(count), "all training rows"))
      }
      return try fitting.fit(estimator, part, in: fitContext)
    }
    return isApart ? try context.workers.map(count, fit) : try (0..<count).map(fit)
  }

  /// The candidate's estimator; where early stopping decided the number of iterations on folds, with the mean of those,
  /// a little more for the rows of the held-out fold.
  private static func estimator(_ winner: JudgedCandidate, _ registry: Registry) throws -> any Estimator {
    let estimator = try registry.estimator(winner.candidate.algorithm, settings: winner.candidate.parameters)
    guard let iterative = estimator as? any IterativeEstimator, !winner.iterationCounts.isEmpty else {
      return estimator
    }
    let counts = winner.iterationCounts
    let mean = Double(counts.reduce(0, +)) / Double(counts.count)
    return iterative.withIterationCount(CandidateFitting.grown(mean))
  }

  /// Columns a row must bring: those the members read, and the protected ones whose groups are decided apart.
  func contract() throws -> Schema {
    try Schema(pipeline.schema.acceptingFractions().fields + (groups?.fields ?? []))
  }

  private static func threshold(
    _ predictions: Predictions, _ part: TrainingTable.Part, _ costs: ProjectObjective.Costs?, _ guardrails: [Goal],
    _ aim: Threshold.Aim, _ sentences: inout [String]
  ) throws -> DecisionThreshold? {
    guard predictions.classes.count == 2 else {
      if costs != nil {
        sentences.append("Costs are used with two classes only; there are \(predictions.classes.count).")
      }
      return nil
    }
    let prices = try costs.map { try DecisionCosts(falsePositive: $0.falsePositive, falseNegative: $0.falseNegative) }
    let chosen = try Threshold.choose(
      predictions, part.target, weights: part.weights, costs: prices, aim: aim, guardrails: guardrails)
    guard chosen.reason != .largestProbability else { return nil }
    let share = NumberText.shortest((chosen.probability * 1e4).rounded() / 1e4)
    sentences.append(
      "'\(predictions.classes[1])' is decided from a probability of \(share) on (\(chosen.reason.rawValue)).")
    return chosen
  }
}
