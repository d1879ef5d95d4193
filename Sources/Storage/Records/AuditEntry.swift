public import Basics

/// One line of the audit log: who did what to what, when; chained to the line before by its digest.
public struct AuditEntry: Sendable, Hashable {
  /// Position, from 1, without gaps.
  public let sequence: Int64
  /// When.
  public let time: Timestamp
  /// Who.
  public let actor: String
  /// What was done, e.g. `model.promoted`.
  public let action: String
  /// To what, e.g. `churn@3`.
  public let subject: String
  /// Facts.
  public let details: JSONValue
  /// Digest of the line before; 64 zeros for the first.
  public let previous: String
  /// SHA-256 of `previous` and of the line as compact JSON with sorted keys.
  public let digest: String

  /// What the digest of this line must be.
  public var expectedDigest: String {
    let content = JSONValue.object([
      ("action", .string(action)), ("actor", .string(actor)), ("details", details.sorted),
      ("sequence", .integer(sequence)), ("subject", .string(subject)), ("time", .string(time.description)),
    ])
    return Digest(of: previous + content.compact).hex
  }

  /// All fields, snake case.
  public var json: JSONValue {
    .object([
      ("sequence", .integer(sequence)), ("time", .string(time.description)), ("actor", .string(actor)),
      ("action", .string(action)), ("subject", .string(subject)), ("details", details),
      ("previous", .string(previous)), ("digest", .string(digest)),
    ])
  }
}

/// What checking the audit log's chain found.
public struct AuditVerdict: Sendable, Hashable {
  /// Lines checked.
  public let count: Int
  /// Position of the first line that does not fit; `nil` when all do.
  public let firstBroken: Int64?
  /// What is wrong with it, in words; empty when nothing is.
  public let message: String

  /// Whether the whole chain holds.
  public var isIntact: Bool { firstBroken == nil }
}

/// How often the sealed rows of a dataset version were looked at.
public struct SealedOpening: Sendable, Hashable {
  /// Which opening this was, from 1, for this dataset and split.
  public let ordinal: Int
  /// The dataset version.
  public let dataset: Digest
  /// The split, e.g. `test`.
  public let split: String
  /// The run that looked.
  public let run: String
  /// What for.
  public let purpose: String
  /// When.
  public let time: Timestamp
}

/// One thing `doctor` looked at.
public struct DoctorCheck: Sendable, Hashable {
  /// What was looked at, kebab case.
  public let name: String
  /// Whether it is well.
  public let passed: Bool
  /// What was found.
  public let message: String
  /// What to do about it.
  public let hint: String?

  /// `{"name", "passed", "message", "hint"}`.
  public var json: JSONValue {
    .object([
      ("name", .string(name)), ("passed", .boolean(passed)), ("message", .string(message)), ("hint", .optional(hint)),
    ])
  }
}
