import Basics
import Evaluation
import Frames
import Modeling
import Monitoring
import Storage
import Tuning

/// What the sealed test rows say of a fitted model.
struct Judgement: Sendable {
  let model: FinalModel
  let table: TrainingTable
  let metric: any Metric
  let gate: Gate
  /// Test metrics with intervals.
  let test: MetricReport
  let verdict: FitVerdict
  let sentences: [String]
  let findings: [Finding]
  let training: Double?
  let validation: Double?
  private var evidence: GateEvidence
  private let importance: [(column: String, value: Double)]
  /// What the model and the champion say of the test rows.
  private let predictions: (own: Predictions, champion: Predictions?)
  /// The version it was compared with.
  let champion: String?
  /// How often the test rows of this dataset have been opened, this time included.
  var openings = 0
  /// Checks besides the gate's own: promises about the fitted model.
  var promises: [GateCheck] = []
  /// What folds within folds say, where rows are few.
  var nested: NestedEstimate.Result?

  init(
    model: FinalModel, table: TrainingTable, search: CandidateSearch.Result, metric: any Metric, gate: Gate,
    champion: (archive: ModelArchive, reference: String)?, context: LifecycleContext
  ) throws {
    self.model = model
    self.metric = metric
    self.gate = gate
    let rows = table.test
    self.table = table
    self.champion = champion?.reference
    let options = rows.bootstrap("intervals", context)
    let predictions = try Self.score(model, rows.features, workers: context.workers)
    test = try Intervals.evaluateAll(
      predictions, rows.target, weights: rows.weights, rowKeys: rows.units, options: options)
    let baseline = try model.baseline.predict(rows.features)
    let name = type(of: metric).card.name
    training = try Self.trainingValue(model, table, metric, context.workers)
    validation = search.winner.result.mean
    verdict = FitVerdict.judge(
      metric: metric, training: training, validation: validation, test: test[name],
      baseline: try metric.value(baseline, rows.target, weights: rows.weights))
    var evidence = GateEvidence(
      test: test,
      baseline: try Intervals.compare(
        metric, predictions, baseline, rows.target, weights: rows.weights, rowKeys: rows.units, options: options))
    var sentences = [verdict.sentence]
    var theirs: Predictions?
    if let champion {
      evidence.championName = champion.reference
      do {
        let scored = try champion.archive.score(rows.withAudit(), workers: context.workers)
        theirs = scored
        evidence.champion = try Intervals.compare(
          metric, predictions, scored, rows.target, weights: rows.weights, rowKeys: rows.units, options: options)
      } catch let error as MLError {
        sentences.append("\(champion.reference) cannot be compared on these rows: \(error.message)")
      }
    }
    for case .fairness(let limit) in gate.guardrails {
      if let report = try Fairness.evaluate(
        by: limit.by, rows.withAudit(), predictions, rows.target, weights: rows.weights, rowKeys: rows.units,
        options: options)
      {
        evidence.fairness.append(report)
      }
    }
    self.evidence = evidence
    self.predictions = (predictions, theirs)
    importance = try Self.importance(model, table, metric, context)
    self.sentences = sentences
    findings = Self.findings(verdict)
  }

  /// Shows the gate what the linter found, how the slices compare with the champion's, and how true probabilities are.
  mutating func gather(_ lint: [Finding], context: LifecycleContext) throws {
    let rows = table.test
    let probe = GateProbe(
      gate: gate, options: rows.bootstrap("gate", context))
    evidence.linterFindings = lint
    if let theirs = predictions.champion {
      evidence.slices = try probe.slices(metric, predictions.own, theirs, rows, importance: importance)
    }
    if let report = try probe.calibration(predictions.own, rows) {
      evidence.calibrationError = report.expectedError
      evidence.calibrationChance = report.chanceError
    }
  }

  private static func findings(_ verdict: FitVerdict) -> [Finding] {
    guard verdict.kind != .balanced else { return [] }
    return [Finding("fit-\(verdict.kind.rawValue)", .warning, verdict.sentence, evidence: verdict.json)]
  }

  static func score(_ model: FinalModel, _ frame: Frame, workers: Workers = .serial) throws -> Predictions {
    let finished = try ModelArchive.finish(
      model.pipeline.predict(frame.conformed(to: model.pipeline.schema), workers: workers), model.calibrator,
      model.threshold)
    return try model.groups?.applied(to: finished, frame) ?? finished
  }

  private static func trainingValue(
    _ model: FinalModel, _ table: TrainingTable, _ metric: any Metric, _ workers: Workers
  ) throws -> Double? {
    let count = table.training.rowCount
    let part = table.training.gathered(Array(stride(from: 0, to: count, by: max(1, count / 20_000))))
    return try metric.value(score(model, part.features, workers: workers), part.target, weights: part.weights)
  }

  private static func importance(
    _ model: FinalModel, _ table: TrainingTable, _ metric: any Metric, _ context: LifecycleContext
  ) throws -> [(column: String, value: Double)] {
    let effort = ScramblingEffort(columnCount: table.test.features.schema.count, repeats: 2)
    let part = effort.isWide ? table.test : table.test.gathered(Array(0..<min(table.test.rowCount, effort.rowCount)))
    return try Importance.permutation(
      part.features, part.target, metric: metric, weights: part.weights, rowKeys: part.keys, repeats: effort.repeats,
      maximumRowCount: effort.rowCount, seed: context.seed,
      workers: context.workers, score: { try score(model, $0) }
    ).map { ($0.column, $0.share) }
  }

