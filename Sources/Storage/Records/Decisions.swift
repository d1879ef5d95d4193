public import Basics

/// A named person's decision to let a version pass a gate it missed; appended, never changed, and named in the audit
/// log by its digest.
public struct GateOverrideRecord: Sendable, Hashable {
  /// Position in the workspace's list of overrides.
  public let sequence: Int64
  /// The model.
  public let model: String
  /// The version.
  public let version: Int
  /// Digest of exactly the gate record that is overridden.
  public let gate: Digest
  /// Who decided.
  public let by: String
  /// Why.
  public let reason: String
  /// Whose session it was.
  public let actor: String
  /// When.
  public let time: Timestamp
  /// Digest over all of the above but the position.
  public let digest: Digest

  /// `{"by", "reason", "time", "actor", "gate", "digest"}`.
  public var json: JSONValue {
    .object([
      ("by", .string(by)), ("reason", .string(reason)), ("time", .string(time.description)), ("actor", .string(actor)),
      ("gate", .string(gate.hex)), ("digest", .string(digest.hex)),
    ])
  }

  /// What the digest of this record must be.
  var expectedDigest: Digest {
    Digest(
      of: JSONValue.object([
        ("kind", "override"), ("model", .string(model)), ("version", .integer(Int64(version))),
        ("gate", .string(gate.hex)), ("by", .string(by)), ("reason", .string(reason)), ("actor", .string(actor)),
        ("time", .string(time.description)),
      ]).sorted.compact)
  }
}

/// A named person's word that a version may be promoted; appended, never changed, and named in the audit log by its
/// digest. It is about one gate record: a version that is judged again is approved again.
public struct ApprovalRecord: Sendable, Hashable {
  /// Position in the workspace's list of approvals.
  public let sequence: Int64
  /// The model.
  public let model: String
  /// The version.
  public let version: Int
  /// Digest of the gate record that was approved.
  public let gate: Digest
  /// Who approved.
  public let by: String
  /// Whose session it was.
  public let actor: String
  /// When.
  public let time: Timestamp
  /// Digest over all of the above but the position.
  public let digest: Digest

  /// `{"by", "time", "actor"}`.
  public var json: JSONValue {
    .object([("by", .string(by)), ("time", .string(time.description)), ("actor", .string(actor))])
  }

  /// What the digest of this record must be.
  var expectedDigest: Digest {
    Digest(
      of: JSONValue.object([
        ("kind", "approval"), ("model", .string(model)), ("version", .integer(Int64(version))),
        ("gate", .string(gate.hex)), ("by", .string(by)), ("actor", .string(actor)),
        ("time", .string(time.description)),
      ]).sorted.compact)
  }
}

/// Who takes a promotion past a missed gate upon themselves, and why.
public struct OverrideDraft: Sendable, Hashable {
  /// Who decides.
  public let by: String
  /// Why.
  public let reason: String

  /// - Throws: `.invalidParameter` when name or reason is empty, too long or holds control characters.
  public init(by: String, reason: String) throws {
    self.by = try PersonName(by, field: "by").text
    self.reason = try PersonName(reason, field: "override", longest: 2000).text
  }
}

/// A person's name as typed, and the form in which two names are compared.
struct PersonName: Sendable, Hashable {
  /// As typed, without space at either end.
  let text: String
  /// In small letters, with single spaces: `Ana  Díaz` and `ana díaz` are one person.
  let key: String

  /// - Throws: `.invalidParameter` when it is empty, longer than `longest` characters or holds control characters.
  init(_ text: String, field: String, longest: Int = 200) throws {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard !words.isEmpty else {
      throw MLError(
        .invalidParameter, "--\(field): must not be empty.", hint: "It stays in the record with the version.",
        field: field)
    }
    guard text.count <= longest, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      throw MLError(
        .invalidParameter, "--\(field): must be one line of at most \(longest) characters.", field: field)
    }
    self.text = words.joined(separator: " ")
    key = self.text.lowercased()
  }
}
