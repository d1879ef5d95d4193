package import Basics
package import Storage

/// Trains again what a run trained, from the same rows with the same settings and seed, and compares the bytes.
package enum Reproducing {
  /// Repeats the run called `id`.
  ///
  /// - Parameter testFile: the file that took the place of the sealed rows, where there was one.
  /// - Returns: `{"run", "model", "reproduced", "archive", "expected", "seconds"}`.
  /// - Throws: `.notFound` for an unknown run, one that registered no version, or rows that are gone;
  ///   `.unsupportedVersion` when another release trained it.
  package static func run(
    _ id: String, testFile: String? = nil, workspace: Workspace, context: LifecycleContext
  ) throws -> JSONValue {
    let record = try workspace.run(id)
    guard let reference = record.summary.modelVersion else {
      throw MLError(
        .notFound, "reproduce: run '\(id)' registered no model version.", hint: "See what it did: apus runs show \(id)."
      )
    }
    let loaded = try Models.load(reference, workspace: workspace, registry: context.registry)
    guard let version = loaded.version else {
      throw MLError(.notFound, "reproduce: \(reference) is not in this workspace.")
    }
    let provenance = loaded.archive.provenance
    guard provenance["apus_version"]?.stringValue == Release.version else {
      throw MLError(
        .unsupportedVersion,
        "reproduce: \(reference) was trained by apus \(provenance["apus_version"]?.stringValue ?? "unknown"); this is "
          + "\(Release.version).", hint: "Use the release that trained it.")
    }
    guard TaskTable.tasks.contains(loaded.archive.task) == false else {
      throw MLError(
        .invalidParameter, "reproduce: runs of \(loaded.archive.task.rawValue) cannot be repeated by this version.")
    }
    let started = Machine.monotonicSeconds
    let request = try request(loaded, version, testFile, context, workspace)
    var own = context
    own.seed = Seed(UInt64(provenance["seed"]?.stringValue ?? "") ?? 0)
    let report = try Trainer(workspace: workspace, context: own).run(request)
    var json: JSONValue = ["run": .string(id), "model": .string(reference)]
    for key in ["reproduced", "archive", "expected"] { json[key] = report.json[key] ?? .null }
    json["seconds"] = .finite(Machine.monotonicSeconds - started)
    return json
  }

  private static func request(
    _ loaded: LoadedModel, _ version: ModelVersion, _ testFile: String?, _ context: LifecycleContext,
    _ workspace: Workspace
  ) throws -> TrainRequest {
    let provenance = loaded.archive.provenance
    let settings = provenance["settings"] ?? .object([])
    guard let reference = provenance["dataset"]?.stringValue, let dataset = try? workspace.dataset(reference),
      dataset.digest.hex == provenance["dataset_digest"]?.stringValue
    else {
      throw MLError(.notFound, "reproduce: the dataset of \(loaded.reference) is not in this workspace.")
    }
    var project = Retraining.project(of: loaded.archive)
    project.objective.target = settings["target"]?.stringValue
    project.objective.task = settings["task"]?.stringValue.flatMap(Basics.Task.init(rawValue:))
    project.objective.positive = settings["positive"]?.stringValue
    project.training.extent = SearchExtent(provenance["search"])
    var request = TrainRequest(
      project: project, model: version.model,
      data: .dataset(try Datasets.load(dataset, workspace: workspace, context: context)))
    request.kind = settings["kind"]?.stringValue ?? "train"
    request.reason = settings["reason"]?.stringValue
    request.reproduces = .init(expected: version.archive, champion: provenance["champion"]?.stringValue)
    if let name = settings["test_file"]?.stringValue {
      guard let testFile, try FileSystem.digest(of: testFile).digest.hex == settings["test_digest"]?.stringValue else {
        throw MLError(
          .invalidParameter, "reproduce: the run was judged on the test file '\(name)', which must be given as it was.",
          hint: "Add --test \(name).", field: "test")
      }
      request.testFile = testFile
    }
    return request
  }
}
