public import Basics

extension Workspace {
  /// Appends a line to the audit log.
  @discardableResult
  public func audit(
    actor: String, action: String, subject: String, details: JSONValue = .object([])
  ) throws -> AuditEntry {
    try database.write {
      try Self.appendAudit($0, clock.now(), actor: actor, action: action, subject: subject, details: details)
    }
  }

  /// Lines of the audit log, newest first.
  public func auditEntries(
    subject: String? = nil, action: String? = nil, limit: Int = 100, before: Int64? = nil
  ) throws -> [AuditEntry] {
    try database.read { connection in
      try connection.rows(
        """
        SELECT * FROM audit WHERE (?1 IS NULL OR subject = ?1) AND (?2 IS NULL OR action = ?2)
          AND (?3 IS NULL OR sequence < ?3) ORDER BY sequence DESC LIMIT ?4
        """,
        [.text(subject), .text(action), before.map { .integer($0) } ?? .null, .integer(limit)]
      ).map(Self.auditEntry)
    }
  }

  /// Checks the whole chain: order, digests, gaps, and lines cut off at the end.
  public func verifyAudit() throws -> AuditVerdict { try database.read(Self.verifyAudit) }

  static func verifyAudit(_ connection: Connection) throws -> AuditVerdict {
    var expected: Int64 = 1
    var previous = firstLink
    var broken: (Int64, String)?
    try connection.forEach("SELECT * FROM audit ORDER BY sequence") { row in
      let position = Int64(try row.integer("sequence"))
      guard let entry = try? auditEntry(row) else {
        broken = (position, "line \(position) cannot be read")
        return false
      }
      if position != expected {
        broken = (expected, "line \(expected) is missing")
      } else if entry.previous != previous {
        broken = (position, "line \(position) does not follow from the line before it")
      } else if entry.digest != entry.expectedDigest {
        broken = (position, "line \(position) was changed after it was written")
      }
      (expected, previous) = (expected + 1, entry.digest)
      return broken == nil
    }
    let written = Int64(try connection.count("SELECT seq FROM sqlite_sequence WHERE name = 'audit'"))
    if broken == nil, written != expected - 1 { broken = (expected, "lines from \(expected) on were cut off") }
    return AuditVerdict(count: Int(expected - 1), firstBroken: broken?.0, message: broken?.1 ?? "")
  }

  @discardableResult
  static func appendAudit(
    _ connection: Connection, _ now: Timestamp, actor: String, action: String, subject: String, details: JSONValue
  ) throws -> AuditEntry {
    let last = try connection.first("SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1")
    let draft = AuditEntry(
      sequence: Int64(try last?.integer(0) ?? 0) + 1, time: now, actor: actor, action: action, subject: subject,
      details: details.sorted, previous: try last?.text(1) ?? firstLink, digest: "")
    let digest = draft.expectedDigest
    try connection.execute(
      """
      INSERT INTO audit (sequence, time, actor, action, subject, details, previous, digest)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .integer(draft.sequence), .time(now), .text(actor), .text(action), .text(subject), .json(draft.details),
        .text(draft.previous), .text(digest),
      ])
    return AuditEntry(
      sequence: draft.sequence, time: now, actor: actor, action: action, subject: subject, details: draft.details,
      previous: draft.previous, digest: digest)
  }

  /// The latest line about `subject` with this action, checked for its own digest.
  static func lastAudit(_ connection: Connection, action: String, subject: String) throws -> AuditEntry? {
    let row = try connection.first(
      "SELECT * FROM audit WHERE subject = ? AND action = ? ORDER BY sequence DESC LIMIT 1",
      [.text(subject), .text(action)])
    return try row.map(checked)
  }

  /// All lines about `subject` with this action, oldest first, each checked for its own digest.
  static func auditLines(_ connection: Connection, action: String, subject: String) throws -> [AuditEntry] {
    try connection.rows(
      "SELECT * FROM audit WHERE subject = ? AND action = ? ORDER BY sequence", [.text(subject), .text(action)]
    ).map(checked)
  }

  private static func checked(_ row: SQLRow) throws -> AuditEntry {
    let entry = try auditEntry(row)
    guard entry.digest == entry.expectedDigest else {
      throw MLError(
        .corruptFile, "audit log: line \(entry.sequence) was changed after it was written.",
        hint: "Run 'apus doctor', and restore the workspace from a copy.")
    }
    return entry
  }

  /// Does something once per run: the second time, the result of the first is read back.
  static func once(
    _ connection: Connection, run: String?, action: String, at now: Timestamp, _ body: () throws -> JSONValue
  ) throws -> JSONValue {
    guard let run else { return try body() }
    let known = try connection.first(
      "SELECT result FROM performed WHERE run = ? AND action = ?", [.text(run), .text(action)])
    if let known { return try known.json("result") }
    let result = try body()
    try connection.execute(
      "INSERT INTO performed (run, action, result, time) VALUES (?, ?, ?, ?)",
      [.text(run), .text(action), .json(result), .time(now)])
    return result
  }

  private static let firstLink = String(repeating: "0", count: 64)

  private static func auditEntry(_ row: SQLRow) throws -> AuditEntry {
    AuditEntry(
      sequence: Int64(try row.integer("sequence")), time: try row.time("time"), actor: try row.text("actor"),
      action: try row.text("action"), subject: try row.text("subject"), details: try row.json("details"),
      previous: try row.text("previous"), digest: try row.text("digest"))
  }
}
