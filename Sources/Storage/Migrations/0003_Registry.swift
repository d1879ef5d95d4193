extension Migration {
  /// Models, versions, gate records and aliases; the second line of the gate's defence stands here as triggers.
  static let registry = Migration(
    name: "0003-registry",
    sql: """
      CREATE TABLE model (
        name TEXT PRIMARY KEY NOT NULL,
        project TEXT NOT NULL,
        created_at INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE model_version (
        model TEXT NOT NULL REFERENCES model (name),
        version INTEGER NOT NULL,
        archive TEXT NOT NULL,
        run TEXT NOT NULL,
        summary TEXT NOT NULL,
        metrics TEXT NOT NULL,
        sealed_openings INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (model, version),
        UNIQUE (model, run)
      ) STRICT, WITHOUT ROWID;
      \(appendOnly("model_version"))

      CREATE TABLE gate_record (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        model TEXT NOT NULL,
        version INTEGER NOT NULL,
        archive TEXT NOT NULL,
        checks TEXT NOT NULL,
        passed INTEGER NOT NULL CHECK (passed IN (0, 1)),
        evaluated_at INTEGER NOT NULL,
        digest TEXT NOT NULL,
        FOREIGN KEY (model, version) REFERENCES model_version (model, version)
      ) STRICT;
      CREATE INDEX gate_record_by_version ON gate_record (model, version, sequence);
      \(appendOnly("gate_record"))
      CREATE TRIGGER gate_record_tells_the_truth BEFORE INSERT ON gate_record
      WHEN NEW.passed = 1 AND (
        json_array_length(NEW.checks) = 0
        OR EXISTS (SELECT 1 FROM json_each(NEW.checks) WHERE json_extract(value, '$.passed') IS NOT 1)
      )
      BEGIN SELECT RAISE(ABORT, 'a gate record cannot say it passed when a check did not'); END;

      CREATE TABLE alias (
        model TEXT NOT NULL,
        alias TEXT NOT NULL CHECK (alias IN ('champion', 'challenger', 'shadow')),
        version INTEGER NOT NULL,
        since INTEGER NOT NULL,
        PRIMARY KEY (model, alias),
        FOREIGN KEY (model, version) REFERENCES model_version (model, version)
      ) STRICT, WITHOUT ROWID;
      \(aliasGuard("INSERT"))
      \(aliasGuard("UPDATE"))

      CREATE TABLE alias_move (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL,
        model TEXT NOT NULL,
        alias TEXT NOT NULL,
        action TEXT NOT NULL CHECK (action IN ('promote', 'rollback', 'clear')),
        version INTEGER,
        previous INTEGER,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL
      ) STRICT;
      CREATE INDEX alias_move_by_alias ON alias_move (model, alias, sequence);
      \(appendOnly("alias_move"))
      """)

  private static func aliasGuard(_ verb: String) -> String {
    """
    CREATE TRIGGER alias_needs_gate_on_\(verb.lowercased()) BEFORE \(verb) ON alias
    WHEN NEW.alias <> 'shadow' AND NOT EXISTS (
      SELECT 1 FROM gate_record g
      JOIN model_version v ON v.model = g.model AND v.version = g.version AND v.archive = g.archive
      WHERE g.model = NEW.model AND g.version = NEW.version AND g.passed = 1
        AND g.sequence = (
          SELECT max(sequence) FROM gate_record WHERE model = NEW.model AND version = NEW.version))
    BEGIN SELECT RAISE(ABORT, 'this alias cannot point to a version without a passing gate record'); END;
    """
  }
}
