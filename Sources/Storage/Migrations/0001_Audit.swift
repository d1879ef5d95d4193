extension Migration {
  /// The audit log and the list of what was done under which run.
  static let audit = Migration(
    name: "0001-audit",
    sql: """
      CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        details TEXT NOT NULL,
        previous TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE
      ) STRICT;
      CREATE INDEX audit_by_subject ON audit (subject, action, sequence);
      \(appendOnly("audit"))

      CREATE TABLE performed (
        run TEXT NOT NULL,
        action TEXT NOT NULL,
        result TEXT NOT NULL,
        time INTEGER NOT NULL,
        PRIMARY KEY (run, action)
      ) STRICT, WITHOUT ROWID;
      """)
}
