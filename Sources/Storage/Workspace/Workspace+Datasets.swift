public import Basics

extension Workspace {
  /// Adds a dataset version; the same content under the same name is the version that is there already.
  ///
  /// - Returns: the version, and whether it is new.
  /// - Throws: `.notFound` when a shard that should lie in the workspace does not.
  public func addDataset(_ draft: DatasetDraft, actor: String) throws -> (version: DatasetVersion, isNew: Bool) {
    for shard in draft.shards where shard.location == nil && !objects.exists(shard.digest) {
      throw MLError(
        .notFound, "dataset '\(draft.name)': object \(shard.digest.hex.prefix(12))… is not in the workspace.",
        hint: "Put the file among the objects before adding the version.")
    }
    let digest = draft.digest
    let now = clock.now()
    return try database.write { connection in
      if let known = try Self.dataset(connection, "name = ?1 AND digest = ?2", [.text(draft.name), .digest(digest)]) {
        guard known.profile == nil, let profile = draft.profile else { return (known, false) }
        try connection.execute(
          "UPDATE dataset_version SET profile = ? WHERE id = ?", [.json(profile), .integer(known.id)])
        return (try Self.dataset(connection, "id = ?1", [.integer(known.id)]) ?? known, false)
      }
      let version =
        1 + (try connection.count("SELECT max(version) FROM dataset_version WHERE name = ?", [.text(draft.name)]))
      try Self.insert(connection, draft, digest: digest, version: version, at: now)
      try Self.appendAudit(
        connection, now, actor: actor, action: "dataset.added", subject: "\(draft.name)@\(version)",
        details: .object([("digest", .string(digest.hex)), ("row_count", .integer(Int64(draft.rowCount)))]))
      guard
        let added = try Self.dataset(connection, "name = ?1 AND version = ?2", [.text(draft.name), .integer(version)])
      else { throw MLError(.internalFailure, "dataset '\(draft.name)': was not found after it was added.") }
      return (added, true)
    }
  }

  /// All dataset versions by name, newest version first.
  public func datasets(name: String? = nil) throws -> [DatasetVersion] {
    try database.read { connection in
      try connection.rows(
        "SELECT * FROM dataset_version WHERE ?1 IS NULL OR name = ?1 ORDER BY name, version DESC", [.text(name)]
      ).map(Self.dataset)
    }
  }

  /// The dataset version of a digest.
  public func dataset(digest: Digest) throws -> DatasetVersion? {
    try database.read { try Self.dataset($0, "digest = ?1 ORDER BY id LIMIT 1", [.digest(digest)]) }
  }

  /// The dataset version `name@version`, or the newest of `name`.
  ///
  /// - Throws: `.notFound` with the closest name.
  public func dataset(_ reference: String) throws -> DatasetVersion {
    let (name, suffix) = Self.parts(of: reference)
    return try database.read { connection in
      let found: DatasetVersion?
      if let suffix {
        guard let version = Int(suffix) else {
          throw MLError(
            .invalidParameter, "dataset '\(reference)': must be a name, or a name and a version such as 'churn@2'.")
        }
        found = try Self.dataset(connection, "name = ?1 AND version = ?2", [.text(name), .integer(version)])
      } else {
        found = try Self.dataset(connection, "name = ?1 ORDER BY version DESC LIMIT 1", [.text(name)])
      }
      if let found { return found }
      let known = try connection.rows("SELECT name, version FROM dataset_version ORDER BY name, version DESC")
      let names = try known.map { suffix == nil ? try $0.text(0) : "\(try $0.text(0))@\(try $0.integer(1))" }
      throw MLError.unknown("dataset", reference, among: Self.distinct(names), in: "workspace")
    }
  }

  /// Counts an opening of the sealed rows of a dataset version; looking again within one run counts once.
  ///
  /// - Returns: the number of this opening, from 1.
  @discardableResult
  public func openSealedRows(of dataset: Digest, split: String = "test", run: String, purpose: String) throws -> Int {
    let now = clock.now()
    return try database.write { connection in
      let key: [SQLValue] = [.digest(dataset), .text(split)]
      if let known = try connection.first(
        "SELECT ordinal FROM sealed_opening WHERE dataset = ? AND split = ? AND run = ?", key + [.text(run)])
      {
        return try known.integer(0)
      }
      let ordinal =
        1 + (try connection.count("SELECT max(ordinal) FROM sealed_opening WHERE dataset = ? AND split = ?", key))
      try connection.execute(
        "INSERT INTO sealed_opening (dataset, split, ordinal, run, purpose, time) VALUES (?, ?, ?, ?, ?, ?)",
        key + [.integer(ordinal), .text(run), .text(purpose), .time(now)])
      return ordinal
    }
  }

  /// Openings of sealed rows, in order; of one dataset version or of all.
  public func sealedOpenings(of dataset: Digest? = nil) throws -> [SealedOpening] {
    try database.read { connection in
      try connection.rows(
        "SELECT * FROM sealed_opening WHERE ?1 IS NULL OR dataset = ?1 ORDER BY time, dataset, split, ordinal",
        [.text(dataset?.hex)]
      ).map { row in
        SealedOpening(
          ordinal: try row.integer("ordinal"), dataset: try row.digest("dataset"), split: try row.text("split"),
          run: try row.text("run"), purpose: try row.text("purpose"), time: try row.time("time"))
      }
    }
  }

  /// `name@suffix` in its parts.
  static func parts(of reference: String) -> (name: String, suffix: String?) {
    guard let at = reference.lastIndex(of: "@") else { return (reference, nil) }
    return (String(reference[..<at]), String(reference[reference.index(after: at)...]))
  }

  static func distinct(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private static func insert(
    _ connection: Connection, _ draft: DatasetDraft, digest: Digest, version: Int, at now: Timestamp
  ) throws {
    try connection.execute(
      """
      INSERT INTO dataset_version
        (name, version, digest, schema, shards, row_count, profile, parents, lineage, source, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text(draft.name), .integer(version), .digest(digest), .json(draft.schema),
        .json(.array(draft.shards.map(\.json))), .integer(draft.rowCount), .json(draft.profile),
        .json(.array(draft.parents.map { .string($0.hex) })), .json(draft.lineage), .text(draft.source), .time(now),
      ])
  }

  private static func dataset(_ connection: Connection, _ condition: String, _ values: [SQLValue]) throws
    -> DatasetVersion?
  {
    try connection.first("SELECT * FROM dataset_version WHERE \(condition)", values).map(dataset)
  }

  private static func dataset(_ row: SQLRow) throws -> DatasetVersion {
    DatasetVersion(
      id: Int64(try row.integer("id")), name: try row.text("name"), version: try row.integer("version"),
      digest: try row.digest("digest"), schema: try row.json("schema"),
      shards: try (row.json("shards").arrayValue ?? []).map(DatasetShard.init(json:)),
      rowCount: try row.integer("row_count"), profile: try row.optionalJSON("profile"),
      parents: try row.digests("parents"), lineage: try row.json("lineage"), source: try row.text("source"),
      createdAt: try row.time("created_at"))
  }
}
