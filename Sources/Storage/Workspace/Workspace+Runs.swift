public import Basics

extension Workspace {
  /// A name for a run that begins now: sortable by time, e.g. `20260131-120000-7K3Q9D`.
  public func makeRunID() -> String {
    let now = clock.now()
    let digits = now.description.filter(\.isNumber)
    return "\(digits.prefix(8))-\(digits.dropFirst(8).prefix(6))-\(PredictionID.make(at: now).suffix(6))"
  }

  /// Begins a run, or tells that a run of this id has finished already.
  ///
  /// A run that failed, was cancelled or was interrupted is begun again under the same id, one attempt later.
  ///
  /// - Throws: `.conflict` when a run of this id is at work, or the id belongs to another project or kind.
  public func beginRun(_ draft: RunDraft) throws -> RunBeginning {
    let now = clock.now()
    let process = ProcessIdentity.current
    return try database.write { connection in
      var attempt = 1
      if let known = try Self.summaries(connection, at: now, "id = ?1", [.text(draft.id)]).first {
        try Self.refuse(beginning: draft, over: known)
        if known.state == .finished { return .alreadyFinished(known) }
        attempt = known.attempt + 1
      }
      try Self.upsert(connection, draft, attempt: attempt, process: process, at: now)
      if attempt > 1 {
        try connection.execute("DELETE FROM run_metric WHERE run = ?", [.text(draft.id)])
        try Self.appendEvent(
          connection, draft.id, now, kind: "attempt", message: "Begun again, attempt \(attempt).", .object([]))
      }
      guard let begun = try Self.summaries(connection, at: now, "id = ?1", [.text(draft.id)]).first else {
        throw MLError(.internalFailure, "run '\(draft.id)': was not found after it was begun.")
      }
      return .started(begun)
    }
  }

  /// Adds a line to a run's story and tells that its process is alive.
  public func record(_ kind: String, _ message: String, details: JSONValue = .object([]), in run: String) throws {
    let now = clock.now()
    try database.write(.batched) { connection in
      try Self.requireRun(connection, run)
      try Self.appendEvent(connection, run, now, kind: kind, message: message, details)
      try connection.execute("UPDATE run SET heartbeat_at = ? WHERE id = ?", [.time(now), .text(run)])
    }
  }

  /// Adds points of metrics that change while a run goes on; the same point twice counts once.
  public func record(_ points: [MetricPoint], in run: String) throws {
    guard !points.isEmpty else { return }
    if let bad = points.first(where: { !$0.value.isFinite }) {
      throw MLError(
        .invalidData, "run '\(run)': metric '\(bad.key)' must be a finite number (step \(bad.step)).", field: bad.key)
    }
    try database.write(.batched) { connection in
      try Self.requireRun(connection, run)
      let statement = try connection.prepare(
        "INSERT OR REPLACE INTO metric_point (run, key, step, time, value) VALUES (?, ?, ?, ?, ?)")
      for point in points {
        try statement.run([.text(run), .text(point.key), .integer(point.step), .time(point.time), .real(point.value)])
      }
    }
  }

  /// Sets tags of a run.
  public func setTags(_ tags: [(key: String, value: String)], of run: String) throws {
    try database.write { connection in
      try Self.requireRun(connection, run)
      for tag in tags {
        try connection.execute(
          "INSERT OR REPLACE INTO run_tag (run, key, value) VALUES (?, ?, ?)",
          [.text(run), .text(tag.key), .text(tag.value)])
      }
    }
  }

  /// Lays settings over those of a run; a key that is there keeps its place and gets the new value.
  public func setParameters(_ parameters: [(key: String, value: JSONValue)], of run: String) throws {
    try database.write { connection in
      guard let row = try connection.first("SELECT parameters FROM run WHERE id = ?", [.text(run)]) else {
        throw try Self.unknownRun(connection, run)
      }
      var merged = try row.json("parameters")
      for (key, value) in parameters { merged[key] = value }
      try connection.execute("UPDATE run SET parameters = ? WHERE id = ?", [.json(merged), .text(run)])
    }
  }

