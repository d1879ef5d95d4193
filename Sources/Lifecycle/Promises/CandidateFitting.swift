import Basics
import Frames
import Modeling
import Transforms

/// Fits preparation and algorithm under the terms of a run: on folds and at the end alike.
struct CandidateFitting: Sendable {
  let task: Basics.Task
  let prepare: Preparation
  let terms: TrainingTerms
  let classWeight: ClassWeight
  let registry: Registry

  /// Rows that the sign of a linear score is looked at on.
  static let probeCount = 24

  /// Fits `estimator` on the rows of `part`: weighted where rows are reweighed, monotone where that is asked.
  ///
  /// - Throws: what fitting throws.
  func fit(
    _ estimator: any Estimator, _ part: TrainingTable.Part, validation: TrainingTable.Part? = nil,
    in context: FitContext
  ) throws -> FittedPipeline {
    let directions = terms.constraints.monotone
    let held = try Monotonicity.held(estimator, to: directions, registry)
    let data = try RowWeighting.data(terms.weighed(part), validation: validation, classWeight: classWeight)
    let isSigned =
      !directions.isEmpty
      && Monotonicity.promise(of: type(of: held), isPlanned: prepare.steps == nil) == .sign
    let probe = isSigned ? try MonotoneProbe(part.features, directions, rowCount: Self.probeCount) : nil
    var left: [String] = []
    while true {
      let fitted = try pipeline(held, part, without: left, context.workers).fit(data, in: context)
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
    var pipeline = try prepare.pipeline(
      for: estimator, frame: frame, target: part.target, task: task, workers: workers)
    if !left.isEmpty { pipeline.steps.insert(Drop(columns: left), at: 0) }
    return pipeline
  }
}