  /// The archive's bytes.
  func archive(
    name: String, project: String, table: TrainingTable, provenance: JSONValue, context: LifecycleContext
  ) throws -> [UInt8] {
    let contract = try model.contract()
    let profile = try FrameProfile.reference(
      of: table.training.features.conformed(to: contract), predictions: predictions.own,
      workers: context.workers)
    let golden = try GoldenRows(table.test.features, keys: table.test.keys, contract: contract) {
      try Self.score(model, $0)
    }
    var provenance = provenance
    provenance["test"] = [
      "rows": .integer(Int64(table.test.rowCount)), "training_rows": .integer(Int64(table.training.rowCount)),
    ]
    provenance["split"] = table.split.json
    provenance["gate"] = GateResult(checks: evaluateGate().checks.filter { !Self.isOfArchive($0) }).json
    provenance["verdict"] = verdict.json
    var archive = ModelArchive(
      name: name, project: project, task: table.reading.task, target: table.reading.column,
      classes: table.reading.classNames, metric: type(of: metric).card.name, pipeline: model.pipeline,
      calibrator: model.calibrator, threshold: model.threshold, profile: profile, golden: golden, metrics: test,
      importance: importance, plan: model.plan, provenance: provenance)
    archive.groups = model.groups
    let held = model.heldOut
    archive.conformal = try ConformalScores(
      model.outOfFold, held.target, weights: held.weights, rowKeys: held.keys)
    return try archive.encoded()
  }

  /// Reads the archive back, compares its predictions for all test rows bit for bit, and times single rows.
  mutating func measure(_ archive: [UInt8], test rows: TrainingTable.Part, context: LifecycleContext) throws {
    let loaded = try ModelArchive(
      from: ArchiveReader(bytes: archive, origin: "new archive"), registry: context.registry)
    let before = try PredictionRows.frame(predictions.own)
    let after = try PredictionRows.frame(loaded.score(rows.features, workers: context.workers))
    evidence.parityMismatchCount =
      before == after
      ? 0
      : (0..<rows.rowCount).count { row in
        before.gathered([row]) != after.gathered([row])
      }
    evidence.measurements = try LatencyProbe.measurements(loaded, rows.features, sizeBytes: archive.count)
    evidence.contractProblems = try ContractProbe.problems(
      loaded, trained: model.pipeline.schema, secret: secret, rows: rows.features)
  }

  /// Columns that no model may read.
  private var secret: Set<String> {
    Set(table.test.audit.schema.fields.map(\.name) + table.secretColumns + [table.reading.column])
      .subtracting(model.groups?.fields.map(\.name) ?? [])
  }

  /// Whether a check is about the archive itself: it is measured on the finished bytes and so cannot stand in them.
  static func isOfArchive(_ check: GateCheck) -> Bool {
    let measured = Goal.measurements.filter { $0 != "calibration_error" }
    return ["parity", "contract", "latency", "size"].contains(check.name)
      || measured.contains { check.name.hasPrefix("guardrail \($0) ") }
  }

  func evaluateGate() -> GateResult { GateResult(checks: gate.evaluate(evidence).checks + promises) }

  /// What was measured besides metrics, by the names of `Goal.measurements`.
  var measurements: [String: Double] { evidence.measurements }

  /// A value with its interval, for people.
  static func text(_ value: MetricValue) -> String {
    func short(_ x: Double) -> String { NumberText.shortest((x * 1e4).rounded() / 1e4) }
    return "\(short(value.value)) (\(short(value.low)) … \(short(value.high)))"
  }

  /// Metrics as a run keeps them.
  var runMetrics: [RunMetric] {
    let name = type(of: metric).card.name
    var out = test.entries.map {
      RunMetric($0.name, $0.value.value, low: $0.value.low, high: $0.value.high, split: "test")
    }
    if let validation { out.append(RunMetric(name, validation, split: "validation")) }
    if let training { out.append(RunMetric(name, training, split: "train")) }
    if let nested {
      out.append(
        RunMetric(name, nested.value.value, low: nested.value.low, high: nested.value.high, split: "nested"))
    }
    return out
  }
}

extension Judgement {
  /// The document of `train --json`.
  func report(
    run: String, reference: String, table: TrainingTable, search: CandidateSearch.Result, gate: GateResult,
    findings: [Finding], promoted: Bool, seconds: Double
  ) -> JSONValue {
    let name = type(of: metric).card.name
    return [
      "run": .string(run), "model": .string(reference), "task": .string(table.reading.task.rawValue),
      "target": .string(table.reading.column), "metric": .string(name), "test": test.json,
      "train_value": .finite(training), "validation_value": .finite(validation),
      "candidates": .array(search.judged.map { $0.json(metric: name) }),
      "chosen": .integer(Int64(search.chosen)),
      "members": .array(search.members.map { ["candidate": .integer(Int64($0.index)), "weight": .number($0.weight)] }),
      "higher_is_better": .boolean(type(of: metric).higherIsBetter), "gate": gate.json, "promoted": .boolean(promoted),
      "verdict": verdict.json, "plan": .array(model.plan.map { .string($0) }),
      "split": table.split.json, "nested": nested?.json ?? .null, "notes": .array(table.sentences.map { .string($0) }),
      "importance": .array(importance.map { ["column": .string($0.column), "value": .number($0.value)] }),
      "rows": ["training": .integer(Int64(table.training.rowCount)), "test": .integer(Int64(table.test.rowCount))],
      "sealed_openings": .integer(Int64(openings)), "findings": .array(findings.map(\.json)),
      "seconds": .finite(seconds), "peak_memory_bytes": .integer(Int64(Machine.peakMemoryBytes)),
    ]
  }
}
