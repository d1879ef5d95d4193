/// What an entry of a catalog did not keep to. Thrown by checks, so that the library needs no test runner.
public struct CheckFailure: Error, Sendable, CustomStringConvertible {
  /// Registered name of the entry.
  public let entry: String
  /// What happened and what should have.
  public let what: String

  /// Makes a failure.
  public init(_ entry: String, _ what: String) {
    self.entry = entry
    self.what = what
  }

  /// Entry and what happened.
  public var description: String { "\(entry): \(what)" }
}
