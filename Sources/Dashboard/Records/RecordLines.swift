import Basics
import Storage

/// Records of the workspace as lines of pages.
enum RecordLines {
  static let lowerIsBetter: Set<String> = [
    "rmse", "mae", "log_loss", "brier", "mape", "median_absolute_error", "pinball",
  ]

  static func measured(_ json: JSONValue?) -> Measured? {
    guard let json, let value = json["value"]?.doubleValue else { return nil }
    return Measured(value, low: json["low"]?.doubleValue, high: json["high"]?.doubleValue)
  }

  static func standing(_ severity: String) -> Standing {
    switch severity {
    case "critical": .bad
    case "warning": .attention
    default: .unknown
    }
  }

  static func finding(_ record: FindingRecord) -> FindingLine {
    let times = record.count > 1 ? "Seen \(record.count) times." : ""
    return FindingLine(
      standing(record.finding.severity.rawValue), record.finding.message, evidence: times,
      command: record.finding.command, model: record.finding.model, at: record.lastSeen)
  }

  static func finding(_ json: JSONValue, at time: Timestamp) -> FindingLine {
    FindingLine(
      standing(json["severity"]?.stringValue ?? ""), json["message"]?.stringValue ?? "", evidence: "",
      command: json["command"]?.stringValue, model: nil, at: time)
  }

  static func run(_ run: RunSummary) -> RunLine {
    let chosen = run.metrics.first { $0.split == "validation" }
    let test = run.metrics.first { $0.split == "test" && $0.name == chosen?.name }
    let seconds = run.finishedAt.map { Double($0.microseconds - run.createdAt.microseconds) * 1e-6 }
    let standing: Standing =
      switch run.state {
      case .finished: .good
      case .running: .unknown
      case .failed, .cancelled, .interrupted: .attention
      }
    return RunLine(
      id: run.id, model: run.modelVersion.map { String($0.prefix { $0 != "@" }) } ?? run.name, at: run.createdAt,
      seconds: seconds, algorithm: nil,
      metric: chosen?.name ?? "", test: test.map { Measured($0.value, low: $0.low, high: $0.high) },
      outcome: run.error ?? (run.modelVersion.map { "registered \($0)" } ?? run.state.rawValue), standing: standing)
  }

  static func version(_ version: ModelVersion, metric: String) -> ModelPage.VersionLine {
    var line = ModelPage.VersionLine(
      version: version.version, aliases: version.aliases.map(\.rawValue), test: measured(version.metrics[metric]),
      gatePassed: version.gate?.allPassed, run: version.run, at: version.createdAt)
    line.overriddenBy = version.override?.by
    line.openApprovals = version.stage == .waiting ? (version.gate?.approvalsNeeded ?? 0) - version.approvals.count : 0
    return line
  }

  static func candidate(_ json: JSONValue, isChosen: Bool) -> RunPage.CandidateLine {
    let validation = json["cross_validation"]
    let mean = validation?["mean"]?.doubleValue
    let error = validation?["standard_error"]?.doubleValue ?? 0
    let settings = (json["parameters"]?.objectValue ?? []).map { "\($0.0)=\($0.1.compact)" }.joined(separator: " ")
    var line = RunPage.CandidateLine(
      algorithm: json["algorithm"]?.stringValue ?? "", parameters: settings,
      validation: mean.map { Measured($0, low: $0 - 1.96 * error, high: $0 + 1.96 * error) },
      fitSeconds: json["fit_seconds"]?.doubleValue,
      predictMicroseconds: json["predict_microseconds_per_row"]?.doubleValue, isChosen: isChosen)
    line.failure =
      validation?["failure"]?.stringValue
      ?? validation?["dropped_after"]?.integerValue.map { "dropped after \($0) folds" }
    return line
  }

  static func gate(_ json: JSONValue) -> [GateCheckLine] {
    (json["checks"]?.arrayValue ?? []).map { check in
      GateCheckLine(
        name: check["name"]?.stringValue ?? "", passed: check["passed"]?.boolValue ?? false,
        value: check["value"]?.doubleValue, limit: check["limit"]?.doubleValue.map { Figures.number($0) } ?? "",
        why: check["why"]?.stringValue ?? "")
    }
  }

  static func audit(_ entry: AuditEntry) -> EventLine {
    let isStriking = entry.action.contains("refused") || entry.action == "gate.overridden"
    var text = "\(entry.action.replacing(".", with: " ")) \(entry.subject)"
    if let by = entry.details["by"]?.stringValue { text += " by \(by)" }
    if entry.action == "gate.overridden", let reason = entry.details["reason"]?.stringValue { text += ": \(reason)" }
    return EventLine(at: entry.time, actor: entry.actor, text: text, standing: isStriking ? .attention : .unknown)
  }

  static func drift(_ json: JSONValue) -> DriftColumnLine? {
    guard let name = json["name"]?.stringValue, let measured = measured(json) else { return nil }
    var line = DriftColumnLine(
      name: name, kind: json["kind"]?.stringValue ?? "", distance: json["distance"]?.stringValue ?? "",
      measured: measured,
      threshold: json["threshold"]?.doubleValue ?? 0, drifted: json["drifted"]?.boolValue ?? false)
    line.impact = json["impact"]?.doubleValue
    return line
  }

  static func realised(_ window: WindowRecord, metric: String) -> RealisedPoint? {
    guard let measured = measured(window.performance["metrics"]?[metric]) else { return nil }
    return RealisedPoint(
      at: window.from, measured: measured, rowCount: window.performance["rows"]?.integerValue.map(Int.init) ?? 0)
  }
}
