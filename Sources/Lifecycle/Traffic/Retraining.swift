import Basics
import Evaluation
import Frames
import Modeling
package import Storage
import Tuning

/// The policy's cycle: new dataset version = old + labelled traffic, the same gate, promote or keep.
package struct Retraining: Sendable {
  let workspace: Workspace
  let context: LifecycleContext

  /// Retrains in `workspace`.
  package init(workspace: Workspace, context: LifecycleContext) {
    self.workspace = workspace
    self.context = context
  }

  /// Retrains `model`.
  ///
  /// - Parameters:
  ///   - project: target, goal, gate; as the champion's run had it unless a project file says otherwise.
  ///   - reason: for the story.
  /// - Throws: `.notFound` when the model has never been trained here, and what training throws.
  package func run(model: String, project override: ProjectFile?, reason: String?, runID: String?) throws -> TrainReport
  {
    let newest = try latestVersion(of: model)
    let archive = try Models.archive(of: newest, in: workspace, registry: context.registry)
    guard let hex = archive.provenance["dataset_digest"]?.stringValue,
      let version = try workspace.dataset(digest: Digest(hex: hex))
    else {
      throw MLError(
        .notFound, "retrain: the dataset of \(newest.reference) is not in this workspace.",
        hint: "Train again with: apus train FILE --target \(archive.target) --name \(model).")
    }
    context.observe(.stage("Gathering labelled traffic"))
    let parent = try Datasets.load(version, workspace: workspace, context: context)
    var dataset = parent
    let labelled = try unusedTraffic(of: model, since: parent)
    if labelled.isEmpty {
      context.observe(.done("no new labels; training again on \(version.reference)"))
    } else {
      let rows = try self.rows(labelled, parent, archive)
      dataset = try Datasets.extend(
        parent, with: rows,
        lineage: [
          "kind": "traffic", "model": .string(model), "rows": .integer(Int64(rows.rowCount)),
          "last_received_at": .string(labelled.map(\.receivedAt).max()?.description ?? ""),
        ], workspace: workspace, context: context)
      context.observe(
        .done("\(rows.rowCount) labelled rows join \(version.reference): now \(dataset.version.reference)"))
    }
    var project = override ?? Self.project(of: archive)
    // Sealed rows stay sealed: what was proposed once is kept.
    project.split = ResolvedSplit.kept(project.split, archive.provenance["split"])
    if project.objective.target == nil { project.objective.target = archive.target }
    if project.objective.task == nil { project.objective.task = archive.task }
    var request = TrainRequest(project: project, model: model, data: .dataset(dataset))
    request.kind = "retrain"
    request.reason = reason ?? "retrained with \(labelled.count) labelled predictions"
    request.runID = runID
    return try Trainer(workspace: workspace, context: context).run(request)
  }

  private func latestVersion(of model: String) throws -> ModelVersion {
    if let champion = try workspace.championVersion(of: model) { return champion }
    guard let newest = try workspace.modelVersions(of: model).first else {
      throw MLError.unknown("model", model, among: try workspace.models().map(\.name), in: "retrain")
    }
    return newest
  }

  /// Labelled predictions of any version of the model whose truth came after those the dataset already holds.
  private func unusedTraffic(of model: String, since parent: Dataset) throws -> [LabelledPrediction] {
    let last = parent.version.lineage["last_received_at"]?.stringValue.flatMap(Timestamp.init(iso8601:))
    return try workspace.labelled(LabelQuery(model: model, role: .champion, receivedAfter: last))
  }

  /// Labelled traffic as rows of the dataset's schema; columns the model does not read are missing.
  private func rows(_ labelled: [LabelledPrediction], _ parent: Dataset, _ archive: ModelArchive) throws -> Frame {
    let (kept, target) = try Realised.truths(labelled.map(\.truth), archive)
    let names = target.classNames
    let truths: [JSONValue] =
      switch target {
      case .classes(let codes, _): codes.map { .string(names[Int($0)]) }
      case .values(let values): values.map { .number($0) }
      }
    let objects = try zip(kept, truths).map { row, truth -> JSONValue in
      let features = try JSONValue(parsing: labelled[row].prediction.features)
      return .object(
        parent.frame.schema.fields.map { field in
          (field.name, field.name == archive.target ? truth : features[field.name] ?? .null)
        })
    }
    return try RowDecoder(contract: parent.frame.schema).decode(objects).frame
  }

  /// The project as the run that made `archive` had it.
  package static func project(of archive: ModelArchive) -> ProjectFile {
    let settings = archive.provenance["settings"] ?? .object([])
    var project = ProjectFile(project: archive.project)
    project.objective.target = archive.target
    project.objective.task = archive.task
    project.objective.goal = settings["goal"]?.stringValue
    project.objective.goalIsPoint = settings["goal_is_point"]?.boolValue ?? false
    project.objective.guardrails = settings["guardrails"]?.arrayValue ?? []
    project.objective.positive = archive.classes.count == 2 ? archive.classes[1] : nil
    if let costs = settings["costs"], let positive = costs["false_positive"]?.doubleValue,
      let negative = costs["false_negative"]?.doubleValue
    {
      project.objective.costs = .init(falsePositive: positive, falseNegative: negative)
    }
    project.privateColumns = settings["private"]?.arrayValue?.compactMap(\.stringValue) ?? []
    project.protectedColumns = settings["protected"]?.arrayValue?.compactMap(\.stringValue) ?? []
    project.testFraction = settings["test_fraction"]?.doubleValue ?? project.testFraction
    project.split = SplitPlan(json: settings["split"])
    project.weightsColumn = settings["weights"]?.stringValue
    project.training.classWeight = (settings["class_weight"]?.stringValue).flatMap(ClassWeight.init(rawValue:)) ?? .none
    project.prepare = settings["prepare"] ?? "auto"
    project.training.algorithms = settings["algorithms"]?.arrayValue?.compactMap(\.stringValue) ?? []
    project.training.settings = Dictionary(
      settings["algorithm_settings"]?.objectValue ?? [], uniquingKeysWith: { first, _ in first })
    project.training.folds = settings["folds"]?.integerValue.map(Int.init) ?? 5
    if let trials = settings["budget"]?["trials"]?.integerValue { project.training.budget = .trials(Int(trials)) }
    if let seconds = settings["budget"]?["seconds"]?.doubleValue { project.training.budget = .seconds(seconds) }
    for (name, kind) in settings["kinds"]?.objectValue ?? [] { project.kinds[name] = kind.stringValue }
    project.objective.constraints = TrainingConstraints(json: settings["constraints"])
    project.objective.preference = (settings["prefer"]?.stringValue).flatMap(Preference.init(rawValue:)) ?? .accuracy
    project.fairness = FairnessPlan(json: settings["fairness"])
    project.mustBeatChampion = settings["must_beat"]?.stringValue != "baseline"
    project.gate = GateSettings(settings["gate"])
    return project
  }
}
