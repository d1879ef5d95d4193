import Basics
import Evaluation
import Frames
import Modeling
import Monitoring
import Storage
import Tuning

/// One training run, stage by stage.
struct TrainingSession: Sendable {
  let run: String
  let request: TrainRequest
  let gate: Gate
  let preparation: Preparation
  let workspace: Workspace
  let context: LifecycleContext

  func execute() throws -> TrainReport {
    let started = Machine.monotonicSeconds
    let dataset = try gather()
    var table = try seal(dataset)
    var findings = try lint(&table)
    let metric = try primaryMetric(table)
    let store = trialStore(dataset)
    let terms = try TrainingTerms(request.project, gate: gate).resolved(table, context: context)
    let (search, fitted) = try chosenModel(table, search(table, metric, store, terms)) { found in
      context.observe(.done("\(found.judged.count) candidates; best: \(found.winner.candidate.algorithm)"))
      return try finalFit(table, found, terms)
    }
    if let finding = terms.finding(excluded: search.excluded) { findings.append(finding) }
    if fitted.groups != nil { table = try table.showingProtected() }
    let nested = try nestedEstimate(table, metric, search, terms)
    var judged = try judge(fitted, table, dataset, search, metric, &findings)
    judged.nested = nested
    let report = try register(
      judged, table: table, dataset: dataset, search: search, terms: terms, findings: findings, started: started)
    store.clear()
    return report
  }

  // MARK: gather and seal

  func gather() throws -> Dataset {
    switch request.data {
    case .dataset(let dataset):
      try workspace.setDatasets([dataset.version.digest], of: run)
      return dataset
    case .files(let paths):
      context.observe(.stage("Reading \(paths.map { FileSystem.name($0) }.joined(separator: ", "))"))
      let kinds = request.project.kinds.compactMapValues(ColumnKind.init(rawValue:))
      let dataset = try Datasets.importFiles(
        paths, name: request.project.project, kinds: kinds, workspace: workspace, context: context)
      try workspace.setDatasets([dataset.version.digest], of: run)
      for note in dataset.notes { try say(note) }
      context.observe(
        .done(
          "\(dataset.frame.rowCount) rows × \(dataset.frame.schema.count) columns, kept as \(dataset.version.reference)"
        ))
      return dataset
    }
  }

  private func seal(_ dataset: Dataset) throws -> TrainingTable {
    context.observe(.stage("Sealing the test rows"))
    var test: (frame: Frame, place: String)?
    if let path = request.testFile { test = try readTestFile(path, dataset) }
    let table = try TrainingTable(
      dataset, testFrame: test, project: request.project, seed: Seed(Self.splitSeed))
    for sentence in table.sentences { try say(sentence) }
    context.observe(.done("\(table.training.rowCount) rows to learn from, \(table.test.rowCount) sealed"))
    return table
  }

  /// The split never changes with the run's seed: a row that was sealed once stays sealed.
  static let splitSeed: UInt64 = 0x4150_5553

  func readTestFile(_ path: String, _ dataset: Dataset) throws -> (frame: Frame, place: String) {
    let place = FileSystem.name(path)
    let schema = dataset.frame.schema
    let target = try request.project.objective.target.map { schema.fields[try schema.resolve($0, in: place)].name }
    let isOfIDs = [.recommendation, .forecasting].contains(request.project.objective.task)
    var (frame, report) = try FrameSources.read(
      path,
      options: SourceOptions(
        contract: isOfIDs ? schema : schema.acceptingFractions(except: Set([target].compactMap { $0 })),
        workers: context.workers))
    for note in report.notes { try say("\(place): \(note)") }
    if let name = target {
      let (cleaned, note) = try Labels.cleaned(frame, target: name, like: dataset.frame)
      frame = cleaned
      if let note { try say("\(place): \(note)") }
    }
    return (frame, place)
  }

