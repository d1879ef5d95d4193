import Basics

extension Workspace {
  /// Registers an archive as the next version of its model; the number is allocated atomically.
  ///
  /// Registering again under the same run returns the version that run registered.
  ///
  /// - Throws: `.notFound` when the archive is not among the objects; `.corruptFile` when it is damaged; `.conflict`
  ///   when the run registered another archive before, or the model belongs to another project.
  public func register(_ draft: ModelDraft, actor: String) throws -> ModelVersion {
    guard !draft.model.isEmpty, !draft.model.contains("@"), !draft.model.contains("/") else {
      throw MLError(
        .invalidParameter, "model '\(draft.model)': a name must not be empty and must not contain '@' or '/'.",
        hint: "Choose another --name.", field: "name")
    }
    try objects.verify(draft.archive)
    let now = clock.now()
    return try database.write { connection in
      let known = try connection.first(
        "SELECT version, archive FROM model_version WHERE model = ? AND run = ?",
        [.text(draft.model), .text(draft.run)])
      if let known {
        let version = try known.integer("version")
        guard try known.digest("archive") == draft.archive else {
          throw MLError(
            .conflict, "model '\(draft.model)': run '\(draft.run)' registered another archive as version \(version).",
            hint: "Choose another --run-id.")
        }
        return try Self.version(connection, draft.model, version)
      }
      let version = try Self.insert(connection, draft, at: now)
      try Self.appendAudit(
        connection, now, actor: actor, action: Self.registered, subject: "\(draft.model)@\(version)",
        details: .object([("archive", .string(draft.archive.hex)), ("run", .string(draft.run))]))
      return try Self.version(connection, draft.model, version)
    }
  }

  /// All models by name, with their aliases.
  public func models() throws -> [RegisteredModel] {
    try database.read { connection in
      let aliases = Dictionary(grouping: try Self.aliases(connection, model: nil), by: \.model)
      return try connection.rows(
        """
        SELECT m.name, m.project, m.created_at, count(*) AS versions, max(v.version) AS latest
        FROM model m JOIN model_version v ON v.model = m.name GROUP BY m.name ORDER BY m.name
        """
      ).map { row in
        let name = try row.text("name")
        return RegisteredModel(
          name: name, project: try row.text("project"), createdAt: try row.time("created_at"),
          versionCount: try row.integer("versions"), latestVersion: try row.integer("latest"),
          aliases: aliases[name] ?? [])
      }
    }
  }

  /// Versions, newest first; of one model or of all.
  public func modelVersions(of model: String? = nil) throws -> [ModelVersion] {
    try database.read { connection in
      try connection.rows(
        "SELECT model, version FROM model_version WHERE ?1 IS NULL OR model = ?1 ORDER BY model, version DESC",
        [.text(model)]
      ).map { try Self.version(connection, $0.text(0), $0.integer(1)) }
    }
  }

  /// One version.
  ///
  /// - Throws: `.notFound` with the closest name.
  public func modelVersion(_ model: String, _ version: Int) throws -> ModelVersion {
    try database.read { try Self.version($0, model, version) }
  }

  /// The version a reference means: `name` (its champion), `name@3`, `name@champion`, `name@latest`.
  ///
  /// What an alias that needs the gate points to is checked again at each call: a version without an intact passing
  /// record is not handed out, however the alias came to point to it.
  ///
  /// - Throws: `.notFound` with the closest name; `.conflict` or `.corruptFile` when the gate's record does not hold.
  public func resolve(_ reference: String) throws -> ModelVersion {
    let (model, suffix) = Self.parts(of: reference)
    return try database.read { connection in
      try Self.requireModel(connection, model)
      if let suffix, let number = Int(suffix) { return try Self.version(connection, model, number) }
      if suffix == "latest" {
        return try Self.version(
          connection, model, connection.count("SELECT max(version) FROM model_version WHERE model = ?", [.text(model)]))
      }
      let known = AliasName.allCases.map(\.rawValue) + ["latest"]
      guard let alias = AliasName(rawValue: suffix ?? AliasName.champion.rawValue) else {
        throw MLError.unknown("alias", suffix ?? "", among: known, in: "model '\(model)'")
      }
      guard let target = try Self.verifiedAlias(connection, model, alias) else {
        throw MLError(
          .notFound, "model '\(model)': no version is \(alias.rawValue).",
          hint: "Promote one with 'apus models promote \(model)@1', or name a version such as \(model)@1.")
      }
      return try Self.version(connection, model, target.version)
    }
  }

  /// Where the aliases of a model point, sorted by name.
  public func aliases(of model: String) throws -> [ModelAlias] {
    try database.read { try Self.aliases($0, model: model) }
  }

