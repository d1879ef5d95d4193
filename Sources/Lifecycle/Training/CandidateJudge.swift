import Basics
import Evaluation
import Frames
import Modeling
import Transforms
import Tuning

/// How one candidate did in cross-validation.
struct JudgedCandidate: Sendable {
  /// Algorithm, settings and fold values.
  var result: CandidateResult
  /// Predictions of each fold for the rows it held out, in fold order.
  var parts: [(rows: [Int], predictions: Predictions)] = []
  /// Metric on rows each fold learnt from.
  var trainingValues: [Double] = []
  /// Iterations that early stopping kept in each fold.
  var iterationCounts: [Int] = []
  var fitSeconds = 0.0
  var predictSeconds = 0.0

  var candidate: Candidate { result.candidate }

  /// Metric on the rows each fold learnt from, averaged; `nil` when undefined.
  var trainingMean: Double? {
    trainingValues.isEmpty ? nil : trainingValues.reduce(0, +) / Double(trainingValues.count)
  }

  var predictMicrosecondsPerRow: Double {
    predictSeconds * 1e6 / Double(max(1, parts.reduce(0) { $0 + $1.rows.count }))
  }

  /// The shape of `train --json`.
  func json(metric: String) -> JSONValue {
    var validation = result.json
    validation["metric"] = .string(metric)
    validation["training_mean"] = .finite(trainingMean)
    return [
      "algorithm": .string(candidate.algorithm), "parameters": candidate.parameters, "cross_validation": validation,
      "fit_seconds": .finite(fitSeconds), "predict_microseconds_per_row": .finite(predictMicrosecondsPerRow),
    ]
  }
}

/// Fits candidates on folds; every step of preparation is fitted on the fold's training rows only.
struct CandidateJudge: Sendable {
  let part: TrainingTable.Part
  let folds: Folds
  let task: Basics.Task
  let metric: any Metric
  let prepare: Preparation
  let context: LifecycleContext

  /// The metric of `judged`'s candidate on `fold`; everything else is noted in `judged`.
  func evaluate(_ judged: inout JudgedCandidate, seedIndex: Int, fold: Int) throws -> Double? {
    try context.checkCancellation()
    let estimator = try context.registry.estimator(judged.candidate.algorithm, settings: judged.candidate.parameters)
    let trainingRows = folds.training(fold)
    let heldOut = folds.validation(fold)
    let frame = part.features.gathered(trainingRows)
    let target = part.target.gathered(trainingRows)
    let heldFrame = part.features.gathered(heldOut)
    let heldTarget = part.target.gathered(heldOut)
    let start = Machine.monotonicSeconds
    let pipeline = try prepare.pipeline(
      for: estimator, frame: frame, target: target, task: task, workers: context.workers)
    let data = try TrainingData(
      frame: frame, target: target, validation: .init(frame: heldFrame, target: heldTarget))
    let fitted = try pipeline.fit(data, in: context.fitContext(1000 + seedIndex).derived(fold))
    let middle = Machine.monotonicSeconds
    let predictions = try fitted.predict(heldFrame)
    judged.fitSeconds += middle - start
    judged.predictSeconds += Machine.monotonicSeconds - middle
    judged.parts.append((heldOut, predictions))
    if let count = fitted.model.iterationCount { judged.iterationCounts.append(count) }
    let probe = Self.probe(trainingRows.count)
    let learnt = try metric.value(fitted.predict(frame.gathered(probe)), target.gathered(probe), weights: nil)
    if let learnt { judged.trainingValues.append(learnt) }
    return try metric.value(predictions, heldTarget, weights: nil)
  }

  /// Up to 5,000 of the rows learnt from, for the value on training rows.
  private static func probe(_ count: Int) -> [Int] {
    Array(stride(from: 0, to: count, by: max(1, count / 5000)))
  }
}

/// Out-of-fold predictions, put together from several rounds of folds.
enum OutOfFold {
  /// Mean prediction of every row over the parts that hold it, in row order. Rows never held out (the only one of their
  /// class) get the mean prediction of all.
  static func assemble(_ parts: [(rows: [Int], predictions: Predictions)], rowCount: Int) throws -> Predictions {
    let joined = try Predictions.joined(parts.map(\.predictions))
    let width = max(1, joined.classes.count)
    let all: [Double] =
      switch joined.storage {
      case .values(let values): values
      case .probabilities(let values, _): values
      }
    var sums = [Double](repeating: 0, count: rowCount * width)
    var counts = [Double](repeating: 0, count: rowCount)
    var next = 0
    for part in parts {
      for row in part.rows {
        for k in 0..<width { sums[row * width + k] += all[next * width + k] }
        counts[row] += 1
        next += 1
      }
    }
    let mean = (0..<width).map { k in
      stride(from: k, to: all.count, by: width).reduce(0) { $0 + all[$1] } / Double(max(1, next))
    }
    for row in 0..<rowCount {
      for k in 0..<width {
        sums[row * width + k] = counts[row] > 0 ? sums[row * width + k] / counts[row] : mean[k]
      }
    }
    return joined.classes.isEmpty
      ? Predictions(.values(sums)) : Predictions(.probabilities(sums, classes: joined.classes))
  }
}

/// Preparation steps for an algorithm: planned from the training rows of the fold, or as the project file lists them.
struct Preparation: Sendable {
  /// Steps from the project file; `nil`: planned.
  var steps: [any Transform]?

  /// - Throws: `.invalidParameter` naming an unknown step or setting.
  init(_ setting: JSONValue, registry: Registry) throws {
    if setting.stringValue == "auto" || setting.isNull { return }
    steps = try PreparationPlan(json: setting, registry: registry).steps
  }

  /// The plan for an algorithm; `nil` when the project file lists the steps.
  func plan(
    for card: Card, frame: Frame, target: Target, task: Basics.Task, workers: Workers
  ) throws -> PreparationPlan? {
    if steps != nil { return nil }
    return try PreparationPlan.make(frame: frame, target: target, task: task, for: card, workers: workers)
  }

  func pipeline(
    for estimator: any Estimator, frame: Frame, target: Target, task: Basics.Task, workers: Workers
  ) throws -> Pipeline {
    let card = type(of: estimator).card
    let planned = try plan(for: card, frame: frame, target: target, task: task, workers: workers)
    return Pipeline(steps: steps ?? planned?.steps ?? [], estimator: estimator)
  }
}

/// Columns that no model should read.
enum ColumnSelection {
  /// Constants and identifiers, with the sentence that says why.
  static func unusable(
    _ frame: Frame, target: Target, task: Basics.Task, context: LifecycleContext
  ) throws -> (columns: Set<String>, sentences: [String]) {
    let card = try context.registry.estimators.entry("gradient-boosted-trees").card
    let plan = try PreparationPlan.make(frame: frame, target: target, task: task, for: card, workers: context.workers)
    let columns = plan.steps.compactMap { $0 as? Drop }.flatMap(\.columns)
    return (Set(columns), plan.sentences.filter { $0.hasSuffix("left out.") })
  }
}
