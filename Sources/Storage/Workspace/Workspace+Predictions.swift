public import Basics

extension Workspace {
  /// The way into the prediction log.
  ///
  /// - Parameter privateColumns: by model, the columns that must never be written.
  public func predictionLog(privateColumns: [String: Set<String>] = [:]) -> PredictionLog {
    PredictionLog(database: database, privateColumns: privateColumns)
  }

  /// The prediction of an id.
  public func prediction(_ id: String) throws -> PredictionRecord? {
    try database.read {
      try $0.first("\(Self.predictionColumns) WHERE p.id = ?", [.text(id)]).map { try Self.prediction($0) }
    }
  }

  /// A page of predictions in the order they were logged, or newest first.
  public func predictions(matching query: PredictionQuery) throws -> PredictionPage {
    try database.read { connection in
      var (condition, values) = try Self.condition(connection, query)
      values.append(.integer(query.limit + 1))
      let rows = try connection.rows(
        "\(Self.predictionColumns) WHERE \(condition) ORDER BY p.sequence \(query.newestFirst ? "DESC" : "") LIMIT ?",
        values)
      let page = rows.prefix(query.limit)
      return PredictionPage(
        records: try page.map { try Self.prediction($0) },
        next: rows.count > query.limit ? Int64(try page.last?.integer(0) ?? 0) : nil)
    }
  }

  /// Lends predictions one by one in the order they were logged, from one consistent state, in constant memory.
  ///
  /// `query.limit` and `query.newestFirst` are ignored. `body` may call the workspace.
  public func forEachPrediction(matching query: PredictionQuery, _ body: (PredictionRecord) throws -> Void) throws {
    var query = query
    query.newestFirst = false
    try database.read { connection in
      let (condition, values) = try Self.condition(connection, query)
      try connection.forEach("\(Self.predictionColumns) WHERE \(condition) ORDER BY p.sequence", values) {
        try body(try Self.prediction($0))
        return true
      }
    }
  }

  /// Traffic by minute, minutes without any left out; from the counters, not from the log.
  public func traffic(
    model: String? = nil, version: Int? = nil, from: Timestamp, to: Timestamp
  ) throws -> [TrafficMinute] {
    try database.read { connection in
      try connection.rows(
        """
        SELECT t.minute, sum(t.count) AS count, sum(t.latency_us) AS latency FROM traffic t
        WHERE t.stream IN (\(Self.streams)) AND t.minute >= ?4 AND t.minute < ?5 GROUP BY t.minute ORDER BY t.minute
        """, [.text(model), .integer(version), .null, .time(from), .time(to)]
      ).map { row in
        let count = try row.integer("count")
        return TrafficMinute(
          minute: try row.time("minute"), count: count,
          meanLatencyMicroseconds: Double(try row.integer("latency")) / Double(max(1, count)))
      }
    }
  }

  /// Traffic of a stretch of whole minutes with quantiles of the time to answer.
  public func trafficSummary(
    model: String? = nil, version: Int? = nil, from: Timestamp, to: Timestamp, quantiles: [Double] = [0.5, 0.95, 0.99]
  ) throws -> TrafficSummary {
    try database.read { connection in
      let values: [SQLValue] = [.text(model), .integer(version), .null, .time(from), .time(to)]
      let rows = try connection.rows(
        """
        SELECT l.bucket, sum(l.count) AS count, max(l.minute) AS latest FROM latency l
        WHERE l.stream IN (\(Self.streams)) AND l.minute >= ?4 AND l.minute < ?5 GROUP BY l.bucket ORDER BY l.bucket
        """, values)
      let buckets = try rows.map { (bucket: try $0.integer("bucket"), count: try $0.integer("count")) }
      let total = buckets.reduce(0) { $0 + $1.count }
      return TrafficSummary(
        count: total, latest: try rows.map { try $0.time("latest") }.max(),
        latencyMicroseconds: total == 0 ? [] : quantiles.map { ($0, Self.quantile($0, buckets, total)) })
    }
  }