  /// Every move of a model's aliases, newest first.
  public func aliasMoves(of model: String, alias: AliasName? = nil) throws -> [AliasMove] {
    try database.read { try Self.moves($0, model, alias).reversed() }
  }

  /// Grows with every move of any alias, also by another process: poll it to notice a new champion.
  public func aliasRevision() throws -> Int64 {
    try database.read { Int64(try $0.count("SELECT max(sequence) FROM alias_move")) }
  }

  static let registered = "model.registered"

  private static func insert(_ connection: Connection, _ draft: ModelDraft, at now: Timestamp) throws -> Int {
    if let row = try connection.first("SELECT project FROM model WHERE name = ?", [.text(draft.model)]) {
      let project = try row.text("project")
      guard project == draft.project else {
        throw MLError(
          .conflict, "model '\(draft.model)': belongs to project '\(project)'; got '\(draft.project)'.",
          hint: "Choose another --name.", field: "name")
      }
    } else {
      try connection.execute(
        "INSERT INTO model (name, project, created_at) VALUES (?, ?, ?)",
        [.text(draft.model), .text(draft.project), .time(now)])
    }
    let version =
      1 + (try connection.count("SELECT max(version) FROM model_version WHERE model = ?", [.text(draft.model)]))
    try connection.execute(
      """
      INSERT INTO model_version (model, version, archive, run, summary, metrics, sealed_openings, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text(draft.model), .integer(version), .digest(draft.archive), .text(draft.run), .json(draft.summary),
        .json(draft.metrics), .integer(draft.sealedOpenings), .time(now),
      ])
    return version
  }

  static func aliases(_ connection: Connection, model: String?) throws -> [ModelAlias] {
    try connection.rows("SELECT * FROM alias WHERE ?1 IS NULL OR model = ?1 ORDER BY model, alias", [.text(model)]).map
    {
      ModelAlias(
        model: try $0.text("model"), alias: try aliasName($0.text("alias")), version: try $0.integer("version"),
        since: try $0.time("since"))
    }
  }

  static func aliasName(_ text: String) throws -> AliasName {
    guard let name = AliasName(rawValue: text) else {
      throw MLError(.corruptFile, "workspace: there is an unknown alias '\(text)'.", hint: "Run 'apus doctor'.")
    }
    return name
  }

  static func moves(_ connection: Connection, _ model: String, _ alias: AliasName?) throws -> [AliasMove] {
    try connection.rows(
      "SELECT * FROM alias_move WHERE model = ?1 AND (?2 IS NULL OR alias = ?2) ORDER BY sequence",
      [.text(model), .text(alias?.rawValue)]
    ).map { row in
      AliasMove(
        sequence: Int64(try row.integer("sequence")), time: try row.time("time"), model: try row.text("model"),
        alias: try aliasName(row.text("alias")), action: AliasMove.Action(rawValue: try row.text("action")) ?? .promote,
        version: row.optionalInteger("version"), previous: row.optionalInteger("previous"),
        actor: try row.text("actor"), reason: try row.text("reason"))
    }
  }

  static func requireModel(_ connection: Connection, _ model: String) throws {
    let known = try connection.rows("SELECT name FROM model ORDER BY name").map { try $0.text(0) }
    guard known.contains(model) else { throw MLError.unknown("model", model, among: known, in: "workspace") }
  }

  static func version(_ connection: Connection, _ model: String, _ version: Int) throws -> ModelVersion {
    let row = try connection.first(
      """
      SELECT v.*, m.project FROM model_version v JOIN model m ON m.name = v.model WHERE v.model = ? AND v.version = ?
      """, [.text(model), .integer(version)])
    guard let row else {
      try requireModel(connection, model)
      let known = try connection.rows(
        "SELECT version FROM model_version WHERE model = ? ORDER BY version", [.text(model)])
      throw MLError.unknown(
        "version", String(version), among: try known.map { String(try $0.integer(0)) }, in: "model '\(model)'")
    }
    let aliases = try connection.rows(
      "SELECT alias FROM alias WHERE model = ? AND version = ? ORDER BY alias", [.text(model), .integer(version)])
    let terms = try connection.count(
      "SELECT count(*) FROM alias_move WHERE model = ? AND version = ? AND alias = 'champion'",
      [.text(model), .integer(version)])
    let gate = try latestGate(connection, model, version)
    return ModelVersion(
      model: model, version: version, project: try row.text("project"), archive: try row.digest("archive"),
      run: try row.text("run"), summary: try row.json("summary"), metrics: try row.json("metrics"),
      sealedOpenings: try row.integer("sealed_openings"), createdAt: try row.time("created_at"),
      gate: gate, overrides: try overrides(connection, model, version),
      approvals: try gate.map { try approvals(connection, $0) } ?? [],
      aliases: try aliases.map { try aliasName($0.text(0)) },
      wasChampion: terms > 0)
  }
}
