import Basics
import Evaluation
import Frames
import Modeling
import Tuning

/// What came of the promises a run was asked for: part of the gate, the run's record and the model card.
struct Promises: Sendable {
  /// How directions of columns are kept by the fitted model.
  var directions: [MonotoneProbe.Outcome] = []
  /// Gaps before and after mitigation and what it cost; `null` where nothing is mitigated.
  var mitigation: JSONValue = .null
  /// What the gate is told.
  var checks: [GateCheck] = []
}

extension TrainingSession {
  /// Rows on which directions are verified at the end.
  static let probeCount = 500
  /// Times another candidate is taken because the fitted one breaks a limit.
  static let retryCount = 5

  /// Searches and fits; where the model fitted on all rows breaks a limit, the next best candidate is taken.
  func chosenModel(
    _ table: TrainingTable, _ searching: CandidateSearch, fit: (CandidateSearch.Result) throws -> FinalModel
  ) throws -> (CandidateSearch.Result, FinalModel) {
    var found = try searching.run()
    try say(found.sentence)
    var model = try fit(found)
    // A repetition knows what was left out; it does not measure again.
    guard training.extent?.rowMicroseconds == nil, searching.terms.hasLimits else { return (found, model) }
    for _ in 0..<Self.retryCount {
      guard let breach = try breach(model, table, searching.terms) else { break }
      try say("Fitted on all rows, \(model.pipeline.algorithm) \(breach); the next best is taken.")
      found.extent.excluded.append(found.members.count > 1 ? CandidateSearch.mixture : found.chosen)
      found = try searching.decided(found.judged, found.folds, found.extent)
      try say(found.sentence)
      model = try fit(found)
    }
    return (found, model)
  }

  private var training: TrainingPlan { request.project.training }

  private func breach(_ model: FinalModel, _ table: TrainingTable, _ terms: TrainingTerms) throws -> String? {
    let size = try model.pipeline.members.reduce(0) { try $0 + CandidateProbe.sizeBytes($1) }
    var time: Double?
    if terms.constraints.rowMicroseconds != nil {
      let inputs = try table.training.withAudit()
      time = try CandidateProbe.rowMicroseconds(inputs) { try Judgement.score(model, $0) }
    }
    return terms.breach(rowMicroseconds: time, sizeBytes: size)
  }

  /// Verifies directions on training rows and compares groups before and after mitigation on the sealed ones.
  func promises(
    _ judgement: Judgement, _ table: TrainingTable, _ search: CandidateSearch.Result, _ terms: TrainingTerms
  ) throws -> Promises {
    var out = Promises()
    if !terms.constraints.monotone.isEmpty {
      out.directions = try MonotoneProbe(table.training.features, terms.constraints.monotone, rowCount: Self.probeCount)
        .outcomes { try Judgement.score(judgement.model, $0) }
      out.checks = out.directions.map(Self.check)
    }
    if let method = terms.fairness.mitigation {
      let report = try MitigationReport(
        judgement: judgement, table: table, search: search, terms: terms, preparation: preparation, context: context
      ).made(method)
      out.mitigation = report.json
      out.checks += report.checks
    }
    for check in out.checks { try say(check.why) }
    return out
  }

  private static func check(_ outcome: MonotoneProbe.Outcome) -> GateCheck {
    let column = outcome.direction.column
    let where_ = "on \(outcome.rowCount) rows, each led through \(outcome.valueCount) values"
    let why =
      outcome.isKept
      ? "Predictions are \(outcome.direction.word) in '\(column)' \(where_)."
      : "Predictions are not \(outcome.direction.word) in '\(column)' \(where_): they go the wrong way by up to "
        + "\(NumberText.shortest((outcome.worst * 1e6).rounded() / 1e6))."
    return GateCheck(
      name: "monotone \(column)", passed: outcome.isKept, value: outcome.worst, limit: 0, why: why)
  }

  /// What was promised and what was measured: part of `train --json` and of the archive's provenance.
  ///
  /// - Parameter measurements: of the archive; `nil` where the document must have the same bytes in every run.
  func document(
    _ promises: Promises, _ terms: TrainingTerms, excluded: [String], measurements: [String: Double]?
  ) -> JSONValue {
    var json: JSONValue = .object([])
    if let limit = terms.constraints.rowMicroseconds {
      var entry: JSONValue = ["limit": .number(limit)]
      if let value = measurements?["latency_p50_ms"] { entry["value"] = .finite(value * 1000) }
      json["latency_microseconds"] = entry
    }
    if let limit = terms.constraints.sizeBytes {
      var entry: JSONValue = ["limit": .integer(Int64(limit))]
      if let value = measurements?["size_bytes"] { entry["value"] = .integer(Int64(value)) }
      json["size_bytes"] = entry
    }
    if !promises.directions.isEmpty { json["monotone"] = .array(promises.directions.map(\.json)) }
    if !excluded.isEmpty { json["excluded_algorithms"] = .array(excluded.map { .string($0) }) }
    return json
  }
}

extension TrainingTable {
  /// The protected columns among the features: for models whose decisions hang on the group.
  func showingProtected() throws -> TrainingTable {
    var copy = self
    copy.training.features = try training.withAudit().withCanonicalCategories()
    copy.test.features = try test.withAudit().conformed(to: copy.training.features.schema)
    return copy
  }
}
