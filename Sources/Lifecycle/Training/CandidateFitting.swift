import Basics
import Evaluation
import Frames
import Modeling
import Transforms
import Tuning

/// Fits preparation and algorithm under the terms of a run: on folds and at the end alike.
struct CandidateFitting: Sendable {
  let task: Basics.Task
  let preparation: Preparation
  let classWeight: ClassWeight
  let terms: TrainingTerms
  let context: LifecycleContext

  /// Rows that the sign of a linear score is looked at on.
  static let probeCount = 24

  /// Rows below which held-out rows may not decide when to stop: they would be fitted by that, and flatter.
  static let apartRowCount = 4000
  /// Share of the rows learnt from that then decide.
  static let stoppingShare = 0.2
  /// Iterations that more rows deserve.
  static let iterationGrowth = 1.1

  /// The candidate after learning from `learnt`. An algorithm that asks when to stop is told by `held` where those rows
  /// are many; else by some of the rows learnt from, and is fitted to all of these again, so that `held` stays unseen.
  func fit(
    _ candidate: Candidate, _ learnt: TrainingTable.Part, held: TrainingTable.Part, seed: Seed, workers: Workers
  ) throws -> FittedPipeline {
    let estimator = try context.registry.estimator(candidate.algorithm, settings: candidate.parameters)
    let fitContext = FitContext(seed: seed, workers: workers, cancellation: context.cancellation)
    if stopsEarly(candidate), learnt.rowCount < Self.apartRowCount,
      let iterative = estimator as? any IterativeEstimator,
      let (inner, deciding) = try Self.stoppingRows(learnt, seed: seed)
    {
      let first = try fit(estimator, inner, validation: deciding, in: fitContext)
      if let count = first.model.iterationCount {
        return try fit(iterative.withIterationCount(Self.grown(Double(count))), learnt, in: fitContext)
      }
    }
    return try fit(estimator, learnt, validation: held, in: fitContext)
  }

  /// Whether rows not learnt from decide when its fit ends.
  func stopsEarly(_ candidate: Candidate) -> Bool {
    let card = try? context.registry.estimators.entry(candidate.algorithm).card
    return card?.capabilities.contains(.earlyStopping) ?? false
      && candidate.parameters["early_stopping_rounds"]?.integerValue != 0
  }

  /// Iterations for a tenth more.
  static func grown(_ iterations: Double) -> Int { max(1, Int((iterations * iterationGrowth).rounded())) }

  /// Rows to learn from and rows that decide when to stop: groups stay whole, and the latest decide where time matters;
  /// `nil` where they cannot be told apart so that both know all classes.
  private static func stoppingRows(
    _ part: TrainingTable.Part, seed: Seed
  ) throws -> (inner: TrainingTable.Part, deciding: TrainingTable.Part)? {
    let split: Split
    do {
      if let times = part.times {
        split = try Split.latest(times: times, fraction: stoppingShare, purge: 0, embargo: 0)
      } else {
        split = try Split.sealed(
          rowKeys: part.groups ?? part.keys, fraction: stoppingShare, seed: seed.derived("stopping"),
          target: part.groups == nil ? part.target : nil, grouped: part.groups != nil)
      }
    } catch let error as MLError where error.code != .cancelled {
      return nil
    }
    guard ClassCoverage.isWhole(part.target, split.training), ClassCoverage.isWhole(part.target, split.test) else {
      return nil
    }
    return (part.gathered(split.training), part.gathered(split.test))
  }

  /// Fits `estimator` on the rows of `part`: weighted where rows are reweighed, monotone where that is asked.
  ///
  /// - Throws: what fitting throws.
  func fit(
    _ estimator: any Estimator, _ part: TrainingTable.Part, validation: TrainingTable.Part? = nil,
    in fitContext: FitContext
  ) throws -> FittedPipeline {
    let directions = terms.constraints.monotone
    let held = try Monotonicity.held(estimator, to: directions, context.registry)
    let data = try RowWeighting.data(terms.weighed(part), validation: validation, classWeight: classWeight)
    let isSigned =
      !directions.isEmpty
      && Monotonicity.promise(of: type(of: held), isPlanned: preparation.steps == nil) == .sign
    let probe = isSigned ? try MonotoneProbe(part.features, directions, rowCount: Self.probeCount) : nil
    var left: [String] = []
    while true {
      let fitted = try pipeline(held, part, without: left, fitContext.workers).fit(data, in: fitContext)
      guard let probe else { return fitted }
      let wrong = try probe.outcomes { try fitted.predict($0) }.filter { !$0.isKept }.map(\.direction.column)
      guard wrong.contains(where: { !left.contains($0) }) else { return fitted }
      left += wrong.filter { !left.contains($0) }
    }
  }

  private func pipeline(
    _ estimator: any Estimator, _ part: TrainingTable.Part, without left: [String], _ workers: Workers
  ) throws -> Pipeline {
    let frame = left.isEmpty ? part.features : part.features.removing(Set(left))
    var pipeline = try preparation.pipeline(
      for: estimator, frame: frame, target: part.target, task: task, workers: workers)
    if !left.isEmpty { pipeline.steps.insert(Drop(columns: left), at: 0) }
    return pipeline
  }
}
