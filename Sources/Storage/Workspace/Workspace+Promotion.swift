import Basics

extension Workspace {
  /// Points an alias at a version. The gate stands here: `champion` and `challenger` are refused to a version whose
  /// latest gate record is missing, about another archive, changed after it was written, or failed without an override;
  /// and as long as fewer persons approved it than that record asks for.
  ///
  /// Every attempt goes into the audit log. Promoting what is promoted already changes nothing; the same `run` promotes
  /// once, whatever happened since.
  ///
  /// - Parameter override: who takes checks that were missed upon themselves, and why. It is kept with the version for
  ///   good if the promotion happens, and replaces neither an intact record nor approvals.
  /// - Throws: `.conflict` naming the check, its value and its limit; `.corruptFile` when the archive, the record or
  ///   the audit log was changed; `.notFound` for an unknown model or version.
  @discardableResult
  public func promote(
    _ model: String, _ version: Int, to alias: AliasName = .champion, override: OverrideDraft? = nil, actor: String,
    reason: String, run: String? = nil
  ) throws -> ModelAlias {
    let now = clock.now()
    let target = try modelVersion(model, version)
    return try decide(about: "\(target.reference)", alias, actor: actor, at: now) { connection in
      let result = try Self.once(connection, run: run, action: "promote.\(target.reference).\(alias.rawValue)", at: now)
      {
        if let override, alias.needsGate {
          try Self.keepOverride(connection, model, version, override, actor: actor, at: now)
        }
        try self.requireGate(connection, model, version, alias)
        let present = try Self.aliases(connection, model: model).first { $0.alias == alias }
        if let present, present.version == version { return .integer(present.since.microseconds) }
        try Self.move(
          connection, model, alias, .promote, to: version, from: present?.version, actor: actor,
          reason: override.map { "gate overridden by \($0.by): \($0.reason)" } ?? reason, at: now)
        return .integer(now.microseconds)
      }
      return ModelAlias(
        model: model, alias: alias, version: version, since: Timestamp(microseconds: result.integerValue ?? 0))
    }
  }

  /// Points an alias back at the version it pointed to before; again and again goes further back.
  ///
  /// - Throws: `.conflict` when there is nothing before, or the version before does not pass the gate any more.
  @discardableResult
  public func rollback(
    _ model: String, alias: AliasName = .champion, actor: String, reason: String, run: String? = nil
  ) throws -> ModelAlias {
    let now = clock.now()
    try database.read { try Self.requireModel($0, model) }
    return try decide(about: model, alias, actor: actor, at: now) { connection in
      let result = try Self.once(connection, run: run, action: "rollback.\(model).\(alias.rawValue)", at: now) {
        let stack = try Self.stack(connection, model, alias)
        guard stack.count > 1 else {
          throw MLError(
            .conflict, "model '\(model)': cannot roll back \(alias.rawValue); it pointed to no other version before.",
            hint: "See 'apus models show \(model)'.")
        }
        let target = stack[stack.count - 2]
        try self.requireGate(connection, model, target, alias)
        try Self.move(
          connection, model, alias, .rollback, to: target, from: stack.last, actor: actor, reason: reason, at: now)
        return .object([("version", .integer(Int64(target))), ("since", .integer(now.microseconds))])
      }
      return ModelAlias(
        model: model, alias: alias, version: Int(result["version"]?.integerValue ?? 0),
        since: Timestamp(microseconds: result["since"]?.integerValue ?? 0))
    }
  }

  /// Takes an alias away; the champion stays until another one takes its place.
  ///
  /// - Throws: `.invalidParameter` for the champion.
  public func clearAlias(_ alias: AliasName, of model: String, actor: String, reason: String) throws {
    guard alias != .champion else {
      throw MLError(
        .invalidParameter, "model '\(model)': the champion cannot be taken away.",
        hint: "Promote another version, or roll back.")
    }
    let now = clock.now()
    try database.write { connection in
      guard let present = try Self.aliases(connection, model: model).first(where: { $0.alias == alias }) else { return }
      try Self.move(
        connection, model, alias, .clear, to: nil, from: present.version, actor: actor, reason: reason, at: now)
    }
  }

