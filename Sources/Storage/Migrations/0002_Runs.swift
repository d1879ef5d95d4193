extension Migration {
  /// Dataset versions, runs with their story, and openings of sealed test rows.
  static let runs = Migration(
    name: "0002-runs",
    sql: """
      CREATE TABLE dataset_version (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        digest TEXT NOT NULL,
        schema TEXT NOT NULL,
        shards TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        profile TEXT,
        parents TEXT NOT NULL,
        lineage TEXT NOT NULL,
        source TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (name, version),
        UNIQUE (name, digest)
      ) STRICT;
      CREATE INDEX dataset_version_by_digest ON dataset_version (digest);
      CREATE TRIGGER dataset_version_is_immutable
      BEFORE UPDATE OF name, version, digest, schema, shards, row_count ON dataset_version
      BEGIN SELECT RAISE(ABORT, 'a dataset version cannot be changed'); END;

      CREATE TABLE run (
        id TEXT PRIMARY KEY NOT NULL,
        project TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'failed', 'cancelled', 'interrupted')),
        created_at INTEGER NOT NULL,
        finished_at INTEGER,
        heartbeat_at INTEGER NOT NULL,
        process INTEGER NOT NULL,
        process_start TEXT NOT NULL,
        host TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        seed INTEGER NOT NULL,
        parameters TEXT NOT NULL,
        datasets TEXT NOT NULL,
        project_file TEXT NOT NULL,
        environment TEXT NOT NULL,
        model_version TEXT,
        error TEXT,
        candidates TEXT NOT NULL DEFAULT '[]',
        findings TEXT NOT NULL DEFAULT '[]',
        gate TEXT NOT NULL DEFAULT 'null',
        report TEXT NOT NULL DEFAULT 'null'
      ) STRICT;
      CREATE INDEX run_by_time ON run (created_at, id);
      CREATE INDEX run_by_project ON run (project, created_at);
      CREATE INDEX run_at_work ON run (id) WHERE state = 'running';

      CREATE TABLE run_event (
        run TEXT NOT NULL REFERENCES run (id),
        sequence INTEGER NOT NULL,
        time INTEGER NOT NULL,
        kind TEXT NOT NULL,
        message TEXT NOT NULL,
        details TEXT NOT NULL,
        PRIMARY KEY (run, sequence)
      ) STRICT, WITHOUT ROWID;
      \(appendOnly("run_event"))

      CREATE TABLE run_metric (
        run TEXT NOT NULL REFERENCES run (id),
        split TEXT NOT NULL,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        value REAL NOT NULL,
        low REAL,
        high REAL,
        PRIMARY KEY (run, split, name)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE metric_point (
        run TEXT NOT NULL REFERENCES run (id),
        key TEXT NOT NULL,
        step INTEGER NOT NULL,
        time INTEGER NOT NULL,
        value REAL NOT NULL,
        PRIMARY KEY (run, key, step, time)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE run_tag (
        run TEXT NOT NULL REFERENCES run (id),
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (run, key)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE sealed_opening (
        dataset TEXT NOT NULL,
        split TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        run TEXT NOT NULL,
        purpose TEXT NOT NULL,
        time INTEGER NOT NULL,
        PRIMARY KEY (dataset, split, ordinal),
        UNIQUE (dataset, split, run)
      ) STRICT, WITHOUT ROWID;
      \(appendOnly("sealed_opening"))
      """)
}
