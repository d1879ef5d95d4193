import Basics

extension Workspace {
  /// Keeps a person's approval of a version's latest gate record.
  ///
  /// Names are compared without regard to case and spacing. Who trained a version cannot approve it; who approves may
  /// promote it. An approval is about one gate record and is void once the version is judged again.
  ///
  /// - Returns: the approvals of that record so far, this one included, oldest first.
  /// - Throws: `.conflict` when no approval is asked for, this person has approved already or trained the version;
  ///   `.invalidParameter` for an unusable name; `.corruptFile` when records were changed by hand.
  @discardableResult
  public func approve(_ model: String, _ version: Int, by name: String, actor: String) throws -> [ApprovalRecord] {
    let person = try PersonName(name, field: "by")
    let now = clock.now()
    return try database.write(.synced) { connection in
      let gate = try Self.intactGate(connection, model, version)
      let reference = "\(model)@\(version)"
      guard gate.approvalsNeeded > 0 else {
        throw MLError(
          .conflict, "\(reference): its gate asks for no approval.",
          hint: "Set 'gate: {approvals: 2}' in apus.yaml before training.")
      }
      try Self.requireForeign(connection, person, reference)
      let given = try Self.verifiedApprovals(connection, gate)
      guard !given.contains(where: { Self.key(of: $0) == person.key }) else {
        throw MLError(
          .conflict, "\(reference): '\(person.text)' has approved it already; somebody else must.", field: "by")
      }
      let draft = ApprovalRecord(
        sequence: 0, model: model, version: version, gate: gate.digest, by: person.text, actor: actor, time: now,
        digest: gate.digest)
      let digest = draft.expectedDigest
      try connection.execute(
        """
        INSERT INTO approval (model, version, gate, person, person_key, actor, time, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(model), .integer(version), .digest(gate.digest), .text(person.text), .text(person.key), .text(actor),
          .time(now), .digest(digest),
        ])
      try Self.appendAudit(
        connection, now, actor: actor, action: Self.approved, subject: reference,
        details: [
          "gate": .string(gate.digest.hex), "by": .string(person.text), "record": .string(digest.hex),
        ])
      return try Self.verifiedApprovals(connection, gate)
    }
  }

  /// All overrides of a version's gate records, newest first.
  public func overrides(of model: String, _ version: Int) throws -> [GateOverrideRecord] {
    try database.read { try Self.overrides($0, model, version) }
  }

  static let approved = "version.approved"
  static let overridden = "gate.overridden"

  /// Keeps an override of a version's latest gate record, which must be intact and must have been missed. The same
  /// person's same reason is kept once.
  static func keepOverride(
    _ connection: Connection, _ model: String, _ version: Int, _ draft: OverrideDraft, actor: String, at now: Timestamp
  ) throws {
    let gate = try intactGate(connection, model, version)
    let reference = "\(model)@\(version)"
    guard !gate.allPassed else {
      throw MLError(
        .conflict, "\(reference): passed its gate; there is nothing to override.",
        hint: "Promote it without --override."
      )
    }
    let known = try verifiedOverrides(connection, gate)
    if known.contains(where: { $0.by == draft.by && $0.reason == draft.reason }) { return }
    let record = GateOverrideRecord(
      sequence: 0, model: model, version: version, gate: gate.digest, by: draft.by, reason: draft.reason, actor: actor,
      time: now, digest: gate.digest)
    let digest = record.expectedDigest
    try connection.execute(
      """
      INSERT INTO gate_override (model, version, gate, person, reason, actor, time, digest)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text(model), .integer(version), .digest(gate.digest), .text(draft.by), .text(draft.reason), .text(actor),
        .time(now), .digest(digest),
      ])
    try appendAudit(
      connection, now, actor: actor, action: overridden, subject: reference,
      details: [
        "gate": .string(gate.digest.hex), "by": .string(draft.by), "reason": .string(draft.reason),
        "record": .string(digest.hex),
        "missed": .array(gate.checks.filter { !$0.holds }.map { .string($0.name) }),
      ])
  }