  /// Notes which dataset versions a run reads, once they are known.
  public func setDatasets(_ datasets: [Digest], of run: String) throws {
    try database.write { connection in
      try Self.requireRun(connection, run)
      try connection.execute(
        "UPDATE run SET datasets = ? WHERE id = ?", [.json(.array(datasets.map { .string($0.hex) })), .text(run)])
    }
  }

  /// Ends a run; ending it again with the same outcome changes nothing.
  ///
  /// - Throws: `.conflict` when it ended otherwise before.
  public func finishRun(_ run: String, _ outcome: RunOutcome) throws {
    guard outcome.state != .running, outcome.state != .interrupted else {
      throw MLError(
        .invalidParameter, "run '\(run)': must end as finished, failed or cancelled; got \(outcome.state.rawValue).")
    }
    let now = clock.now()
    try database.write { connection in
      guard let known = try Self.summaries(connection, at: now, "id = ?1", [.text(run)]).first else {
        throw try Self.unknownRun(connection, run)
      }
      if known.state == outcome.state { return }
      guard known.state != .finished else {
        throw MLError(.conflict, "run '\(run)': has finished and cannot end as \(outcome.state.rawValue).")
      }
      try Self.store(connection, run, outcome, at: now)
    }
  }

  /// Runs that match, newest first unless a metric orders them.
  public func runs(matching query: RunQuery = RunQuery()) throws -> [RunSummary] {
    let now = clock.now()
    return try database.read { connection in
      var conditions = ["1"]
      var values: [SQLValue] = []
      func restrict(_ column: String, _ value: String?) {
        guard let value else { return }
        values.append(.text(value))
        conditions.append("\(column) = ?\(values.count)")
      }
      restrict("project", query.project)
      restrict("kind", query.kind)
      var condition = conditions.joined(separator: " AND ")
      // A run whose process is gone is shown as interrupted, so states are compared after reading.
      guard query.states.isEmpty else {
        let all = try Self.summaries(connection, at: now, condition + Self.order(query, &values), values)
        return Array(all.filter { query.states.contains($0.state) }.dropFirst(query.offset).prefix(query.limit))
      }
      condition += Self.order(query, &values)
      values += [.integer(query.limit), .integer(query.offset)]
      return try Self.summaries(
        connection, at: now, condition + " LIMIT ?\(values.count - 1) OFFSET ?\(values.count)", values)
    }
  }

  /// A run with all it is known by.
  ///
  /// - Throws: `.notFound` with the closest id.
  public func run(_ id: String) throws -> Run {
    let now = clock.now()
    return try database.read { connection in
      guard let summary = try Self.summaries(connection, at: now, "id = ?1", [.text(id)]).first,
        let row = try connection.first("SELECT * FROM run WHERE id = ?", [.text(id)])
      else { throw try Self.unknownRun(connection, id) }
      let tags = try connection.rows("SELECT key, value FROM run_tag WHERE run = ? ORDER BY key", [.text(id)])
      let events = try connection.rows("SELECT * FROM run_event WHERE run = ? ORDER BY sequence", [.text(id)])
      return Run(
        summary: summary, parameters: try row.json("parameters"), datasets: try row.digests("datasets"),
        projectFile: try row.text("project_file"), environment: try row.json("environment"),
        candidates: try row.json("candidates"), findings: try row.json("findings"), gate: try row.json("gate"),
        report: try row.json("report"), tags: try tags.map { (try $0.text(0), try $0.text(1)) },
        events: try events.map(Self.event))
    }
  }

  /// Points of one metric of a run, by step and time.
  public func metricPoints(_ key: String, of run: String) throws -> [MetricPoint] {
    try database.read { connection in
      try connection.rows(
        "SELECT step, value, time FROM metric_point WHERE run = ? AND key = ? ORDER BY step, time",
        [.text(run), .text(key)]
      ).map { MetricPoint(key: key, step: Int64(try $0.integer(0)), value: try $0.real(1), time: try $0.time(2)) }
    }
  }

  /// Names of the metrics a run has points of, sorted.
  public func metricKeys(of run: String) throws -> [String] {
    try database.read { connection in
      try connection.rows("SELECT DISTINCT key FROM metric_point WHERE run = ? ORDER BY key", [.text(run)]).map {
        try $0.text(0)
      }
    }
  }
}
