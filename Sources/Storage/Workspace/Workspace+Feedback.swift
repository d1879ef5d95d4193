import Basics

extension Workspace {
  /// Keeps truths for predictions: late, repeated, corrected, or for ids not (yet) in the log. Nothing is lost.
  ///
  /// The same `run` counts once: the second time, the first receipt is returned.
  ///
  /// - Throws: `.invalidData` for a truth that is not finite or an empty id; nothing is written then.
  public func addFeedback(_ entries: [FeedbackEntry], run: String? = nil) throws -> FeedbackReceipt {
    for entry in entries {
      if case .number(let value) = entry.truth, !value.isFinite {
        throw MLError(
          .invalidData, "feedback: the truth for '\(entry.predictionID)' must be a finite number.", field: "truth")
      }
      guard !entry.predictionID.isEmpty else {
        throw MLError(.invalidData, "feedback: 'prediction_id' must not be empty.", field: "prediction_id")
      }
    }
    let now = clock.now()
    return try database.write { connection in
      let result = try Self.once(connection, run: run, action: "feedback", at: now) {
        var receipt = FeedbackReceipt(accepted: 0, repeated: 0, corrected: 0, unmatched: 0, unmatchedIDs: [])
        for entry in entries { try Self.add(connection, entry, at: now, to: &receipt) }
        return receipt.json
      }
      return FeedbackReceipt(json: result)
    }
  }

  /// Every truth received for a prediction, in order; the last one counts.
  public func feedback(for predictionID: String) throws -> [FeedbackRevision] {
    try database.read { connection in
      try connection.rows(
        "SELECT revision, truth, received_at FROM feedback WHERE prediction = ? ORDER BY revision",
        [.text(predictionID)]
      ).map {
        FeedbackRevision(
          predictionID: predictionID, revision: try $0.integer(0), truth: try $0.outcome(1), receivedAt: try $0.time(2))
      }
    }
  }

  /// Truths whose prediction is not in the log, by id.
  public func unmatchedFeedback(limit: Int = 100) throws -> [FeedbackRevision] {
    try database.read { connection in
      try connection.rows(
        "SELECT f.prediction, f.revision, f.truth, f.received_at \(Self.unmatched) ORDER BY f.prediction LIMIT ?",
        [.integer(limit)]
      ).map {
        FeedbackRevision(
          predictionID: try $0.text(0), revision: try $0.integer(1), truth: try $0.outcome(2),
          receivedAt: try $0.time(3))
      }
    }
  }

  /// Number of truths whose prediction is not in the log.
  public func unmatchedFeedbackCount() throws -> Int {
    try database.read { try $0.count("SELECT count(*) \(Self.unmatched)") }
  }

  /// Predictions with their latest truth, in the order they were logged.
  public func labelled(_ query: LabelQuery) throws -> [LabelledPrediction] {
    try database.read { connection in
      var (condition, values) = Self.condition(query)
      var limit = ""
      if let count = query.limit {
        values.append(.integer(count))
        limit = " DESC LIMIT ?\(values.count)"
      }
      let rows = try connection.rows(
        """
        SELECT p.sequence, p.id, s.model, s.version, s.endpoint, s.role, p.time, p.features, p.prediction,
          p.probabilities, p.latency_us, f.truth, f.received_at \(Self.labels) WHERE \(condition)
        ORDER BY p.sequence\(limit)
        """, values)
      let found = try rows.map {
        LabelledPrediction(prediction: try Self.prediction($0), truth: try $0.outcome(11), receivedAt: try $0.time(12))
      }
      return query.limit == nil ? found : found.reversed()
    }
  }

  /// Number of predictions that match and have a truth.
  public func labelledCount(_ query: LabelQuery) throws -> Int {
    try database.read { connection in
      let (condition, values) = Self.condition(query)
      return try connection.count("SELECT count(*) \(Self.labels) WHERE \(condition)", values)
    }
  }

  private static let unmatched = """
    FROM feedback f WHERE f.revision = (SELECT max(revision) FROM feedback g WHERE g.prediction = f.prediction)
      AND NOT EXISTS (SELECT 1 FROM prediction p WHERE p.id = f.prediction)
    """

  private static let labels = """
    FROM feedback f JOIN prediction p ON p.id = f.prediction JOIN stream s ON s.id = p.stream
    """

  private static func condition(_ query: LabelQuery) -> (String, [SQLValue]) {
    let condition = """
      f.revision = (SELECT max(revision) FROM feedback g WHERE g.prediction = f.prediction)
        AND s.model = ?1 AND (?2 IS NULL OR s.version = ?2) AND (?3 IS NULL OR s.role = ?3)
        AND (?4 IS NULL OR p.time >= ?4) AND (?5 IS NULL OR p.time < ?5) AND (?6 IS NULL OR f.received_at > ?6)
      """
    return (
      condition,
      [
        .text(query.model), .integer(query.version), .text(query.role?.rawValue), .time(query.from), .time(query.to),
        .time(query.receivedAfter),
      ]
    )
  }

  private static func add(
    _ connection: Connection, _ entry: FeedbackEntry, at now: Timestamp, to receipt: inout FeedbackReceipt
  ) throws {
    let id = SQLValue.text(entry.predictionID)
    let last = try connection.first(
      "SELECT revision, truth FROM feedback WHERE prediction = ? ORDER BY revision DESC LIMIT 1", [id])
    if let last, try last.outcome(1) == entry.truth {
      receipt.repeated += 1
    } else {
      let revision = 1 + (try last?.integer(0) ?? 0)
      try connection.execute(
        "INSERT INTO feedback (prediction, revision, truth, received_at) VALUES (?, ?, ?, ?)",
        [id, .integer(revision), .outcome(entry.truth), .time(entry.receivedAt ?? now)])
      if revision == 1 { receipt.accepted += 1 } else { receipt.corrected += 1 }
    }
    guard try connection.first("SELECT 1 FROM prediction WHERE id = ?", [id]) == nil else { return }
    receipt.unmatched += 1
    if receipt.unmatchedIDs.count < 100 { receipt.unmatchedIDs.append(entry.predictionID) }
  }
}

extension FeedbackReceipt {
  fileprivate init(json: JSONValue) {
    func count(_ key: String) -> Int { Int(json[key]?.integerValue ?? 0) }
    self.init(
      accepted: count("accepted"), repeated: count("repeated"), corrected: count("corrected"),
      unmatched: count("unmatched"), unmatchedIDs: (json["unmatched_ids"]?.arrayValue ?? []).compactMap(\.stringValue))
  }
}
