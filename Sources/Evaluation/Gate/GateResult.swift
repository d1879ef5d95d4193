public import Basics

/// One condition of the gate and how it came out.
public struct GateCheck: Sendable, Hashable, Codable {
  /// What was checked.
  public var name: String
  /// Whether it was met.
  public var passed: Bool
  /// What was measured; `nil` when it could not be.
  public var value: Double?
  /// What it was held against; `nil` where there is no number.
  public var limit: Double?
  /// One sentence with check, value and limit.
  public var why: String

  /// Makes a check.
  public init(name: String, passed: Bool, value: Double?, limit: Double?, why: String) {
    self.name = name
    self.passed = passed
    self.value = value
    self.limit = limit
    self.why = why
  }

  /// `{"name", "passed", "value", "limit", "why"}`.
  public var json: JSONValue {
    [
      "name": .string(name), "passed": .boolean(passed), "value": .finite(value), "limit": .finite(limit),
      "why": .string(why),
    ]
  }
}

/// What the gate says of a model version.
public struct GateResult: Sendable, Hashable, Codable {
  /// Every check, in the order they were made.
  public var checks: [GateCheck]
  /// Who let the version pass all the same, and why; the checks stay as they came out.
  public var override: GateOverride?

  /// Makes a result.
  public init(checks: [GateCheck], override: GateOverride? = nil) {
    self.checks = checks
    self.override = override
  }

  /// Whether the version may be promoted: every check passed, or someone took it upon themselves.
  public var isAdmitted: Bool { passed || override != nil }

  /// Whether every check passed; without any check nothing was shown and nothing passes.
  public var passed: Bool { !checks.isEmpty && checks.allSatisfy(\.passed) }

  /// The sentences of the checks that failed.
  public var refusals: [String] { checks.filter { !$0.passed }.map(\.why) }

  /// `{"passed", "checks": […]}`, and `"override": {"by", "reason"}` where there is one.
  public var json: JSONValue {
    var out: JSONValue = ["passed": .boolean(passed), "checks": .array(checks.map(\.json))]
    out["override"] = override?.json
    return out
  }

  enum CodingKeys: String, CodingKey { case passed, checks, override }

  /// Written as `json`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(passed, forKey: .passed)
    try container.encode(checks, forKey: .checks)
    try container.encodeIfPresent(override, forKey: .override)
  }

  /// Read from `json`; `passed` is worked out from the checks, never believed.
  ///
  /// - Throws: `.corruptFile` when `passed` says otherwise.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    checks = try container.decode([GateCheck].self, forKey: .checks)
    override = try container.decodeIfPresent(GateOverride.self, forKey: .override)
    if try container.decode(Bool.self, forKey: .passed) != passed {
      throw MLError(.corruptFile, "gate: record says it passed, its checks say it did not.")
    }
  }
}
