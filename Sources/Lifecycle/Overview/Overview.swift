package import Basics
import Evaluation
package import Storage

/// The whole loop at a glance: every model with what it reached, how it is doing, and what needs a person.
package struct Overview: Sendable {
  /// One model.
  package struct Model: Sendable {
    /// Its registration.
    package var model: RegisteredModel
    /// The version that answers; `nil` when none is champion.
    package var champion: ModelVersion?
    /// The newest version.
    package var newest: ModelVersion?
    /// Metric the champion was chosen by, with its test value and interval.
    package var metric: String
    /// Traffic of the champion over the last day.
    package var traffic: TrafficSummary
    /// Predictions of all versions.
    package var predictionCount: Int
    /// Predictions with a truth.
    package var labelledCount: Int
    /// The latest judged window.
    package var window: WindowRecord?
    /// Open findings.
    package var findings: [FindingRecord]
    /// What to type next, most urgent first.
    package var needs: [String]
  }

  /// Models in order of name.
  package var models: [Model]
  /// The newest runs.
  package var runs: [RunSummary]
  /// Whether the audit log's chain holds.
  package var audit: AuditVerdict

  /// Gathers it from `workspace`.
  package init(_ workspace: Workspace, now: Timestamp) throws {
    let day = Timestamp(microseconds: now.microseconds - 86_400_000_000)
    let end = Timestamp(microseconds: now.microseconds + 60_000_000)
    models = try workspace.models().map { model in
      let champion = try model.version(of: .champion).map { try workspace.modelVersion(model.name, $0) }
      let newest = try workspace.modelVersions(of: model.name).first
      let findings = try workspace.findings(model: model.name, states: [.open])
      let window = try workspace.windows(model: model.name, version: champion?.version, limit: 1).first
      var entry = Model(
        model: model, champion: champion, newest: newest,
        metric: (champion ?? newest)?.summary["metric"]?.stringValue ?? "",
        traffic: try workspace.trafficSummary(model: model.name, version: champion?.version, from: day, to: end),
        predictionCount: try workspace.predictionCount(model: model.name),
        labelledCount: try workspace.labelledCount(LabelQuery(model: model.name)), window: window, findings: findings,
        needs: [])
      entry.needs = Self.needs(entry)
      return entry
    }
    runs = try workspace.runs(matching: RunQuery(limit: 10))
    audit = try workspace.verifyAudit()
  }

  private static func needs(_ entry: Model) -> [String] {
    var out: [String] = []
    let name = entry.model.name
    if let newest = entry.newest, newest.stage == .waiting {
      let open = (newest.gate?.approvalsNeeded ?? 0) - newest.approvals.count
      out.append(
        "\(newest.reference) waits for the approval of \(open) more \(open == 1 ? "person" : "persons"). "
          + "Do: apus models approve \(newest.reference) --by NAME")
    } else if entry.champion == nil {
      let why = entry.newest?.gate?.firstFailure?.why
      out.append("No version of \(name) passed its gate\(why.map { ": \($0)" } ?? ".") See: apus models show \(name)")
    }
    for finding in entry.findings.sorted(by: { $0.finding.severity > $1.finding.severity }).prefix(3) {
      out.append(finding.finding.message + (finding.finding.command.map { " Do: \($0)" } ?? ""))
    }
    return out
  }

  /// The document of `status --json`.
  package var json: JSONValue {
    [
      "models": .array(
        models.map { entry in
          let value = (entry.champion ?? entry.newest)?.metrics[entry.metric]
          return [
            "name": .string(entry.model.name), "champion": entry.champion.map { .string($0.reference) } ?? .null,
            "newest": entry.newest.map { .string($0.reference) } ?? .null, "metric": .string(entry.metric),
            "test": value ?? .null, "requests_24h": .integer(Int64(entry.traffic.count)),
            "predictions": .integer(Int64(entry.predictionCount)), "labelled": .integer(Int64(entry.labelledCount)),
            "window": entry.window.map { .string($0.verdict) } ?? .null,
            "findings": .array(entry.findings.map(\.json)), "needs": .array(entry.needs.map { .string($0) }),
          ]
        }),
      "runs": .array(runs.map(\.json)), "audit_intact": .boolean(audit.isIntact),
    ]
  }
}
