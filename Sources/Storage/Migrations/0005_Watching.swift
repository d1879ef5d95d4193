extension Migration {
  /// Judged windows of traffic, and findings.
  static let watching = Migration(
    name: "0005-watching",
    sql: """
      CREATE TABLE traffic_window (
        model TEXT NOT NULL,
        version INTEGER NOT NULL,
        from_time INTEGER NOT NULL,
        to_time INTEGER NOT NULL,
        row_count INTEGER NOT NULL,
        profile TEXT NOT NULL,
        drift TEXT NOT NULL,
        performance TEXT NOT NULL,
        verdict TEXT NOT NULL,
        evaluated_at INTEGER NOT NULL,
        PRIMARY KEY (model, version, from_time, to_time)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE finding (
        id INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        last_seen INTEGER NOT NULL,
        count INTEGER NOT NULL,
        model TEXT NOT NULL,
        version INTEGER,
        kind TEXT NOT NULL,
        severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
        subject TEXT NOT NULL,
        message TEXT NOT NULL,
        evidence TEXT NOT NULL,
        command TEXT,
        state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed'))
      ) STRICT;
      CREATE UNIQUE INDEX finding_unclosed ON finding (model, kind, subject) WHERE state <> 'closed';
      CREATE INDEX finding_by_time ON finding (time);
      """)
}