  private func lint(_ table: inout TrainingTable) throws -> [Finding] {
    context.observe(.stage("Looking for traps in the data"))
    let findings =
      table.findings
      + TrainingLint().findings(
        table.training.features, target: table.training.target, named: table.reading.column)
    let left = try ColumnSelection.unusable(
      table.training.features, target: table.training.target, task: table.reading.task,
      algorithms: request.project.training.algorithms, context: context)
    if preparation.steps == nil, !left.columns.isEmpty {
      table.training.features = table.training.features.removing(left.columns)
      table.test.features = table.test.features.removing(left.columns)
      table.sentences += left.sentences
      for sentence in left.sentences { try say(sentence) }
    }
    guard table.training.features.schema.count > 0 else {
      throw MLError(
        .invalidData, "train: no usable column is left (all are constant, empty or identifiers).",
        hint: "Look at them with: apus data profile FILE.")
    }
    for finding in findings where finding.severity != .info { try say(finding.message) }
    context.observe(.done(findings.isEmpty ? "nothing found" : "\(findings.count) things to know"))
    return findings
  }

  private func primaryMetric(_ table: TrainingTable) throws -> any Metric {
    let standard = MetricCatalog.primary(for: table.reading.task, classCount: table.reading.classNames.count)
    guard let goal = gate.goal, !Goal.measurements.contains(goal.metric) else { return standard }
    let metric = try MetricCatalog.metric(named: goal.metric)
    guard type(of: metric).card.tasks.contains(table.reading.task) else {
      throw MLError(
        .invalidParameter, "goal: '\(goal.metric)' is not a metric of \(table.reading.task.rawValue).",
        hint: "Use one such as \(type(of: standard).card.name).", field: "goal")
    }
    return metric
  }

  // MARK: search and fit

  /// Where outcomes of trials are kept until the run ends, named by all they depend on.
  private func trialStore(_ dataset: Dataset) -> TrialStore {
    let identity: JSONValue = [
      "dataset": .string(dataset.version.digest.hex), "settings": ProjectSummary.json(request),
      "seed": .string(String(context.seed.value)), "version": .string(Release.version),
      "test": request.testFile.map { .string($0) } ?? .null,
    ]
    return TrialStore(
      folder: "\(workspace.path)/search/\(Digest(of: Array(identity.compact.utf8)).hex.prefix(32))", run: run,
      model: request.model)
  }

  private func search(
    _ table: TrainingTable, _ metric: any Metric, _ store: TrialStore, _ terms: TrainingTerms
  ) -> CandidateSearch {
    context.observe(.stage("Trying algorithms on \(request.project.training.folds) folds"))
    return CandidateSearch(
      table: table, metric: metric, preparation: preparation, training: request.project.training, store: store,
      terms: terms, context: context)
  }

  private func nestedEstimate(
    _ table: TrainingTable, _ metric: any Metric, _ search: CandidateSearch.Result, _ terms: TrainingTerms
  ) throws -> NestedEstimate.Result? {
    let estimate = NestedEstimate(
      table: table, metric: metric, preparation: preparation, project: request.project, terms: terms, context: context)
    if let reason = estimate.reasonToLeaveOut(search) {
      try say(reason)
      return nil
    }
    let found = try estimate.measure()
    if let found { try say(found.sentence) }
    return found
  }

  private func finalFit(
    _ table: TrainingTable, _ search: CandidateSearch.Result, _ terms: TrainingTerms
  ) throws -> FinalModel {
    context.observe(.stage("Fitting \(search.winner.candidate.algorithm) on all training rows"))
    let model = try FinalModel(table: table, search: search, preparation: preparation, terms: terms, context: context)
    for sentence in model.sentences { try say(sentence) }
    context.observe(.done("fitted"))
    return model
  }