  static let aliasMoved = "alias.moved"

  /// An alias whose target holds the gate's record and whose row is what the audit log says it should be.
  static func verifiedAlias(_ connection: Connection, _ model: String, _ alias: AliasName) throws -> ModelAlias? {
    let present = try aliases(connection, model: model).first { $0.alias == alias }
    let told = try lastAudit(connection, action: aliasMoved, subject: "\(model)@\(alias.rawValue)")
    guard told?.details["version"]?.integerValue == present.map({ Int64($0.version) }) else {
      throw MLError(
        .corruptFile, "model '\(model)': \(alias.rawValue) does not point where the audit log says it was moved.",
        hint: "Run 'apus doctor', and restore the workspace from a copy.")
    }
    if let present, alias.needsGate { _ = try verifiedGate(connection, model, present.version) }
    return present
  }

  /// Runs a decision about an alias in one transaction; a refusal is kept in the audit log and then thrown.
  private func decide(
    about subject: String, _ alias: AliasName, actor: String, at now: Timestamp,
    _ body: (Connection) throws -> ModelAlias
  ) throws -> ModelAlias {
    do { return try database.write(.synced, body) } catch let error as MLError
      where error.code == .conflict || error.code == .corruptFile
    {
      _ = try database.write {
        try Self.appendAudit(
          $0, now, actor: actor, action: "alias.refused", subject: subject,
          details: .object([("alias", .string(alias.rawValue)), ("message", .string(error.message))]))
      }
      throw error
    }
  }

  private func requireGate(_ connection: Connection, _ model: String, _ version: Int, _ alias: AliasName) throws {
    let target = try Self.version(connection, model, version)
    try objects.verify(target.archive)
    guard alias.needsGate else { return }
    _ = try Self.verifiedGate(connection, model, version)
    let chain = try Self.verifyAudit(connection)
    guard chain.isIntact else {
      throw MLError(
        .corruptFile, "\(target.reference): cannot be promoted; the audit log is damaged (\(chain.message)).",
        hint: "Run 'apus doctor', and restore the workspace from a copy.")
    }
  }

  private static func move(
    _ connection: Connection, _ model: String, _ alias: AliasName, _ action: AliasMove.Action, to version: Int?,
    from previous: Int?, actor: String, reason: String, at now: Timestamp
  ) throws {
    if let version {
      try connection.execute(
        """
        INSERT INTO alias (model, alias, version, since) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (model, alias) DO UPDATE SET version = ?3, since = ?4
        """, [.text(model), .text(alias.rawValue), .integer(version), .time(now)])
    } else {
      try connection.execute("DELETE FROM alias WHERE model = ? AND alias = ?", [.text(model), .text(alias.rawValue)])
    }
    try connection.execute(
      """
      INSERT INTO alias_move (time, model, alias, action, version, previous, actor, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .time(now), .text(model), .text(alias.rawValue), .text(action.rawValue), .integer(version), .integer(previous),
        .text(actor), .text(reason),
      ])
    try appendAudit(
      connection, now, actor: actor, action: aliasMoved, subject: "\(model)@\(alias.rawValue)",
      details: .object([
        ("action", .string(action.rawValue)), ("version", version.map { .integer(Int64($0)) } ?? .null),
        ("previous", previous.map { .integer(Int64($0)) } ?? .null), ("reason", .string(reason)),
      ]))
  }

  /// Versions an alias points to and would fall back to, the present one last.
  private static func stack(_ connection: Connection, _ model: String, _ alias: AliasName) throws -> [Int] {
    var stack: [Int] = []
    for move in try moves(connection, model, alias) {
      switch move.action {
      case .promote: if let version = move.version { stack.append(version) }
      case .rollback: if !stack.isEmpty { stack.removeLast() }
      case .clear: stack.removeAll()
      }
    }
    return stack
  }
}
