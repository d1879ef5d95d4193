import Basics
import Evaluation
import Frames
import Modeling
import Transforms
import Tuning

/// Fits a candidate: preparation planned from the rows it learns from, then the algorithm, with weights.
struct CandidateFit: Sendable {
  let task: Basics.Task
  let preparation: Preparation
  let classWeight: ClassWeight
  let context: LifecycleContext

  /// The candidate after learning from `learnt`; `held` decides when to stop, where the algorithm asks.
  func model(
    _ candidate: Candidate, _ learnt: TrainingTable.Part, _ held: TrainingTable.Part, seed: Seed, workers: Workers
  ) throws -> FittedPipeline {
    let estimator = try context.registry.estimator(candidate.algorithm, settings: candidate.parameters)
    let pipeline = try preparation.pipeline(
      for: estimator, frame: learnt.features, target: learnt.target, task: task, workers: workers)
    let data = try RowWeighting.data(learnt, validation: held, classWeight: classWeight)
    return try pipeline.fit(
      data, in: FitContext(seed: seed, workers: workers, cancellation: context.cancellation))
  }
}
