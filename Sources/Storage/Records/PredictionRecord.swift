public import Basics

/// A predicted or true outcome: a number or a class.
public enum Outcome: Sendable, Hashable {
  /// A number.
  case number(Double)
  /// A class or another text.
  case text(String)

  /// The outcome as JSON.
  public var json: JSONValue {
    switch self {
    case .number(let value): .finite(value)
    case .text(let value): .string(value)
    }
  }

  /// From a JSON number, text or boolean; `nil` for anything else.
  public init?(json: JSONValue) {
    switch json {
    case .integer(let value): self = .number(Double(value))
    case .number(let value): self = .number(value)
    case .string(let value): self = .text(value)
    case .boolean(let value): self = .text(value ? "true" : "false")
    default: return nil
    }
  }
}

/// Name of a prediction: 26 characters, sortable by time, the last 16 drawn at random (80 bits).
///
/// - Source: the ULID form (Crockford's base 32 of 48 bits of milliseconds and 80 bits of chance).
public enum PredictionID {
  static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// A new name for an instant, from the system's generator.
  public static func make(at time: Timestamp) -> String {
    var generator = SystemRandomNumberGenerator()
    return make(at: time, using: &generator)
  }

  /// A new name for an instant, from a generator of yours.
  public static func make(at time: Timestamp, using generator: inout some RandomNumberGenerator) -> String {
    let milliseconds = UInt64(max(0, time.microseconds / 1000))
    let low = generator.next() as UInt64
    let high = UInt16(truncatingIfNeeded: generator.next() as UInt64)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(26)
    for shift in stride(from: 45, through: 0, by: -5) { bytes.append(digits[Int(milliseconds >> UInt64(shift)) & 31]) }
    // 80 bits of chance: 16 above 64; the top digit takes 5 of the 16, and so on down.
    var rest = (high: UInt64(high), low: low)
    var tail: [UInt8] = []
    for _ in 0..<16 {
      tail.append(digits[Int(rest.low & 31)])
      rest.low = rest.low >> 5 | rest.high << 59
      rest.high >>= 5
    }
    bytes.append(contentsOf: tail.reversed())
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether a text has the form of a prediction id.
  public static func isValid(_ text: String) -> Bool {
    let bytes = text.utf8
    return bytes.count == 26 && bytes.allSatisfy { digits.contains($0) }
  }
}

/// A scored row, as the log keeps it.
public struct PredictionRecord: Sendable, Hashable {
  /// Its name (see `PredictionID`).
  public var id: String
  /// Model that answered.
  public var model: String
  /// Version that answered.
  public var version: Int
  /// Endpoint asked.
  public var endpoint: String
  /// Role of the version in this answer: `champion`, `challenger` or `shadow`.
  public var role: AliasName
  /// When.
  public var time: Timestamp
  /// The row as sent, one compact JSON object.
  public var features: String
  /// What was answered.
  public var prediction: Outcome
  /// Probabilities in the archive's class order; empty where there are none.
  public var probabilities: [Double]
  /// Time to answer, in microseconds.
  public var latencyMicroseconds: Int

  /// Makes one.
  public init(
    id: String, model: String, version: Int, endpoint: String, role: AliasName = .champion, time: Timestamp,
    features: String, prediction: Outcome, probabilities: [Double] = [], latencyMicroseconds: Int
  ) {
    self.id = id
    self.model = model
    self.version = version
    self.endpoint = endpoint
    self.role = role
    self.time = time
    self.features = features
    self.prediction = prediction
    self.probabilities = probabilities
    self.latencyMicroseconds = latencyMicroseconds
  }

  /// All fields, snake case; the row as an object.
  public var json: JSONValue {
    .object([
      ("id", .string(id)), ("model", .string(model)), ("version", .integer(Int64(version))),
      ("endpoint", .string(endpoint)), ("role", .string(role.rawValue)), ("time", .string(time.description)),
      ("features", (try? JSONValue(parsing: features)) ?? .null), ("prediction", prediction.json),
      ("probabilities", .array(probabilities.map { .number($0) })),
      ("latency_us", .integer(Int64(latencyMicroseconds))),
    ])
  }
}

/// Which predictions to read; in the order they were logged, page by page.
public struct PredictionQuery: Sendable, Hashable {
  /// Only this model.
  public var model: String?
  /// Only this version.
  public var version: Int?
  /// Only this role.
  public var role: AliasName?
  /// From this instant on.
  public var from: Timestamp?
  /// Before this instant.
  public var to: Timestamp?
  /// After this cursor (`PredictionPage.next`).
  public var after: Int64?
  /// Newest first.
  public var newestFirst: Bool
  /// At most so many.
  public var limit: Int

  /// Makes one.
  public init(
    model: String? = nil, version: Int? = nil, role: AliasName? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
    after: Int64? = nil, newestFirst: Bool = false, limit: Int = 1000
  ) {
    self.model = model
    self.version = version
    self.role = role
    self.from = from
    self.to = to
    self.after = after
    self.newestFirst = newestFirst
    self.limit = limit
  }
}

/// Some predictions and where to go on.
public struct PredictionPage: Sendable, Hashable {
  /// The predictions.
  public let records: [PredictionRecord]
  /// Cursor of the next page; `nil` when this was the last.
  public let next: Int64?
}

/// Traffic of one minute.
public struct TrafficMinute: Sendable, Hashable {
  /// Start of the minute.
  public let minute: Timestamp
  /// Predictions in it.
  public let count: Int
  /// Mean time to answer, in microseconds.
  public let meanLatencyMicroseconds: Double
}

/// Traffic of a stretch of time.
public struct TrafficSummary: Sendable, Hashable {
  /// Predictions.
  public let count: Int
  /// Instant of the latest, to the minute; `nil` when there is none.
  public let latest: Timestamp?
  /// Quantiles of the time to answer in microseconds, by quantile, each within 3 % of the true value.
  public let latencyMicroseconds: [(quantile: Double, value: Double)]

  /// Counts and quantiles agree.
  public static func == (a: TrafficSummary, b: TrafficSummary) -> Bool {
    a.count == b.count && a.latest == b.latest
      && a.latencyMicroseconds.elementsEqual(b.latencyMicroseconds) { $0 == $1 }
  }

  /// Hashes the count.
  public func hash(into hasher: inout Hasher) { hasher.combine(count) }
}
