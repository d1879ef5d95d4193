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
  /// Iterations that early stopping kept in each fold; empty where nothing stops early.
  var iterationCounts: [Int] = []
  var fitSeconds = 0.0
  var predictSeconds = 0.0
  /// Bytes of the candidate fitted on the first fold.
  var sizeBytes: Int?
  /// Median microseconds for a single row, measured on the first fold.
  var rowMicroseconds: Double?

  var candidate: Candidate { result.candidate }

  /// Notes what came of one fold.
  mutating func add(_ outcome: TrialOutcome) {
    parts.append((outcome.rows, outcome.predictions))
    if let value = outcome.trainingValue { trainingValues.append(value) }
    if let count = outcome.iterationCount { iterationCounts.append(count) }
    fitSeconds += outcome.fitSeconds
    predictSeconds += outcome.predictSeconds
    sizeBytes = sizeBytes ?? outcome.sizeBytes
    rowMicroseconds = rowMicroseconds ?? outcome.rowMicroseconds
  }

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
      "latency_microseconds": .finite(rowMicroseconds),
      "size_bytes": sizeBytes.map { .integer(Int64($0)) } ?? .null,
    ]
  }
}

/// Fits candidates on folds; every step of preparation is fitted on the fold's training rows only.
struct CandidateJudge: Sendable {
  let part: TrainingTable.Part
  let folds: FoldRounds
  let metric: any Metric
  let fit: CandidateFitting
  let store: TrialStore
  let context: LifecycleContext

  /// Judges trials. Small tables are fitted side by side with one thread each, large ones in turn with all threads; the
  /// outcomes are the same.
  func outcomes(
    _ trials: [Tournament.Trial], _ candidates: [Candidate]
  ) throws -> [Result<TrialOutcome, any Error>] {
    try context.checkCancellation()
    guard trials.count > 1 else {
      return trials.map { trial in Result { try outcome(trial, candidates[trial.index], context.workers) } }
    }
    return try context.workers.map(trials.count) { place in
      Result { try outcome(trials[place], candidates[trials[place].index], .serial) }
    }
  }

  /// What came of a candidate on a fold: from the store when an interrupted run has left it there.
  private func outcome(_ trial: Tournament.Trial, _ candidate: Candidate, _ workers: Workers) throws -> TrialOutcome {
    try context.checkCancellation()
    if let kept = try store.outcome(candidate, fold: trial.fold) { return kept }
    let outcome = try fitted(trial, candidate, workers)
    try store.keep(outcome, candidate, fold: trial.fold)
    return outcome
  }

  private func fitted(_ trial: Tournament.Trial, _ candidate: Candidate, _ workers: Workers) throws -> TrialOutcome {
    let (trainingRows, heldOut) = folds.rows(trial.fold)
    let (learnt, held) = (part.gathered(trainingRows), part.gathered(heldOut))
    let start = Machine.monotonicSeconds
    // The seed belongs to candidate and fold, so that neither order nor interruption matters.
    let fitted = try fit.fit(
      candidate, learnt, held: held, seed: context.fitContext(1000).derived(trial.index).derived(trial.fold).seed,
      workers: workers)
    let middle = Machine.monotonicSeconds
    let predictions = try fitted.predict(held.features)
    let end = Machine.monotonicSeconds
    let probe = learnt.gathered(Self.probe(trainingRows.count))
    let isFirst = trial.fold == 0
    return TrialOutcome(
      value: try metric.value(predictions, held.target, weights: held.weights),
      trainingValue: try metric.value(fitted.predict(probe.features), probe.target, weights: probe.weights),
      rows: heldOut, predictions: predictions,
      iterationCount: fit.stopsEarly(candidate) ? fitted.model.iterationCount : nil,
      fitSeconds: middle - start, predictSeconds: end - middle,
      sizeBytes: isFirst ? try CandidateProbe.sizeBytes(fitted) : nil,
      rowMicroseconds: isFirst
        ? try CandidateProbe.rowMicroseconds(held.features) { try fitted.predict($0.conformed(to: fitted.schema)) }
        : nil)
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
  ///
  /// - Parameter kept: rows wanted, ascending; `nil`: all.
  static func assemble(
    _ parts: [(rows: [Int], predictions: Predictions)], rowCount: Int, kept: [Int]? = nil
  ) throws -> Predictions {
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
    let whole =
      joined.classes.isEmpty
      ? Predictions(.values(sums)) : Predictions(.probabilities(sums, classes: joined.classes))
    return kept.map { whole.gathered($0) } ?? whole
  }

  /// Rows that some part holds, ascending.
  static func heldOut(_ parts: [(rows: [Int], predictions: Predictions)]) -> [Int] {
    Array(Set(parts.flatMap(\.rows))).sorted()
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
    _ frame: Frame, target: Target, task: Basics.Task, algorithms: [String], context: LifecycleContext
  ) throws -> (columns: Set<String>, sentences: [String]) {
    let asked = try algorithms.map { try context.registry.estimators.entry($0).card }
    let card =
      try asked.first { $0.capabilities.contains(.readsPixels) }
      ?? context.registry.estimators.entry("gradient-boosted-trees").card
    let plan = try PreparationPlan.make(frame: frame, target: target, task: task, for: card, workers: context.workers)
    let columns = plan.steps.compactMap { $0 as? Drop }.flatMap(\.columns)
    return (Set(columns), plan.sentences.filter { $0.hasSuffix("left out.") })
  }
}
