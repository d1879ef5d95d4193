import Basics
import Evaluation
import Frames
import Learners
import Modeling
import Transforms

/// Everything registered in this build.
let registry = Registry(estimators: LearnerCatalog.all, transforms: TransformCatalog.all)

/// The algorithm `name` with `settings`.
///
/// - Throws: `Unavailable` when this build does not have it.
func estimator(_ name: String, _ settings: [(String, JSONValue)] = []) throws -> any Estimator {
  guard registry.estimators.names.contains(name) else {
    throw Unavailable(reason: "no algorithm '\(name)' in this build")
  }
  return try registry.estimator(name, settings: .object(settings))
}

/// Fits and says how long it took.
func fitted(
  _ estimator: any Estimator, _ data: TrainingData, _ setting: Setting
) throws -> (seconds: Double, model: any FittedModel) {
  func fit<E: Estimator>(_ estimator: E) throws -> any FittedModel {
    try estimator.fit(data, in: FitContext(seed: Seed(1), workers: setting.workers))
  }
  let (seconds, model) = try timed { try fit(estimator) }
  return (seconds, model)
}

/// The metric `name` of predictions.
func quality(_ name: String, _ predictions: Predictions, _ target: Target) throws -> Double? {
  try MetricCatalog.metric(named: name).value(predictions, target, weights: nil)
}
