import Basics

extension Workspace {
  /// A run at work on another machine counts as interrupted after this long without a sign of life.
  static let heartbeatLimit: Int64 = 3600 * 1_000_000

  /// Writes down which runs' processes are gone.
  func markInterruptedRuns() throws {
    let dead = try database.read { try deadRuns($0) }
    guard !dead.isEmpty else { return }
    let now = clock.now()
    try database.write { connection in
      for id in try deadRuns(connection) {
        try connection.execute(
          "UPDATE run SET state = 'interrupted', finished_at = heartbeat_at WHERE id = ? AND state = 'running'",
          [.text(id)])
        try Self.appendEvent(
          connection, id, now, kind: "interrupted", message: "Its process ended without finishing the run.", .object([])
        )
      }
    }
  }

  private func deadRuns(_ connection: Connection) throws -> [String] {
    try connection.rows("SELECT * FROM run WHERE state = 'running' ORDER BY id")
      .filter { try Self.isDead($0, now: clock.now()) }.map { try $0.text("id") }
  }

  private static func isDead(_ row: SQLRow, now: Timestamp) throws -> Bool {
    let process = ProcessIdentity(
      identifier: try row.integer("process"), start: try row.text("process_start"), host: try row.text("host"))
    if let alive = process.isAlive { return !alive }
    return now.microseconds - (try row.time("heartbeat_at").microseconds) > heartbeatLimit
  }

  static func refuse(beginning draft: RunDraft, over known: RunSummary) throws {
    guard known.state != .running else {
      throw MLError(
        .conflict, "run '\(draft.id)': is at work in another process.",
        hint: "Wait for it, or choose another --run-id.")
    }
    guard known.project == draft.project, known.kind == draft.kind else {
      throw MLError(
        .conflict,
        "run '\(draft.id)': is a \(known.kind) of project '\(known.project)'; got \(draft.kind) of '\(draft.project)'.",
        hint: "Choose another --run-id.")
    }
  }

  static func upsert(
    _ connection: Connection, _ draft: RunDraft, attempt: Int, process: ProcessIdentity, at now: Timestamp
  ) throws {
    try connection.execute(
      """
      INSERT INTO run (id, project, kind, name, state, created_at, heartbeat_at, process, process_start, host, attempt,
        seed, parameters, datasets, project_file, environment)
      VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
      ON CONFLICT (id) DO UPDATE SET name = ?4, state = 'running', created_at = ?5, finished_at = NULL,
        heartbeat_at = ?5, process = ?6, process_start = ?7, host = ?8, attempt = ?9, seed = ?10, parameters = ?11,
        datasets = ?12, project_file = ?13, environment = ?14, error = NULL, model_version = NULL
      """,
      [
        .text(draft.id), .text(draft.project), .text(draft.kind), .text(draft.name), .time(now),
        .integer(process.identifier), .text(process.start), .text(process.host), .integer(attempt),
        .integer(Int64(bitPattern: draft.seed)), .json(draft.parameters),
        .json(.array(draft.datasets.map { .string($0.hex) })), .text(draft.projectFile), .json(draft.environment),
      ])
  }