  private func judge(
    _ model: FinalModel, _ table: TrainingTable, _ dataset: Dataset, _ search: CandidateSearch.Result,
    _ metric: any Metric, _ findings: inout [Finding]
  ) throws -> Judgement {
    let openings = try workspace.openSealedRows(of: dataset.version.digest, run: run, purpose: "judge \(request.model)")
    context.observe(.stage("Opening the sealed test rows (opening \(openings) of this dataset)"))
    var judgement = try Judgement(
      model: model, table: table, search: search, metric: metric,
      gate: request.project.gate.applied(to: gate, isProbabilistic: table.reading.task == .classification),
      champion: try champion(), context: context)
    judgement.openings = openings
    try judgement.gather(findings, context: context)
    for sentence in judgement.sentences { try say(sentence) }
    let value = judgement.test[type(of: metric).card.name]
    context.observe(.done(value.map { "\(type(of: metric).card.name) \(Judgement.text($0))" } ?? "judged"))
    findings += judgement.findings
    return judgement
  }

  func champion() throws -> (archive: ModelArchive, reference: String)? {
    if let known = request.reproduces {
      guard let reference = known.champion else { return nil }
      let loaded = try Models.load(reference, workspace: workspace, registry: context.registry)
      return (loaded.archive, reference)
    }
    guard let version = try workspace.championVersion(of: request.model) else { return nil }
    let archive = try Models.archive(of: version, in: workspace, registry: context.registry)
    return (archive, version.reference)
  }

  // MARK: register

  private func register(
    _ judgement: Judgement, table: TrainingTable, dataset: Dataset, search: CandidateSearch.Result,
    terms: TrainingTerms, findings: [Finding], started: Double
  ) throws -> TrainReport {
    let promises = try promises(judgement, table, search, terms)
    context.observe(.stage("Registering"))
    var judgement = judgement
    judgement.promises = promises.checks
    var provenance: JSONValue = [
      "dataset": .string(dataset.version.reference), "dataset_digest": .string(dataset.version.digest.hex),
      "seed": .string(String(context.seed.value)), "settings": ProjectSummary.json(request),
      "apus_version": .string(Release.version), "search": search.extent.json,
      "champion": judgement.champion.map { .string($0) } ?? .null,
    ]
    let kept = document(promises, terms, excluded: search.excluded, measurements: nil)
    if kept != .object([]) { provenance["constraints"] = kept }
    if promises.mitigation != .null { provenance["mitigation"] = promises.mitigation }
    let archive = try judgement.archive(
      name: request.model, project: request.project.project, table: table, provenance: provenance, context: context)
    if let known = request.reproduces { return try compare(archive, with: known) }
    try judgement.measure(archive, test: table.test, context: context)
    context.observe(.progress(0.5, "drawing up the report"))
    var analysis = try RunAnalysis(
      judgement: judgement, table: table, costs: request.project.objective.costs, context: context
    ).document(ModelArchive(from: ArchiveReader(bytes: archive, origin: "new archive"), registry: context.registry))
    let refits = RefitAnalysis(
      table: table, search: search, metric: judgement.metric, preparation: preparation,
      training: request.project.training, terms: terms, context: context, started: started)
    for sentence in try refits.add(to: &analysis) { try say(sentence) }
    let analysisDigest = try workspace.objects.put(Array(analysis.compact.utf8))
    let finished = judgement
    let pareto = try ParetoAnalysis(search: search, metric: judgement.metric, preference: terms.preference).document()
    return try register(
      Registration(
        archive: archive, algorithm: judgement.model.pipeline.algorithm, task: table.reading.task,
        target: table.reading.column, metric: type(of: judgement.metric).card.name, dataset: dataset.version.reference,
        test: judgement.test, runMetrics: judgement.runMetrics, openings: judgement.openings,
        gate: judgement.evaluateGate()
      ) { reference, promoted, result in
        var json = finished.report(
          run: run, reference: reference, table: table, search: search, gate: result, findings: findings,
          promoted: promoted, seconds: Machine.monotonicSeconds - started)
        json["analysis"] = .string(analysisDigest.hex)
        json["pareto"] = pareto
        json["constraints"] = document(
          promises, terms, excluded: search.excluded, measurements: finished.measurements)
        json["mitigation"] = promises.mitigation
        return json
      })
  }

