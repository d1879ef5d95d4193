package import Basics
import Evaluation
import Frames
package import Modeling
package import Monitoring
package import Storage

/// What watching found: the document of `watch --json`.
package struct WatchReport: Sendable {
  /// Drift of every column and of the predictions.
  package var drift: DriftReport
  /// How the model did where the truth is known: `{"rows", "metrics", "expected", "verdict"}`.
  package var performance: JSONValue
  /// Of drift and performance.
  package var findings: [Finding]
  /// What was watched, e.g. `412 rows of new.csv`.
  package var subject: String

  /// The document.
  package var json: JSONValue {
    var out = drift.json
    out["subject"] = .string(subject)
    out["rows"] = .integer(Int64(drift.rowCount))
    out["verdict"] = .string(drift.sentence)
    out["performance"] = performance
    out["findings"] = .array(findings.map(\.json))
    return out
  }
}

/// Compares rows with what the archive remembers of training; needs no training data.
package enum Watching {
  /// Watches the rows of a file.
  package static func file(_ path: String, with model: LoadedModel, context: LifecycleContext) throws -> WatchReport {
    let archive = model.archive
    var fields = archive.contract.fields
    fields.append(archive.targetField)
    let options = SourceOptions(
      contract: try Schema(fields), invalidCells: .missing, workers: context.workers, optionalColumns: [archive.target])
    let (frame, _) = try FrameSources.read(path, options: options)
    let features = try frame.selecting(archive.contract.names).conformed(to: archive.contract)
    let predictions = try archive.score(features, workers: context.workers)
    var performance = JSONValue.null
    var findings: [Finding] = []
    if frame.schema.index(of: archive.target) != nil {
      let (cleaned, _) = try Labels.cleaned(frame, target: archive.target, known: archive.classes)
      let reading = TargetReading(column: archive.target, task: archive.task, classNames: archive.classes)
      if let (rows, target) = try? reading.target(of: cleaned, in: path), !rows.isEmpty {
        (performance, findings) = try Realised.judge(
          predictions.gathered(rows), target, features: features.gathered(rows), model: model, context: context)
      }
    }
    return try report(
      features, predictions, model, subject: "\(features.rowCount) rows of \(FileSystem.name(path))",
      performance: performance, findings: findings, context: context)
  }

  /// Watches what was served: the predictions of `version` in `from ..< to`.
  package static func traffic(
    of model: LoadedModel, in workspace: Workspace, from: Timestamp? = nil, to: Timestamp? = nil,
    context: LifecycleContext
  ) throws -> WatchReport {
    guard let version = model.version else {
      throw MLError(
        .invalidParameter, "watch: \(model.reference) is a file; served traffic belongs to a registered model.",
        hint: "Name a file to compare with --data FILE.")
    }
    var rows: [JSONValue] = []
    let query = PredictionQuery(model: version.model, version: version.version, from: from, to: to, limit: Int.max - 1)
    try workspace.forEachPrediction(matching: query) { rows.append(try JSONValue(parsing: $0.features)) }
    let features = try RowDecoder(contract: model.archive.contract).decode(rows).frame
    let predictions = try model.archive.score(features, workers: context.workers)
    let labelled = try workspace.labelled(
      LabelQuery(model: version.model, version: version.version, from: from, to: to))
    let (performance, findings) = try Realised.judge(labelled, model: model, context: context)
    return try report(
      features, predictions, model, subject: "\(rows.count) predictions of \(model.reference)",
      performance: performance, findings: findings, context: context)
  }

  private static func report(
    _ features: Frame, _ predictions: Predictions, _ model: LoadedModel, subject: String, performance: JSONValue,
    findings: [Finding], context: LifecycleContext
  ) throws -> WatchReport {
    let archive = model.archive
    var window = WindowProfile(on: archive.profile)
    try window.add(features, predictions: predictions)
    var options = DriftOptions()
    options.model = archive.name
    var drift = try Drift.compare(window, options: options)
    let moved = drift.columns.filter { $0.drifted && archive.contract.index(of: $0.name) != nil }.map(\.name)
    if !moved.isEmpty {
      let impacts = try DriftImpact.measure(
        columns: moved, window: features, reference: archive.profile, seed: context.seed.derived("impact"),
        score: { try archive.score($0) })
      drift.rank(by: Dictionary(impacts.map { ($0.column, $0.impact) }, uniquingKeysWith: { first, _ in first }))
    } else {
      drift.rank(by: [:])
    }
    return WatchReport(
      drift: drift, performance: performance, findings: drift.findings + findings, subject: subject)
  }
}

