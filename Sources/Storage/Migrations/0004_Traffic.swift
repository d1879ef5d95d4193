extension Migration {
  /// Predictions, their counts by minute, and the truths that arrive for them.
  static let traffic = Migration(
    name: "0004-traffic",
    sql: """
      CREATE TABLE stream (
        id INTEGER PRIMARY KEY,
        model TEXT NOT NULL,
        version INTEGER NOT NULL,
        endpoint TEXT NOT NULL,
        role TEXT NOT NULL,
        count INTEGER NOT NULL DEFAULT 0,
        UNIQUE (model, version, endpoint, role)
      ) STRICT;

      CREATE TABLE prediction (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        stream INTEGER NOT NULL REFERENCES stream (id),
        time INTEGER NOT NULL,
        features TEXT NOT NULL,
        prediction ANY NOT NULL,
        probabilities BLOB,
        latency_us INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX prediction_by_stream ON prediction (stream, time);

      CREATE TABLE traffic (
        stream INTEGER NOT NULL REFERENCES stream (id),
        minute INTEGER NOT NULL,
        count INTEGER NOT NULL,
        latency_us INTEGER NOT NULL,
        PRIMARY KEY (stream, minute)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE latency (
        stream INTEGER NOT NULL REFERENCES stream (id),
        minute INTEGER NOT NULL,
        bucket INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (stream, minute, bucket)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE feedback (
        prediction TEXT NOT NULL,
        revision INTEGER NOT NULL,
        truth ANY NOT NULL,
        received_at INTEGER NOT NULL,
        PRIMARY KEY (prediction, revision)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX feedback_by_time ON feedback (received_at);
      \(appendOnly("feedback"))
      """)
}
