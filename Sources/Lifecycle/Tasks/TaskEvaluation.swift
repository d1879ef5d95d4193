import Basics
import Evaluation
import Frames
import Modeling

/// Judges a model of clustering, anomaly detection, recommendation or forecasting on a file.
enum TaskEvaluation {
  static func evaluate(
    _ archive: ModelArchive, _ path: String, _ context: LifecycleContext
  ) throws -> EvaluationReport {
    let place = FileSystem.name(path)
    var fields = archive.contract.fields
    if !archive.target.isEmpty {
      let isClass = archive.task == .anomaly || archive.task == .clustering
      fields.append(isClass ? Field(archive.target, .category) : Field(archive.target, .number))
    }
    let (frame, report) = try FrameSources.read(
      path, options: SourceOptions(contract: Schema(fields), workers: context.workers))
    let target = TaskTarget(task: archive.task, column: archive.target, positive: nil)
    let (part, sentences) = try target.part(of: frame, left: [], place: place)
    guard part.rowCount > 0 else { throw MLError(.invalidData, "\(place): must have rows to judge by; got none.") }
    let judge = TaskJudge(
      task: archive.task, primary: archive.metric,
      options: BootstrapOptions(seed: context.seed.derived("intervals"), workers: context.workers))
    let scores = try judge.scores(archive.pipeline.members[0], part).report
    let notes = report.notes + sentences
    let json: JSONValue = [
      "rows": .integer(Int64(part.rowCount)), "metrics": scores.json, "slices": .array([]), "fairness": .object([]),
      "notes": .array(notes.map { .string($0) }),
    ]
    return EvaluationReport(
      rowCount: part.rowCount, metrics: scores.entries.map { ($0.name, $0.value.value, $0.value.low, $0.value.high) },
      json: json, notes: notes)
  }
}