  static func store(_ connection: Connection, _ run: String, _ outcome: RunOutcome, at now: Timestamp) throws {
    try connection.execute(
      """
      UPDATE run SET state = ?2, finished_at = ?3, heartbeat_at = ?3, model_version = ?4, error = ?5, candidates = ?6,
        findings = ?7, gate = ?8, report = ?9 WHERE id = ?1
      """,
      [
        .text(run), .text(outcome.state.rawValue), .time(now), .text(outcome.modelVersion), .text(outcome.error),
        .json(outcome.candidates), .json(outcome.findings), .json(outcome.gate), .json(outcome.report),
      ])
    let finite = outcome.metrics.filter(\.value.isFinite)
    for (position, metric) in finite.enumerated() {
      try connection.execute(
        """
        INSERT OR REPLACE INTO run_metric (run, split, name, position, value, low, high)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        [
          .text(run), .text(metric.split), .text(metric.name), .integer(position), .real(metric.value),
          .real(metric.low), .real(metric.high),
        ])
    }
  }

  static func appendEvent(
    _ connection: Connection, _ run: String, _ now: Timestamp, kind: String, message: String, _ details: JSONValue
  ) throws {
    try connection.execute(
      """
      INSERT INTO run_event (run, sequence, time, kind, message, details)
      VALUES (?1, (SELECT coalesce(max(sequence), 0) + 1 FROM run_event WHERE run = ?1), ?2, ?3, ?4, ?5)
      """,
      [.text(run), .time(now), .text(kind), .text(message), .json(details)])
  }

  static func event(_ row: SQLRow) throws -> RunEvent {
    RunEvent(
      sequence: Int64(try row.integer("sequence")), time: try row.time("time"), kind: try row.text("kind"),
      message: try row.text("message"), details: try row.json("details"))
  }

  static func requireRun(_ connection: Connection, _ run: String) throws {
    guard try connection.first("SELECT 1 FROM run WHERE id = ?", [.text(run)]) != nil else {
      throw try unknownRun(connection, run)
    }
  }

  static func unknownRun(_ connection: Connection, _ run: String) throws -> MLError {
    let known = try connection.rows("SELECT id FROM run ORDER BY created_at DESC LIMIT 1000").map { try $0.text(0) }
    return MLError.unknown("run", run, among: known, in: "workspace")
  }

  static func order(_ query: RunQuery, _ values: inout [SQLValue]) -> String {
    guard let metric = query.orderedBy else { return " ORDER BY created_at DESC, id DESC" }
    values += [.text(metric.name), .text(metric.split)]
    let name = values.count - 1
    let value =
      "(SELECT value FROM run_metric m WHERE m.run = run.id AND m.name = ?\(name) AND m.split = ?\(name + 1))"
    return " ORDER BY \(value) IS NULL, \(value) \(metric.descending ? "DESC" : "ASC"), created_at DESC, id DESC"
  }

  /// Summaries of the runs a condition (and an order) selects, with their metrics read in one go.
  static func summaries(
    _ connection: Connection, at now: Timestamp, _ condition: String, _ values: [SQLValue]
  ) throws -> [RunSummary] {
    let columns = "id, project, kind, name, state, created_at, finished_at, seed, attempt, model_version, error"
    let rows = try connection.rows(
      "SELECT \(columns), heartbeat_at, process, process_start, host FROM run WHERE \(condition)", values)
    var metrics: [String: [RunMetric]] = [:]
    let isAll = rows.count > 500
    let ids = isAll ? [] : try rows.map { SQLValue.text(try $0.text(0)) }
    let filter = isAll ? "" : "WHERE run IN (\(ids.map { _ in "?" }.joined(separator: ", ")))"
    try connection.forEach(
      "SELECT run, split, name, value, low, high FROM run_metric \(filter) ORDER BY run, position", ids
    ) {
      let metric = RunMetric(
        try $0.text(2), try $0.real(3), low: $0.optionalReal("low"), high: $0.optionalReal("high"),
        split: try $0.text(1))
      metrics[try $0.text(0), default: []].append(metric)
      return true
    }
    return try rows.map { row in
      try summary(row, metrics: metrics[try row.text(0)] ?? [], now: now)
    }
  }

  private static func summary(_ row: SQLRow, metrics: [RunMetric], now: Timestamp) throws -> RunSummary {
    let written = try row.text("state")
    guard var state = RunState(rawValue: written) else {
      throw MLError(.corruptFile, "workspace: a run is in an unknown state '\(written)'.", hint: "Run 'apus doctor'.")
    }
    if state == .running, try isDead(row, now: now) { state = .interrupted }
    return RunSummary(
      id: try row.text(0), project: try row.text(1), kind: try row.text(2), name: try row.text(3), state: state,
      createdAt: try row.time(5), finishedAt: row.optionalTime("finished_at"),
      seed: UInt64(bitPattern: Int64(try row.integer(7))), attempt: try row.integer(8),
      modelVersion: row.optionalText(9), error: row.optionalText(10), metrics: metrics)
  }
}
