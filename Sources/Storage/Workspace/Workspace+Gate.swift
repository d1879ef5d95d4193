public import Basics

extension Workspace {
  /// Keeps a gate's judgement of a version's archive; the latest judgement of a version counts.
  ///
  /// The record is bound to the archive's digest, and its own digest goes into the audit log.
  ///
  /// - Parameter approvals: how many persons must approve the version before it may be promoted.
  /// - Throws: `.invalidParameter` when there is no check; `.notFound` for an unknown version.
  @discardableResult
  public func recordGate(
    _ checks: [GateCheckRecord], for model: String, _ version: Int, approvals: Int = 0, actor: String,
    run: String? = nil
  ) throws -> GateRecord {
    guard !checks.isEmpty, approvals >= 0 else {
      throw MLError(.invalidParameter, "gate of \(model)@\(version): must have at least one check.")
    }
    let now = clock.now()
    return try database.write { connection in
      let target = try Self.version(connection, model, version)
      // Written as JSON and read back, so that the digest is over what a later reader sees.
      let checks = try checks.map { try GateCheckRecord(json: JSONValue(parsing: $0.json.compact)) }
      let result = try Self.once(connection, run: run, action: "gate.\(target.reference)", at: now) {
        let digest = GateRecord(
          sequence: 0, model: model, version: version, archive: target.archive, checks: checks,
          approvalsNeeded: approvals, evaluatedAt: now, digest: target.archive
        ).expectedDigest
        let passed = checks.allSatisfy(\.holds)
        try connection.execute(
          """
          INSERT INTO gate_record (model, version, archive, checks, passed, approvals, evaluated_at, digest)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
          [
            .text(model), .integer(version), .digest(target.archive), .json(.array(checks.map(\.json))),
            .boolean(passed), .integer(approvals), .time(now), .digest(digest),
          ])
        let sequence = connection.lastKey
        try Self.appendAudit(
          connection, now, actor: actor, action: Self.gateRecorded, subject: target.reference,
          details: .object([
            ("archive", .string(target.archive.hex)), ("gate", .string(digest.hex)), ("passed", .boolean(passed)),
          ]))
        return .integer(sequence)
      }
      guard
        let row = try connection.first(
          "SELECT * FROM gate_record WHERE sequence = ?", [.integer(result.integerValue ?? 0)])
      else { throw MLError(.internalFailure, "gate of \(model)@\(version): was not found after it was kept.") }
      return try Self.gate(row)
    }
  }

  /// All gate records of a version, newest first.
  public func gateRecords(of model: String, _ version: Int) throws -> [GateRecord] {
    try database.read { connection in
      try connection.rows(
        "SELECT * FROM gate_record WHERE model = ? AND version = ? ORDER BY sequence DESC",
        [.text(model), .integer(version)]
      ).map(Self.gate)
    }
  }

  /// Why a version may not be promoted; `nil` when it may.
  public func promotionObstacle(_ model: String, _ version: Int) throws -> MLError? {
    do {
      try database.read { _ = try Self.verifiedGate($0, model, version) }
      return nil
    } catch let error as MLError where error.code == .conflict || error.code == .corruptFile {
      return error
    }
  }

  static let gateRecorded = "gate.recorded"

  static func latestGate(_ connection: Connection, _ model: String, _ version: Int) throws -> GateRecord? {
    try connection.first(
      "SELECT * FROM gate_record WHERE model = ? AND version = ? ORDER BY sequence DESC LIMIT 1",
      [.text(model), .integer(version)]
    ).map(gate)
  }

  /// The record that lets a version be promoted.
  ///
  /// Nothing is believed that can be worked out: the version's archive must be the one that was registered, the
  /// record's digest must follow from its content and stand in the audit log as the latest judgement, every check must
  /// hold by its own value and limit unless somebody overrode exactly this record, and as many different persons must
  /// have approved it as it asks for.
  ///
  /// - Throws: `.conflict` naming the check, its value and its limit, or the approvals that are lacking; `.corruptFile`
  ///   when records were changed by hand.
  static func verifiedGate(_ connection: Connection, _ model: String, _ version: Int) throws -> GateRecord {
    let gate = try intactGate(connection, model, version)
    try requireAdmission(connection, gate)
    return gate
  }

  /// The latest record of a version, once it is sure that nobody changed it, whatever it says.
  ///
  /// - Throws: `.conflict` when no gate has judged the version; `.corruptFile` when records were changed by hand.
  static func intactGate(_ connection: Connection, _ model: String, _ version: Int) throws -> GateRecord {
    let target = try Self.version(connection, model, version)
    let name = target.reference
    guard let gate = target.gate else {
      guard try lastAudit(connection, action: gateRecorded, subject: name) == nil else {
        throw tampered(name, "its gate record is gone")
      }
      throw MLError(
        .conflict, "\(name): cannot be promoted; no gate has judged it.",
        hint: "Train it again, so that its gate is evaluated: 'apus train'.")
    }
    guard
      try lastAudit(connection, action: registered, subject: name)?.details["archive"]?.stringValue
        == target.archive.hex
    else { throw tampered(name, "its archive is not the one that was registered") }
    guard gate.archive == target.archive else { throw tampered(name, "its gate record is about another archive") }
    let expected = gate.expectedDigest
    guard gate.digest == expected else { throw tampered(name, "its gate record was changed after it was written") }
    guard try lastAudit(connection, action: gateRecorded, subject: name)?.details["gate"]?.stringValue == expected.hex
    else { throw tampered(name, "its gate record is not the one the audit log names") }
    return gate
  }

  static func tampered(_ name: String, _ what: String) -> MLError {
    MLError(
      .corruptFile, "\(name): cannot be promoted or served; \(what).",
      hint: "Run 'apus doctor', and restore the workspace from a copy.")
  }

  static func refusal(_ name: String, _ gate: GateRecord) -> MLError {
    guard let check = gate.firstFailure else {
      return MLError(.conflict, "\(name): cannot be promoted; its gate record has no check.")
    }
    var measured = ""
    if let value = check.value, let limit = check.limit {
      let sign = check.relation.map { "\($0.rawValue) " } ?? ""
      measured = " is \(NumberText.shortest(value)), the limit is \(sign)\(NumberText.shortest(limit))"
    }
    let others = gate.checks.count { !$0.holds } - 1
    let rest = others > 0 ? "; \(others) more failed" : ""
    return MLError(
      .conflict, "\(name): cannot be promoted; check '\(check.name)' did not pass:\(measured) (\(check.why)\(rest)).",
      hint: "Train a better version, or take it upon yourself: apus models promote \(name) --override REASON --by NAME",
      field: check.name)
  }

  private static func gate(_ row: SQLRow) throws -> GateRecord {
    GateRecord(
      sequence: Int64(try row.integer("sequence")), model: try row.text("model"), version: try row.integer("version"),
      archive: try row.digest("archive"),
      checks: try (row.json("checks").arrayValue ?? []).map(GateCheckRecord.init(json:)),
      approvalsNeeded: try row.integer("approvals"),
      evaluatedAt: try row.time("evaluated_at"), digest: try row.digest("digest"))
  }
}
