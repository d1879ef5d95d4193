import Basics
package import Evaluation
import Frames
import Modeling
import Monitoring
package import Storage
import Tuning

/// From rows to a registered, judged model version.
///
/// gather → lint → seal the test rows → prepare and fit candidates on folds → choose → fit on all training rows →
/// calibrate → open the sealed test once → gate → archive → register → promote when the gate says so.
package struct Trainer: Sendable {
  let workspace: Workspace
  let context: LifecycleContext

  /// Trains in `workspace`.
  package init(workspace: Workspace, context: LifecycleContext) {
    self.workspace = workspace
    self.context = context
  }

  /// Runs `request`; a run that fails is recorded as failed with its reason.
  ///
  /// - Throws: what reading and fitting throw; `.cancelled` when stopped, with nothing registered.
  package func run(_ request: TrainRequest) throws -> TrainReport {
    let gate = try Self.gate(request.project)
    try request.project.checkRows()
    let preparation = try Preparation(request.project.prepare, registry: context.registry)
    for name in request.project.training.algorithms { _ = try context.registry.estimators.entry(name) }
    let run = request.runID ?? workspace.makeRunID()
    let draft = RunDraft(
      id: run, project: request.project.project, kind: request.kind, name: request.model, seed: context.seed.value,
      parameters: ProjectSummary.json(request), projectFile: request.projectText,
      environment: ["apus_version": .string(Release.version)])
    if case .alreadyFinished = try workspace.beginRun(draft) {
      let report = try workspace.run(run).report
      context.observe(.note("Run \(run) has already finished; this is its report."))
      return TrainReport(json: report)
    }
    SearchFolders.removeStale(in: workspace, now: context.clock.now())
    do {
      let session = TrainingSession(
        run: run, request: request, gate: gate, preparation: preparation, workspace: workspace, context: context)
      if let task = request.project.objective.task, TaskTable.tasks.contains(task) {
        try Self.checkTask(task, request.project)
        return try TaskSession(stages: session, task: task).execute()
      }
      return try session.execute()
    } catch {
      let failure = error as? MLError
      let state: RunState = failure?.code == .cancelled ? .cancelled : .failed
      try? workspace.finishRun(run, RunOutcome(state: state, error: failure?.message ?? "\(error)"))
      throw error
    }
  }

  /// The gate that a project describes.
  ///
  /// - Throws: `.invalidParameter` for a goal or guardrail that cannot be read.
  package static func gate(_ project: ProjectFile) throws -> Gate {
    let goal = try project.objective.goal.map { try Goal(parsing: $0, point: project.objective.goalIsPoint) }
    let guardrails = try project.objective.guardrails.map { entry -> Guardrail in
      if let text = entry.stringValue { return .goal(try Goal(parsing: text, point: true)) }
      guard let fairness = entry["fairness"], let by = fairness["by"]?.stringValue,
        let name = fairness["metric"]?.stringValue, let limit = fairness["at_most"]?.doubleValue
      else {
        throw MLError(
          .invalidParameter,
          "guardrails: must be conditions such as 'recall >= 0.5' or {fairness: {metric, by, at_most}}.",
          field: "guardrails")
      }
      return .fairness(try FairnessLimit(metric: FairnessMetric(named: name), by: by, atMost: limit))
    }
    let limits = try Self.limits(project.objective.constraints)
    return Gate(goal: goal, guardrails: guardrails + limits, mustBeatChampion: project.mustBeatChampion)
  }
}

/// The settings of a request as a document, for the record.
enum ProjectSummary {
  static func json(_ request: TrainRequest) -> JSONValue {
    let project = request.project
    let testDigest = request.testFile.flatMap { try? FileSystem.digest(of: $0).digest.hex }
    let kinds = project.kinds.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
    let budget: JSONValue =
      switch project.training.budget {
      case .auto: "auto"
      case .trials(let count): .object([("trials", .integer(Int64(count)))])
      case .seconds(let seconds): .object([("seconds", .number(seconds))])
      }
    var json: JSONValue = [
      "model": .string(request.model), "kind": .string(request.kind),
      "reason": request.reason.map { .string($0) } ?? .null,
      "target": project.objective.target.map { .string($0) } ?? .null,
      "task": project.objective.task.map { .string($0.rawValue) } ?? "auto",
      "goal": project.objective.goal.map { .string($0) } ?? .null,
      "goal_is_point": .boolean(project.objective.goalIsPoint), "guardrails": .array(project.objective.guardrails),
      "costs": project.objective.costs.map {
        ["false_positive": .number($0.falsePositive), "false_negative": .number($0.falseNegative)]
      } ?? .null, "private": .array(project.privateColumns.map { .string($0) }),
      "protected": .array(project.protectedColumns.map { .string($0) }),
      "test_fraction": .number(project.testFraction), "split": project.split.json,
      "weights": project.weightsColumn.map { .string($0) } ?? .null,
      "class_weight": .string(project.training.classWeight.rawValue), "prepare": project.prepare,
      "algorithms": .array(project.training.algorithms.map { .string($0) }),
      "folds": .integer(Int64(project.training.folds)), "budget": budget,
      "kinds": .object(kinds),
      "positive": project.objective.positive.map { .string($0) } ?? .null,
      "test_file": request.testFile.map { .string(FileSystem.name($0)) } ?? .null,
      "test_digest": testDigest.map { .string($0) } ?? .null,
      "must_beat": project.mustBeatChampion ? "champion" : "baseline", "gate": project.gate.json,
    ]
    if !project.training.settings.isEmpty {
      json["algorithm_settings"] = .object(
        project.training.settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
    if !project.objective.constraints.isEmpty { json["constraints"] = project.objective.constraints.json }
    if project.objective.preference != .accuracy { json["prefer"] = .string(project.objective.preference.rawValue) }
    if project.fairness != FairnessPlan() { json["fairness"] = project.fairness.json }
    return json
  }
}
