public import Basics

/// One check of a gate: a value against a limit.
public struct GateCheckRecord: Sendable, Hashable {
  /// Which way the limit holds.
  public enum Relation: String, Sendable, Hashable {
    /// `value >= limit`.
    case atLeast = ">="
    /// `value <= limit`.
    case atMost = "<="
    /// `value > limit`.
    case above = ">"
    /// `value < limit`.
    case below = "<"

    /// Whether `value` keeps to `limit`.
    public func holds(_ value: Double, _ limit: Double) -> Bool {
      switch self {
      case .atLeast: value >= limit
      case .atMost: value <= limit
      case .above: value > limit
      case .below: value < limit
      }
    }
  }

  /// What is checked, e.g. `goal: roc_auc`.
  public var name: String
  /// What the one who evaluated it said.
  public var passed: Bool
  /// The measured value; `nil` for checks that are not about a number.
  public var value: Double?
  /// The limit.
  public var limit: Double?
  /// Which way the limit holds; `nil` for checks that are not about a number.
  public var relation: Relation?
  /// The check in words.
  public var why: String

  /// Makes one.
  public init(
    name: String, passed: Bool, value: Double? = nil, limit: Double? = nil, relation: Relation? = nil, why: String
  ) {
    self.name = name
    self.passed = passed
    self.value = value
    self.limit = limit
    self.relation = relation
    self.why = why
  }

  /// Whether it passed, worked out again from value, relation and limit where it has them.
  public var holds: Bool {
    guard passed else { return false }
    guard let relation else { return true }
    guard let value, let limit, value.isFinite, limit.isFinite else { return false }
    return relation.holds(value, limit)
  }

  /// `{"name", "passed", "value", "limit", "relation", "why"}`.
  public var json: JSONValue {
    .object([
      ("name", .string(name)), ("passed", .boolean(passed)), ("value", .finite(value)), ("limit", .finite(limit)),
      ("relation", .optional(relation?.rawValue)), ("why", .string(why)),
    ])
  }

  init(json: JSONValue) throws {
    guard let name = json["name"]?.stringValue, let passed = json["passed"]?.boolValue,
      let why = json["why"]?.stringValue
    else { throw MLError(.corruptFile, "workspace: a gate record is damaged.", hint: "Run 'apus doctor'.") }
    let sign = json["relation"]?.stringValue
    let relation = sign.flatMap(Relation.init(rawValue:))
    guard (sign == nil) == (relation == nil) else {
      throw MLError(.corruptFile, "workspace: a gate record is damaged.", hint: "Run 'apus doctor'.")
    }
    self.init(
      name: name, passed: passed, value: json["value"]?.doubleValue, limit: json["limit"]?.doubleValue,
      relation: relation, why: why)
  }
}

/// The judgement of a gate over one archive; appended, never changed, and named in the audit log by its digest.
public struct GateRecord: Sendable, Hashable {
  /// Position in the workspace's list of gate records.
  public let sequence: Int64
  /// The model.
  public let model: String
  /// The version.
  public let version: Int
  /// Digest of exactly the archive that was judged.
  public let archive: Digest
  /// The checks, in order.
  public let checks: [GateCheckRecord]
  /// How many persons must approve the version before it may be promoted.
  public let approvalsNeeded: Int
  /// When it was judged.
  public let evaluatedAt: Timestamp
  /// Digest over all of the above but the position.
  public let digest: Digest

  /// Whether there is at least one check and all hold, worked out from the checks.
  public var allPassed: Bool { !checks.isEmpty && checks.allSatisfy(\.holds) }

  /// The first check that does not hold.
  public var firstFailure: GateCheckRecord? { checks.first { !$0.holds } }

  /// `{"passed", "checks", "approvals_needed", "evaluated_at", "archive", "digest"}`.
  public var json: JSONValue {
    .object([
      ("passed", .boolean(allPassed)), ("checks", .array(checks.map(\.json))),
      ("approvals_needed", .integer(Int64(approvalsNeeded))),
      ("evaluated_at", .string(evaluatedAt.description)), ("archive", .string(archive.hex)),
      ("digest", .string(digest.hex)),
    ])
  }

  /// What the digest of this record must be. Records that ask for no approval have the digest of releases that knew
  /// none.
  var expectedDigest: Digest {
    var content: JSONValue = [
      "model": .string(model), "version": .integer(Int64(version)), "archive": .string(archive.hex),
      "checks": .array(checks.map(\.json)), "evaluated_at": .string(evaluatedAt.description),
    ]
    if approvalsNeeded > 0 { content["approvals"] = .integer(Int64(approvalsNeeded)) }
    return Digest(of: content.sorted.compact)
  }
}