  /// Ends a repeated training: nothing is registered.
  private func compare(_ archive: [UInt8], with known: TrainRequest.Reproduction) throws -> TrainReport {
    let digest = Digest(of: archive)
    let json: JSONValue = [
      "reproduced": .boolean(digest == known.expected), "archive": .string(digest.hex),
      "expected": .string(known.expected.hex),
    ]
    try workspace.finishRun(run, RunOutcome(state: .finished, report: json))
    return TrainReport(json: json)
  }

  /// What a judged model is registered with.
  struct Registration {
    let archive: [UInt8]
    let algorithm: String
    let task: Basics.Task
    let target: String
    let metric: String
    let dataset: String
    let test: MetricReport
    let runMetrics: [RunMetric]
    let openings: Int
    let gate: GateResult
    /// The document of `train --json`, given reference, promotion and the gate's result.
    let report: (_ reference: String, _ promoted: Bool, _ gate: GateResult) -> JSONValue
  }

  /// Keeps the archive, records the gate's word, promotes when it says so, ends the run.
  func register(_ entry: Registration) throws -> TrainReport {
    let result = entry.gate
    try context.checkCancellation()
    let digest = try workspace.objects.put(entry.archive)
    let version = try workspace.register(
      ModelDraft(
        model: request.model, project: request.project.project, run: run, archive: digest,
        summary: [
          "algorithm": .string(entry.algorithm), "task": .string(entry.task.rawValue),
          "target": .string(entry.target), "metric": .string(entry.metric),
          "goal": gate.goal.map { .string($0.description) } ?? .null, "dataset": .string(entry.dataset),
        ],
        metrics: entry.test.json, sealedOpenings: entry.openings), actor: context.actor)
    let checks = result.checks.map {
      GateCheckRecord(name: $0.name, passed: $0.passed, value: $0.value, limit: $0.limit, why: $0.why)
    }
    let approvals = request.project.gate.approvals
    _ = try workspace.recordGate(
      checks, for: version.model, version.version, approvals: approvals, actor: context.actor, run: run)
    var promoted = false
    if result.passed, approvals == 0 {
      _ = try workspace.promote(
        version.model, version.version, actor: context.actor, reason: request.reason ?? "passed its gate", run: run)
      try closeFindings(before: version)
      promoted = true
    }
    var json = entry.report(version.reference, promoted, result)
    if approvals > 0 { json["approvals"] = ["needed": .integer(Int64(approvals)), "given": []] }
    let decision = Self.decision(result, version.reference, promoted: promoted, approvals: approvals)
    try say(decision)
    try workspace.finishRun(
      run,
      RunOutcome(
        state: .finished, metrics: entry.runMetrics, candidates: json["candidates"] ?? .array([]),
        findings: json["findings"] ?? .array([]), gate: result.json, modelVersion: version.reference, report: json))
    context.observe(.done(decision))
    return TrainReport(json: json)
  }

  /// What was found of versions that no longer answer needs nobody any more.
  private func closeFindings(before version: ModelVersion) throws {
    for record in try workspace.findings(model: version.model, states: [.open, .acknowledged], limit: 1000) {
      guard let older = record.finding.version, older != version.version else { continue }
      _ = try workspace.setFinding(record.id, .closed, actor: context.actor)
    }
  }

  private static func decision(
    _ result: GateResult, _ reference: String, promoted: Bool, approvals: Int
  ) -> String {
    if promoted { return "\(reference) passed its gate and is now champion." }
    if result.passed {
      return "\(reference) passed its gate and waits for the approval of \(approvals) "
        + "\(approvals == 1 ? "person" : "persons"): apus models approve \(reference) --by NAME"
    }
    let why = result.refusals.joined(separator: " ")
    return "\(reference) is registered but not promoted. \(why)"
  }

  func say(_ sentence: String) throws {
    context.observe(.note(sentence))
    try workspace.record("note", sentence, in: run)
  }
}