  /// Number of predictions ever logged for a model, or for all.
  public func predictionCount(model: String? = nil, version: Int? = nil, role: AliasName? = nil) throws -> Int {
    try database.read { connection in
      try connection.count(
        "SELECT sum(count) FROM stream WHERE id IN (\(Self.streams))",
        [.text(model), .integer(version), .text(role?.rawValue)])
    }
  }

  /// Streams of a model (`?1`), version (`?2`) and role (`?3`), each optional.
  static let streams = """
    SELECT id FROM stream
    WHERE (?1 IS NULL OR model = ?1) AND (?2 IS NULL OR version = ?2) AND (?3 IS NULL OR role = ?3)
    """

  static let predictionColumns = """
    SELECT p.sequence, p.id, s.model, s.version, s.endpoint, s.role, p.time, p.features, p.prediction,
      p.probabilities, p.latency_us FROM prediction p JOIN stream s ON s.id = p.stream
    """

  static func prediction(_ row: SQLRow) throws -> PredictionRecord {
    PredictionRecord(
      id: try row.text(1), model: try row.text(2), version: try row.integer(3), endpoint: try row.text(4),
      role: try aliasName(row.text(5)), time: try row.time(6), features: try row.text(7),
      prediction: try row.outcome(8),
      probabilities: PredictionLog.values(of: row.blob(9)), latencyMicroseconds: try row.integer(10))
  }

  private static func quantile(_ quantile: Double, _ buckets: [(bucket: Int, count: Int)], _ total: Int) -> Double {
    let rank = max(1, Int((quantile * Double(total)).rounded(.up)))
    var seen = 0
    for (bucket, count) in buckets {
      seen += count
      if seen >= rank { return TrafficCounts.value(ofBucket: bucket) }
    }
    return buckets.last.map { TrafficCounts.value(ofBucket: $0.bucket) } ?? 0
  }

  /// The condition of a query.
  ///
  /// The log is read in its own order, so a window in time is first turned into a stretch of the log by way of the
  /// index. Streams are looked up by the index only when they hold a small part of the log (a `+` keeps the planner
  /// from it otherwise): else every page would sort all of their rows.
  private static func condition(_ connection: Connection, _ query: PredictionQuery) throws -> (String, [SQLValue]) {
    let chosen = try connection.rows(
      "SELECT id, count FROM stream WHERE id IN (\(streams)) ORDER BY id",
      [.text(query.model), .integer(query.version), .text(query.role?.rawValue)])
    let list = try chosen.map { String(try $0.integer(0)) }.joined(separator: ", ")
    var parts = ["1"]
    if query.model != nil || query.version != nil || query.role != nil {
      var selected = 0
      for stream in chosen { selected += try stream.integer(1) }
      let total = try connection.count("SELECT sum(count) FROM stream")
      parts.append("\(selected * 20 < total ? "" : "+")p.stream IN (\(list))")
    }
    if let from = query.from { parts.append("p.time >= \(from.microseconds)") }
    if let to = query.to { parts.append("p.time < \(to.microseconds)") }
    if query.from != nil || query.to != nil {
      let low = query.from?.microseconds ?? Int64.min
      let high = query.to?.microseconds ?? Int64.max
      let ends = try connection.first(
        """
        SELECT min(sequence) AS low, max(sequence) AS high FROM prediction INDEXED BY prediction_by_stream
        WHERE stream IN (\(list)) AND time >= ? AND time < ?
        """, [.integer(low), .integer(high)])
      guard let ends, let first = ends.optionalInteger("low"), let last = ends.optionalInteger("high") else {
        return ("0", [])
      }
      parts.append("p.sequence BETWEEN \(first) AND \(last)")
    }
    guard let after = query.after else { return (parts.joined(separator: " AND "), []) }
    parts.append("p.sequence \(query.newestFirst ? "<" : ">") ?")
    return (parts.joined(separator: " AND "), [.integer(after)])
  }
}
