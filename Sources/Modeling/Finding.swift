public import Basics

/// Something a check or a monitor says, with its evidence and the command that acts on it.
public struct Finding: Sendable, Hashable, Codable {
  /// How urgent it is.
  public enum Severity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Worth knowing.
    case info
    /// Someone should look.
    case warning
    /// Someone must act.
    case critical

    /// Less urgent before more urgent.
    public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Registered kebab-case kind, e.g. `drift`, `new-categories`, `leakage`.
  public var kind: String
  /// How urgent it is.
  public var severity: Severity
  /// The column, metric or thing it is about; `nil` for the whole.
  public var subject: String?
  /// Plain words with counts; no cell values.
  public var message: String
  /// Numbers behind it.
  public var evidence: JSONValue
  /// What to type next, when there is something.
  public var command: String?

  /// Makes a finding.
  public init(
    _ kind: String, _ severity: Severity, subject: String? = nil, _ message: String,
    evidence: JSONValue = .object([]), command: String? = nil
  ) {
    self.kind = kind
    self.severity = severity
    self.subject = subject
    self.message = message
    self.evidence = evidence
    self.command = command
  }

  /// The document other programs read: `{"kind", "severity", "subject", "message", "evidence", "command"}`.
  public var json: JSONValue {
    .object([
      ("kind", .string(kind)), ("severity", .string(severity.rawValue)),
      ("subject", subject.map(JSONValue.string) ?? .null), ("message", .string(message)),
      ("evidence", evidence), ("command", command.map(JSONValue.string) ?? .null),
    ])
  }

  enum CodingKeys: String, CodingKey { case kind, severity, subject, message, evidence, command }
}