  /// Whether an intact gate record lets its version be promoted: it passed or was overridden, and enough persons
  /// approved it.
  ///
  /// - Throws: `.conflict` saying what is lacking; `.corruptFile` when records were changed by hand.
  static func requireAdmission(_ connection: Connection, _ gate: GateRecord) throws {
    let name = "\(gate.model)@\(gate.version)"
    if !gate.allPassed {
      guard !(try verifiedOverrides(connection, gate).isEmpty) else { throw refusal(name, gate) }
    }
    guard gate.approvalsNeeded > 0 else { return }
    let given = try verifiedApprovals(connection, gate)
    let persons = Set(given.map(key))
    guard persons.count < gate.approvalsNeeded else { return }
    let names = given.map { "'\($0.by)'" }.joined(separator: " and ")
    throw MLError(
      .conflict,
      "\(name): cannot be promoted; its gate asks for the approval of \(gate.approvalsNeeded) persons, "
        + (given.isEmpty ? "and nobody has approved it." : "and only \(names) approved it."),
      hint: "Approve it: apus models approve \(name) --by NAME", field: "approvals")
  }

  static func overrides(_ connection: Connection, _ model: String, _ version: Int) throws -> [GateOverrideRecord] {
    try connection.rows(
      "SELECT * FROM gate_override WHERE model = ? AND version = ? ORDER BY sequence DESC",
      [.text(model), .integer(version)]
    ).map { row in
      GateOverrideRecord(
        sequence: Int64(try row.integer("sequence")), model: try row.text("model"),
        version: try row.integer("version"), gate: try digest(row, "gate"), by: try row.text("person"),
        reason: try row.text("reason"), actor: try row.text("actor"), time: try row.time("time"),
        digest: try digest(row, "digest"))
    }
  }

  static func approvals(_ connection: Connection, _ gate: GateRecord) throws -> [ApprovalRecord] {
    try connection.rows(
      "SELECT * FROM approval WHERE model = ? AND version = ? AND gate = ? ORDER BY sequence",
      [.text(gate.model), .integer(gate.version), .digest(gate.digest)]
    ).map { row in
      ApprovalRecord(
        sequence: Int64(try row.integer("sequence")), model: try row.text("model"),
        version: try row.integer("version"), gate: try digest(row, "gate"), by: try row.text("person"),
        actor: try row.text("actor"), time: try row.time("time"), digest: try digest(row, "digest"))
    }
  }

  /// A digest that only somebody with a database tool can have made unreadable.
  private static func digest(_ row: SQLRow, _ column: String) throws -> Digest {
    guard let digest = try? row.digest(column) else {
      throw MLError(
        .corruptFile, "workspace: an approval or override was changed by hand.",
        hint: "Run 'apus doctor', and restore the workspace from a copy.")
    }
    return digest
  }

  /// Overrides of a gate record, each held against its own digest and the audit log.
  private static func verifiedOverrides(
    _ connection: Connection, _ gate: GateRecord
  ) throws -> [GateOverrideRecord] {
    let found = try overrides(connection, gate.model, gate.version).filter { $0.gate == gate.digest }
    try require(
      found.map { ($0.digest, $0.expectedDigest) }, in: connection, overridden, gate, what: "an override")
    return found
  }

  private static func verifiedApprovals(_ connection: Connection, _ gate: GateRecord) throws -> [ApprovalRecord] {
    let found = try approvals(connection, gate)
    try require(found.map { ($0.digest, $0.expectedDigest) }, in: connection, approved, gate, what: "an approval")
    return found
  }

  /// Every record must follow from its content, and the audit log must name exactly these.
  private static func require(
    _ digests: [(written: Digest, expected: Digest)], in connection: Connection, _ action: String, _ gate: GateRecord,
    what: String
  ) throws {
    let name = "\(gate.model)@\(gate.version)"
    guard digests.allSatisfy({ $0.written == $0.expected }) else {
      throw tampered(name, "\(what) of it was changed after it was written")
    }
    let told = try auditLines(connection, action: action, subject: name)
      .filter { $0.details["gate"]?.stringValue == gate.digest.hex }.compactMap { $0.details["record"]?.stringValue }
    guard told.sorted() == digests.map(\.written.hex).sorted() else {
      throw tampered(name, "\(what) of it is not as the audit log tells")
    }
  }

  /// Who trained a version cannot approve it.
  private static func requireForeign(_ connection: Connection, _ person: PersonName, _ reference: String) throws {
    guard let trainer = try lastAudit(connection, action: registered, subject: reference)?.actor,
      (try? PersonName(trainer, field: "by"))?.key == person.key
    else { return }
    throw MLError(
      .conflict, "\(reference): '\(person.text)' trained it and cannot approve it; somebody else must.", field: "by")
  }

  private static func key(of record: ApprovalRecord) -> String {
    (try? PersonName(record.by, field: "by"))?.key ?? record.by
  }
}
