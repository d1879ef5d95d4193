import Basics
import Modeling
import Tuning

/// Fits a candidate to some rows under the terms of a run.
struct CandidateFit: Sendable {
  let task: Basics.Task
  let preparation: Preparation
  let classWeight: ClassWeight
  let terms: TrainingTerms
  let context: LifecycleContext

  /// The candidate after learning from `learnt`; `held` decides when to stop, where the algorithm asks.
  func model(
    _ candidate: Candidate, _ learnt: TrainingTable.Part, _ held: TrainingTable.Part, seed: Seed, workers: Workers
  ) throws -> FittedPipeline {
    let estimator = try context.registry.estimator(candidate.algorithm, settings: candidate.parameters)
    return try CandidateFitting(
      task: task, prepare: preparation, terms: terms, classWeight: classWeight, registry: context.registry
    ).fit(
      estimator, learnt, validation: held,
      in: FitContext(seed: seed, workers: workers, cancellation: context.cancellation))
  }
}
