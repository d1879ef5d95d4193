import Basics

/// The way into the prediction log; private columns are left out here, so that no caller can forget it.
public struct PredictionLog: Sendable {
  private let database: Database
  private let privateColumns: [String: Set<String>]

  init(database: Database, privateColumns: [String: Set<String>]) {
    self.database = database
    self.privateColumns = privateColumns
  }

  /// Appends predictions in one transaction; when it returns, they survive the death of the process.
  ///
  /// - Throws: `.invalidData` for a number that is not finite or for features that are no JSON object; `.conflict`
  ///   when an id is there already. Nothing is written then.
  /// - Complexity: O(records); batches of a thousand and more are cheapest by the row.
  public func append(_ records: [PredictionRecord]) throws {
    guard !records.isEmpty else { return }
    let rows = try records.map(prepared)
    try database.write(.batched) { connection in
      let statement = try connection.prepare(
        """
        INSERT INTO prediction (id, stream, time, features, prediction, probabilities, latency_us)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
      var traffic = TrafficCounts()
      var streams: [StreamKey: Int64] = [:]
      for row in rows {
        let key = StreamKey(row)
        let stream: Int64
        if let known = streams[key] {
          stream = known
        } else {
          stream = try key.identifier(connection)
          streams[key] = stream
        }
        try statement.run([
          .text(row.id), .integer(stream), .time(row.time), .text(row.features), .outcome(row.prediction),
          row.probabilities.isEmpty ? .null : .blob(Self.bytes(of: row.probabilities)),
          .integer(row.latencyMicroseconds),
        ])
        traffic.add(stream: stream, time: row.time, latency: row.latencyMicroseconds)
      }
      try traffic.store(connection)
    }
  }

  private func prepared(_ record: PredictionRecord) throws -> PredictionRecord {
    if case .number(let value) = record.prediction, !value.isFinite {
      throw MLError(.invalidData, "prediction log: the prediction of model '\(record.model)' must be a finite number.")
    }
    guard let names = privateColumns[record.model], !names.isEmpty else { return record }
    guard case .object(let pairs) = try JSONValue(parsing: record.features) else {
      throw MLError(.invalidData, "prediction log: the row of model '\(record.model)' must be a JSON object.")
    }
    var row = record
    row.features = JSONValue.object(pairs.filter { !names.contains($0.0) }).compact
    return row
  }

  /// Little-endian doubles.
  static func bytes(of values: [Double]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(values.count * 8)
    for value in values {
      let bits = value.bitPattern
      for shift in stride(from: UInt64(0), to: 64, by: 8) { out.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }
    return out
  }

  static func values(of bytes: [UInt8]) -> [Double] {
    stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
      var bits: UInt64 = 0
      for index in 0..<8 { bits |= UInt64(bytes[start + index]) << UInt64(8 * index) }
      return Double(bitPattern: bits)
    }
  }
}

/// What the predictions of one stream have in common.
private struct StreamKey: Hashable {
  let model: String
  let version: Int
  let endpoint: String
  let role: AliasName

  init(_ record: PredictionRecord) {
    (model, version, endpoint, role) = (record.model, record.version, record.endpoint, record.role)
  }

  func identifier(_ connection: Connection) throws -> Int64 {
    let values: [SQLValue] = [.text(model), .integer(version), .text(endpoint), .text(role.rawValue)]
    let known = try connection.first(
      "SELECT id FROM stream WHERE model = ? AND version = ? AND endpoint = ? AND role = ?", values)
    if let known { return Int64(try known.integer(0)) }
    try connection.execute("INSERT INTO stream (model, version, endpoint, role) VALUES (?, ?, ?, ?)", values)
    return connection.lastKey
  }
}
