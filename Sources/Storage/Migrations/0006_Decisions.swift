extension Migration {
  /// What named persons decide over versions: approvals that a gate asks for, and overrides of a gate that was missed.
  ///
  /// The triggers on `alias` are made anew: a version may be pointed to when its latest gate record passed or was
  /// overridden, and as many different persons approved it as the record asks for.
  static let decisions = Migration(
    name: "0006-decisions",
    sql: """
      ALTER TABLE gate_record ADD COLUMN approvals INTEGER NOT NULL DEFAULT 0 CHECK (approvals >= 0);

      CREATE TABLE approval (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        model TEXT NOT NULL,
        version INTEGER NOT NULL,
        gate TEXT NOT NULL,
        person TEXT NOT NULL,
        person_key TEXT NOT NULL CHECK (person_key <> ''),
        actor TEXT NOT NULL,
        time INTEGER NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        UNIQUE (model, version, gate, person_key),
        FOREIGN KEY (model, version) REFERENCES model_version (model, version)
      ) STRICT;
      \(appendOnly("approval"))

      CREATE TABLE gate_override (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        model TEXT NOT NULL,
        version INTEGER NOT NULL,
        gate TEXT NOT NULL,
        person TEXT NOT NULL CHECK (trim(person) <> ''),
        reason TEXT NOT NULL CHECK (trim(reason) <> ''),
        actor TEXT NOT NULL,
        time INTEGER NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        FOREIGN KEY (model, version) REFERENCES model_version (model, version)
      ) STRICT;
      CREATE INDEX gate_override_by_version ON gate_override (model, version, sequence);
      \(appendOnly("gate_override"))

      DROP TRIGGER alias_needs_gate_on_insert;
      DROP TRIGGER alias_needs_gate_on_update;
      \(admissionGuard("INSERT"))
      \(admissionGuard("UPDATE"))
      """)

  private static func admissionGuard(_ verb: String) -> String {
    """
    CREATE TRIGGER alias_needs_gate_on_\(verb.lowercased()) BEFORE \(verb) ON alias
    WHEN NEW.alias <> 'shadow' AND NOT EXISTS (
      SELECT 1 FROM gate_record g
      JOIN model_version v ON v.model = g.model AND v.version = g.version AND v.archive = g.archive
      WHERE g.model = NEW.model AND g.version = NEW.version
        AND (g.passed = 1 OR EXISTS (
          SELECT 1 FROM gate_override o WHERE o.model = g.model AND o.version = g.version AND o.gate = g.digest))
        AND g.approvals <= (
          SELECT count(DISTINCT a.person_key) FROM approval a
          WHERE a.model = g.model AND a.version = g.version AND a.gate = g.digest)
        AND g.sequence = (
          SELECT max(sequence) FROM gate_record WHERE model = NEW.model AND version = NEW.version))
    BEGIN SELECT RAISE(ABORT, 'this alias cannot point to a version without a passing gate record'); END;
    """
  }
}
