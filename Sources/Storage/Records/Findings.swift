public import Basics

/// A slice of served traffic and what was found in it.
public struct WindowRecord: Sendable, Hashable {
  /// The model.
  public var model: String
  /// The version that answered.
  public var version: Int
  /// First instant.
  public var from: Timestamp
  /// First instant after it.
  public var to: Timestamp
  /// Predictions in it.
  public var rowCount: Int
  /// Its profile.
  public var profile: JSONValue
  /// Its drift report.
  public var drift: JSONValue
  /// Its realised or estimated performance.
  public var performance: JSONValue
  /// The verdict in one word: `stable`, `drift`, `too_few_rows`, …
  public var verdict: String
  /// When it was judged; set by the workspace.
  public var evaluatedAt: Timestamp?

  /// Makes one.
  public init(
    model: String, version: Int, from: Timestamp, to: Timestamp, rowCount: Int, profile: JSONValue, drift: JSONValue,
    performance: JSONValue = .null, verdict: String
  ) {
    self.model = model
    self.version = version
    self.from = from
    self.to = to
    self.rowCount = rowCount
    self.profile = profile
    self.drift = drift
    self.performance = performance
    self.verdict = verdict
  }
}

/// How much a finding matters.
public enum FindingSeverity: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Worth knowing.
  case info
  /// Somebody should look.
  case warning
  /// Somebody must act.
  case critical

  /// Information before warnings before what cannot wait.
  public static func < (a: FindingSeverity, b: FindingSeverity) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}

/// Whether somebody has seen to a finding.
public enum FindingState: String, Sendable, Hashable, CaseIterable {
  /// Nobody has seen to it.
  case open
  /// Somebody has seen it.
  case acknowledged
  /// Settled; seen again, it opens as a new finding.
  case closed
}

/// What a check or a monitor says, before it is kept.
public struct FindingDraft: Sendable, Hashable {
  /// The model; empty when it is about the workspace.
  public var model: String
  /// The version, when it is about one.
  public var version: Int?
  /// Kind, e.g. `data_drift`, `performance`, `leakage`.
  public var kind: String
  /// How much it matters.
  public var severity: FindingSeverity
  /// What it is about: a column, a slice, a metric.
  public var subject: String
  /// The finding in one sentence.
  public var message: String
  /// The numbers behind it.
  public var evidence: JSONValue
  /// The command that acts on it.
  public var command: String?

  /// Makes one.
  public init(
    model: String, version: Int? = nil, kind: String, severity: FindingSeverity, subject: String, message: String,
    evidence: JSONValue = .object([]), command: String? = nil
  ) {
    self.model = model
    self.version = version
    self.kind = kind
    self.severity = severity
    self.subject = subject
    self.message = message
    self.evidence = evidence
    self.command = command
  }
}

/// A finding that is kept.
public struct FindingRecord: Sendable, Hashable {
  /// Number in the workspace.
  public let id: Int64
  /// When it was first seen.
  public let time: Timestamp
  /// When it was last seen.
  public let lastSeen: Timestamp
  /// How often it was seen while open.
  public let count: Int
  /// What was said last.
  public let finding: FindingDraft
  /// Whether somebody has seen to it.
  public let state: FindingState

  /// All fields, snake case.
  public var json: JSONValue {
    .object([
      ("id", .integer(id)), ("time", .string(time.description)), ("last_seen", .string(lastSeen.description)),
      ("count", .integer(Int64(count))), ("model", .string(finding.model)),
      ("version", finding.version.map { .integer(Int64($0)) } ?? .null), ("kind", .string(finding.kind)),
      ("severity", .string(finding.severity.rawValue)), ("subject", .string(finding.subject)),
      ("message", .string(finding.message)), ("evidence", finding.evidence), ("command", .optional(finding.command)),
      ("state", .string(state.rawValue)),
    ])
  }
}
