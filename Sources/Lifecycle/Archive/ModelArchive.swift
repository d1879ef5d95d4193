package import Basics
package import Evaluation
package import Frames
package import Modeling
package import Monitoring

/// Everything a model is, in one file: contract, preparation, model, calibration, threshold, training profile, golden
/// rows, metrics, gate result, provenance. Every path that scores goes through it.
package struct ModelArchive: Sendable {
  /// Name of the model.
  package var name: String
  /// Project it belongs to.
  package var project: String
  /// Kind of problem.
  package var task: Basics.Task
  /// Target column.
  package var target: String
  /// Name of the metric it was chosen by.
  package var metric: String
  /// Fitted preparation and model, or a few of them whose predictions are averaged.
  package var pipeline: Committee
  /// Correction of probabilities, when it helped.
  package var calibrator: Calibrator?
  /// Decision rule other than the largest probability.
  package var threshold: DecisionThreshold?
  /// Thresholds by protected group, which take the place of `threshold`; the contract then holds those columns.
  package var groups: GroupDecision?
  /// What intervals or sets of any coverage are made of; `nil` in archives of releases that kept none, and for tasks
  /// without truth.
  package var conformal: ConformalScores?
  /// Statistics of the training rows and of predictions for rows not trained on.
  package var profile: FrameProfile
  /// Rows whose predictions are verified at each load.
  package var golden: GoldenRows
  /// Test metrics with intervals.
  package var metrics: MetricReport
  /// Share of each raw column in the predictions, by permutation on held-out rows.
  package var importance: [(column: String, value: Double)]
  /// What was done to the columns, in plain words.
  package var plan: [String]
  /// Gate result and where all of it came from: dataset digest, split, seed, versions, project file.
  package var provenance: JSONValue

  /// Raw columns a row must have. A quantity that was whole in training may have a fraction in a row to predict.
  package var contract: Schema {
    let isQuantitative = [.classification, .regression, .anomaly, .clustering].contains(task)
    let own = isQuantitative ? pipeline.schema.acceptingFractions() : pipeline.schema
    guard let groups else { return own }
    return (try? Schema(own.fields + groups.fields)) ?? own
  }
  /// Class names in code order; empty for regression.
  package var classes: [String]

  /// Writes the sections.
  package func encoded() throws -> [UInt8] {
    var writer = ArchiveWriter()
    writer.set("kind", "apus-model")
    writer.set("apus_version", .string(Release.version))
    writer.set("name", .string(name))
    writer.set("project", .string(project))
    writer.set("task", .string(task.rawValue))
    writer.set("target", .string(target))
    writer.set("classes", .array(classes.map { .string($0) }))
    writer.set("metric", .string(metric))
    writer.set("calibrator", try calibrator.map { try Configuration.encode($0) } ?? .null)
    writer.set("threshold", try threshold.map { try Configuration.encode($0) } ?? .null)
    if let groups { writer.set("group_thresholds", try groups.json()) }
    if let conformal {
      writer.scoped("conformal") {
        $0.set("rows", .integer(Int64(conformal.rowCount)))
        $0.add("limits", doubles: conformal.limits)
      }
    }
    writer.set("profile", try Configuration.encode(profile))
    writer.set("metrics", metrics.json)
    writer.set("importance", .array(importance.map { ["column": .string($0.column), "value": .number($0.value)] }))
    writer.set("plan", .array(plan.map { .string($0) }))
    writer.set("provenance", provenance)
    try writer.scoped("pipeline") { try pipeline.write(to: &$0) }
    writer.scoped("golden") { golden.write(to: &$0) }
    return writer.encoded()
  }

  /// Reads an archive and scores its golden rows: it loads only if every output is equal to the last bit.
  ///
  /// - Throws: `.corruptFile` naming what is damaged or does not agree, `.unsupportedVersion`.
  package init(from archive: ArchiveReader, registry: Registry) throws {
    guard try archive.string("kind") == "apus-model", let task = Basics.Task(rawValue: try archive.string("task"))
    else {
      throw archive.corrupt("is not a model this version knows")
    }
    self.task = task
    name = try archive.string("name")
    project = try archive.string("project")
    target = try archive.string("target")
    metric = try archive.string("metric")
    classes = try archive.value("classes").arrayValue?.compactMap(\.stringValue) ?? []
    let calibrator = try archive.value("calibrator")
    self.calibrator = calibrator.isNull ? nil : try Configuration.decode(Calibrator.self, from: calibrator)
    let threshold = try archive.value("threshold")
    self.threshold = threshold.isNull ? nil : try Configuration.decode(DecisionThreshold.self, from: threshold)
    profile = try Configuration.decode(FrameProfile.self, from: archive.value("profile"))
    metrics = try Configuration.decode(MetricReport.self, from: archive.value("metrics"))
    importance = try (archive.value("importance").arrayValue ?? []).map { entry in
      guard let column = entry["column"]?.stringValue, let value = entry["value"]?.doubleValue else {
        throw archive.corrupt("has a damaged list of importances")
      }
      return (column, value)
    }
    plan = try archive.value("plan").arrayValue?.compactMap(\.stringValue) ?? []
    provenance = try archive.value("provenance")
    pipeline = try Committee(from: archive.scoped("pipeline"), registry: registry)
    if archive.has("group_thresholds") {
      groups = try GroupDecision(json: archive.value("group_thresholds"))
      guard let groups, (try? Schema(pipeline.schema.fields + groups.fields)) != nil else {
        throw archive.corrupt("has group thresholds by a column that the model reads")
      }
    }
    let scores = archive.scoped("conformal")
    if scores.has("limits") {
      conformal = try ConformalScores(
        rowCount: Int(scores.value("rows").integerValue ?? 0), classes: classes, limits: scores.doubles("limits"))
    }
    golden = try GoldenRows(from: archive.scoped("golden"))
    guard task == .clustering || (task == .classification) == (classes.count >= 2) else {
      throw archive.corrupt("has no classes")
    }
    guard try golden.agree(with: self) else {
      throw archive.corrupt("does not reproduce its golden rows on this machine")
    }
  }

  init(
    name: String, project: String, task: Basics.Task, target: String, classes: [String], metric: String,
    pipeline: Committee, calibrator: Calibrator?, threshold: DecisionThreshold?, profile: FrameProfile,
    golden: GoldenRows, metrics: MetricReport, importance: [(column: String, value: Double)], plan: [String],
    provenance: JSONValue
  ) {
    self.name = name
    self.project = project
    self.task = task
    self.target = target
    self.classes = classes
    self.metric = metric
    self.pipeline = pipeline
    self.calibrator = calibrator
    self.threshold = threshold
    self.profile = profile
    self.golden = golden
    self.metrics = metrics
    self.importance = importance
    self.plan = plan
    self.provenance = provenance
  }

  /// Opens the archive at `path`.
  package static func open(_ path: String, registry: Registry = .standard) throws -> ModelArchive {
    try ModelArchive(from: ArchiveReader(path: path), registry: registry)
  }

  /// Scores rows: contract, preparation, model, calibration, threshold.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column.
  package func score(_ frame: Frame, workers: Workers = .serial) throws -> Predictions {
    let raw = try pipeline.predict(frame.conformed(to: pipeline.schema), workers: workers)
    if task == .anomaly { return Self.decided(raw, pipeline) }
    let finished = try Self.finish(raw, calibrator, threshold)
    return try groups?.applied(to: finished, frame) ?? finished
  }

  /// Anomaly scores with what they decide: 1 at the detector's threshold and above.
  static func decided(_ raw: Predictions, _ pipeline: Committee) -> Predictions {
    guard let scores = raw.values, let detector = pipeline.members[0].model as? any AnomalyModel else { return raw }
    return Predictions(raw.storage, decisions: scores.map { $0 >= detector.threshold ? 1 : 0 })
  }

  static func finish(_ raw: Predictions, _ calibrator: Calibrator?, _ threshold: DecisionThreshold?) throws
    -> Predictions
  {
    var predictions = raw
    if let calibrator { predictions = calibrator.applied(to: predictions) }
    if let threshold { predictions = threshold.applied(to: predictions) }
    return predictions
  }
}
