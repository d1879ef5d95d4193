public import Basics

/// A named person's decision to let a version pass a gate it failed.
public struct GateOverride: Sendable, Hashable, Codable {
  /// Who decided.
  public let by: String
  /// Why.
  public let reason: String

  /// - Throws: `.invalidParameter` when name or reason is empty.
  public init(by: String, reason: String) throws {
    for (field, text) in [("by", by), ("reason", reason)] where text.allSatisfy(\.isWhitespace) {
      throw MLError(
        .invalidParameter, "override: '\(field)' must not be empty.",
        hint: "Say who decides and why; both stay in the record.", field: field)
    }
    self.by = by
    self.reason = reason
  }

  enum CodingKeys: String, CodingKey { case by, reason }

  /// Read and checked.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      by: container.decode(String.self, forKey: .by), reason: container.decode(String.self, forKey: .reason))
  }

  /// `{"by", "reason"}`.
  public var json: JSONValue { ["by": .string(by), "reason": .string(reason)] }
}
