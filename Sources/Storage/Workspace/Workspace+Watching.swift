import Basics

extension Workspace {
  /// Keeps a judged window; judging the same stretch again replaces the judgement.
  public func addWindow(_ window: WindowRecord) throws {
    let now = clock.now()
    try database.write(.batched) { connection in
      try connection.execute(
        """
        INSERT OR REPLACE INTO traffic_window
          (model, version, from_time, to_time, row_count, profile, drift, performance, verdict, evaluated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(window.model), .integer(window.version), .time(window.from), .time(window.to),
          .integer(window.rowCount), .json(window.profile), .json(window.drift), .json(window.performance),
          .text(window.verdict), .time(now),
        ])
    }
  }

  /// Windows of a model, newest first.
  public func windows(model: String, version: Int? = nil, limit: Int = 50) throws -> [WindowRecord] {
    try database.read { connection in
      try connection.rows(
        """
        SELECT * FROM traffic_window WHERE model = ?1 AND (?2 IS NULL OR version = ?2)
        ORDER BY to_time DESC, from_time DESC, version DESC LIMIT ?3
        """, [.text(model), .integer(version), .integer(limit)]
      ).map { row in
        var window = WindowRecord(
          model: try row.text("model"), version: try row.integer("version"), from: try row.time("from_time"),
          to: try row.time("to_time"), rowCount: try row.integer("row_count"), profile: try row.json("profile"),
          drift: try row.json("drift"), performance: try row.json("performance"), verdict: try row.text("verdict"))
        window.evaluatedAt = try row.time("evaluated_at")
        return window
      }
    }
  }

  /// Keeps a finding; one of the same model, kind and subject that is not closed is brought up to date instead.
  ///
  /// - Returns: the finding as kept, and whether it is new.
  @discardableResult
  public func addFinding(_ draft: FindingDraft) throws -> (finding: FindingRecord, isNew: Bool) {
    let now = clock.now()
    return try database.write { connection in
      let known = try connection.first(
        "SELECT id FROM finding WHERE model = ? AND kind = ? AND subject = ? AND state <> 'closed'",
        [.text(draft.model), .text(draft.kind), .text(draft.subject)])
      let facts: [SQLValue] = [
        .time(now), .integer(draft.version), .text(draft.severity.rawValue), .text(draft.message),
        .json(draft.evidence), .text(draft.command),
      ]
      if let known {
        try connection.execute(
          """
          UPDATE finding SET last_seen = ?1, count = count + 1, version = ?2, severity = ?3, message = ?4,
            evidence = ?5, command = ?6 WHERE id = ?7
          """, facts + [.integer(try known.integer(0))])
        return (try Self.finding(connection, Int64(try known.integer(0))), false)
      }
      try connection.execute(
        """
        INSERT INTO finding (time, last_seen, count, model, version, kind, severity, subject, message, evidence,
          command, state) VALUES (?1, ?1, 1, ?7, ?2, ?8, ?3, ?9, ?4, ?5, ?6, 'open')
        """, facts + [.text(draft.model), .text(draft.kind), .text(draft.subject)])
      return (try Self.finding(connection, connection.lastKey), true)
    }
  }

  /// Findings, newest first.
  public func findings(
    model: String? = nil, states: [FindingState] = [], limit: Int = 100
  ) throws -> [FindingRecord] {
    try database.read { connection in
      let wanted = (states.isEmpty ? FindingState.allCases : states).map { "'\($0.rawValue)'" }.joined(separator: ", ")
      return try connection.rows(
        """
        SELECT * FROM finding WHERE (?1 IS NULL OR model = ?1) AND state IN (\(wanted))
        ORDER BY last_seen DESC, id DESC LIMIT ?2
        """, [.text(model), .integer(limit)]
      ).map(Self.finding)
    }
  }

  /// Marks a finding as seen or as settled.
  ///
  /// - Throws: `.notFound` for an unknown finding.
  @discardableResult
  public func setFinding(_ id: Int64, _ state: FindingState, actor: String) throws -> FindingRecord {
    let now = clock.now()
    return try database.write { connection in
      let present = try Self.finding(connection, id)
      guard present.state != state else { return present }
      guard present.state != .closed else {
        throw MLError(.conflict, "finding \(id): is closed.", hint: "If it is seen again, it opens as a new finding.")
      }
      try connection.execute("UPDATE finding SET state = ? WHERE id = ?", [.text(state.rawValue), .integer(id)])
      try Self.appendAudit(
        connection, now, actor: actor, action: "finding.\(state.rawValue)", subject: "finding \(id)",
        details: .object([("kind", .string(present.finding.kind)), ("subject", .string(present.finding.subject))]))
      return try Self.finding(connection, id)
    }
  }

  private static func finding(_ connection: Connection, _ id: Int64) throws -> FindingRecord {
    guard let row = try connection.first("SELECT * FROM finding WHERE id = ?", [.integer(id)]) else {
      throw MLError(.notFound, "workspace: there is no finding \(id).", hint: "List them with 'apus status'.")
    }
    return try finding(row)
  }

  private static func finding(_ row: SQLRow) throws -> FindingRecord {
    guard let severity = FindingSeverity(rawValue: try row.text("severity")),
      let state = FindingState(rawValue: try row.text("state"))
    else { throw MLError(.corruptFile, "workspace: a finding is damaged.", hint: "Run 'apus doctor'.") }
    return FindingRecord(
      id: Int64(try row.integer("id")), time: try row.time("time"), lastSeen: try row.time("last_seen"),
      count: try row.integer("count"),
      finding: FindingDraft(
        model: try row.text("model"), version: row.optionalInteger("version"), kind: try row.text("kind"),
        severity: severity, subject: try row.text("subject"), message: try row.text("message"),
        evidence: try row.json("evidence"), command: row.optionalText("command")),
      state: state)
  }
}