/// How a model did where the truth is known.
package enum Realised {
  /// Judges served predictions that have a truth.
  static func judge(
    _ labelled: [LabelledPrediction], model: LoadedModel, context: LifecycleContext
  ) throws -> (JSONValue, [Finding]) {
    guard !labelled.isEmpty else { return (.null, []) }
    let archive = model.archive
    let rows = try labelled.map { try JSONValue(parsing: $0.prediction.features) }
    let features = try RowDecoder(contract: archive.contract).decode(rows).frame
    let (kept, target) = try truths(labelled.map(\.truth), archive)
    guard !kept.isEmpty else { return (.null, []) }
    let known = features.gathered(kept)
    return try judge(
      archive.score(known, workers: context.workers), target, features: known, model: model, context: context)
  }

  /// Truths as a target: rows whose truth is a known class, or a number.
  package static func truths(_ truths: [Outcome], _ archive: ModelArchive) throws -> (rows: [Int], target: Target) {
    var kept: [Int] = []
    if archive.task == .regression {
      var values: [Double] = []
      for (row, truth) in truths.enumerated() {
        switch truth {
        case .number(let value): values.append(value)
        case .text(let text):
          guard let value = Double(text), value.isFinite else { continue }
          values.append(value)
        }
        kept.append(row)
      }
      return (kept, .values(values))
    }
    let codes = Dictionary(uniqueKeysWithValues: archive.classes.enumerated().map { ($1, Int32($0)) })
    var out: [Int32] = []
    for (row, truth) in truths.enumerated() {
      let text: String =
        switch truth {
        case .text(let text): text
        case .number(let value): NumberText.shortest(value)
        }
      guard let code = codes[text] else { continue }
      out.append(code)
      kept.append(row)
    }
    return (kept, .classes(codes: out, names: archive.classes))
  }

  static func judge(
    _ predictions: Predictions, _ target: Target, features: Frame, model: LoadedModel, context: LifecycleContext
  ) throws -> (JSONValue, [Finding]) {
    let archive = model.archive
    let options = BootstrapOptions(seed: context.seed.derived("intervals"), workers: context.workers)
    let report = try Intervals.evaluateAll(
      predictions, target, rowKeys: RowKeys.hashes(features), options: options)
    let metric = try MetricCatalog.metric(named: archive.metric)
    var verdict = "The truth of \(target.count) rows is known."
    var findings: [Finding] = []
    if let now = report[archive.metric], let then = archive.metrics[archive.metric] {
      let tested = archive.provenance["test"]?["rows"]?.integerValue.map(Int.init) ?? 0
      let judged = PerformanceWindow(
        metric: archive.metric, higherIsBetter: type(of: metric).higherIsBetter,
        realised: MetricReading(value: now.value, low: now.low, high: now.high, rowCount: target.count),
        promised: MetricReading(value: then.value, low: then.low, high: then.high, rowCount: tested))
      verdict = judged.sentence
      findings += judged.finding(model: archive.name).map { [$0] } ?? []
    }
    return (
      [
        "rows": .integer(Int64(target.count)), "metrics": report.json, "expected": archive.metrics.json,
        "verdict": .string(verdict),
      ], findings
    )
  }
}
