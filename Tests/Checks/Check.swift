import Basics

/// One rule of the catalog suite.
public struct Check<Subject: Sendable>: Sendable, CustomStringConvertible {
  /// What is promised, as in `data: column order does not matter`.
  public let name: String
  /// Throws `CheckFailure` when the promise is broken.
  public let run: @Sendable (Subject) throws -> Void

  /// Makes a check.
  public init(_ name: String, _ run: @escaping @Sendable (Subject) throws -> Void) {
    self.name = name
    self.run = run
  }

  /// The name.
  public var description: String { name }
}

/// Throws a failure of `entry` unless `condition` holds.
func require(_ condition: Bool, _ entry: String, _ what: @autoclosure () -> String) throws {
  if !condition { throw CheckFailure(entry, what()) }
}

/// The error that `body` throws, which must be one of ours with a message; a failure when it throws none.
@discardableResult
func refusal(_ entry: String, of what: String, _ body: () throws -> Void) throws -> MLError {
  do { try body() } catch let error as MLError {
    try require(!error.message.isEmpty, entry, "\(what): error without a message")
    return error
  } catch { throw CheckFailure(entry, "\(what): must throw MLError; got \(error)") }
  throw CheckFailure(entry, "\(what): must be refused")
}

/// Runs `body`, which may throw an `MLError` (a documented refusal) but nothing else; `nil` when it was refused.
func allowingRefusal<T>(_ entry: String, _ what: String, _ body: () throws -> T) throws -> T? {
  do { return try body() } catch let error as MLError {
    try require(!error.message.isEmpty, entry, "\(what): error without a message")
    try require(
      error.code != .internalFailure, entry, "\(what): must be an error about the data; got \(error.code.rawValue)")
    return nil
  } catch { throw CheckFailure(entry, "\(what): must throw MLError; got \(error)") }
}

/// Checks that hold for anything with a card and settings.
enum CardChecks {
  /// Name, summary, source and settings are complete and agree with `defaults`.
  static func isComplete<T: Described & Codable>(_ type: T.Type, defaults: T) throws {
    let card = type.card
    try isKebab(card.name, entry: card.name)
    try require(card.summary.count > 10 && card.summary.hasSuffix("."), card.name, "summary must be a sentence")
    try require(!card.source.isEmpty, card.name, "source is empty")
    let names = card.hyperparameters.map(\.name)
    try require(Set(names).count == names.count, card.name, "setting names must be unique")
    let encoded = try Configuration.encode(defaults)
    for parameter in card.hyperparameters {
      try require(
        parameter.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, card.name,
        "setting '\(parameter.name)' must be snake_case")
      try require(!parameter.summary.isEmpty, card.name, "setting '\(parameter.name)' has no summary")
      if let value = encoded[parameter.name] { try parameter.validate(value, owner: card.name) }
      try searchIsInside(parameter, entry: card.name)
    }
    for key in encoded.objectValue?.map(\.0) ?? [] {
      try require(names.contains(key), card.name, "setting '\(key)' is not on the card")
    }
  }

  /// `text` is a kebab-case name.
  static func isKebab(_ text: String, entry: String) throws {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let isKebab = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) } }
    try require(isKebab, entry, "name '\(text)' must be kebab-case")
  }

  private static func searchIsInside(_ parameter: Hyperparameter, entry: String) throws {
    guard let search = parameter.search else { return }
    for value in ends(of: search) {
      do { try parameter.validate(value, owner: entry) } catch {
        throw CheckFailure(entry, "search range of '\(parameter.name)' goes past what is accepted (\(value.compact))")
      }
    }
  }

  /// Settings read back as they were written; both ends of every range are accepted.
  static func roundTrips<T: Described & Codable & Hashable>(_ type: T.Type, defaults: T) throws {
    let name = type.card.name
    let back = try Configuration.decode(type, from: Configuration.encode(defaults))
    try require(back == defaults, name, "defaults do not round-trip")
    for parameter in type.card.hyperparameters {
      for value in ends(of: parameter.domain) {
        let set = try Configuration.decode(type, defaults: defaults, settings: .object([(parameter.name, value)]))
        let encoded = try Configuration.encode(set)
        try require(
          encoded[parameter.name] == value, name,
          "'\(parameter.name)': \(value.compact) reads back as \(encoded[parameter.name]?.compact ?? "nothing")")
        try require(
          try Configuration.decode(type, from: encoded) == set, name, "'\(parameter.name)' does not round-trip")
      }
    }
  }

  /// Unknown settings come with a suggestion, values past their range are named.
  static func refusesBadSettings<T: Described & Codable>(_ type: T.Type, defaults: T) throws {
    let name = type.card.name
    func refused(_ key: String, _ value: JSONValue) throws -> MLError {
      let error = try refusal(name, of: "'\(key)' = \(value.compact)") {
        _ = try Configuration.decode(type, defaults: defaults, settings: .object([(key, value)]))
      }
      try require(
        error.code == .invalidParameter, name, "'\(key)': must be invalid-parameter; got \(error.code.rawValue)")
      try require(error.message.contains("'\(key)'"), name, "'\(key)': message does not name it: \(error.message)")
      return error
    }
    _ = try refused("no_such_setting", 1)
    for parameter in type.card.hyperparameters {
      let typo = parameter.name + "x"
      let hint = try refused(typo, 1).hint ?? ""
      try require(
        hint.contains("'\(parameter.name)'"), name, "'\(typo)': hint must suggest '\(parameter.name)'; got \(hint)")
      for value in past(parameter.domain) { _ = try refused(parameter.name, value) }
    }
  }

  private static func ends(of domain: Hyperparameter.Domain) -> [JSONValue] {
    switch domain {
    case .real(let range, _): return [.number(range.lowerBound), .number(range.upperBound)]
    case .integer(let range, _): return [.integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))]
    case .choice(let choices): return choices.map { .string($0) }
    case .boolean: return [.boolean(true), .boolean(false)]
    case .texts: return [.array([]), .array([.string("signal")])]
    case .column: return ["", "signal"]
    }
  }

  private static func past(_ domain: Hyperparameter.Domain) -> [JSONValue] {
    switch domain {
    case .real(let range, _):
      var out: [JSONValue] = [.string("much"), .null]
      for value in [range.lowerBound.nextDown, range.upperBound.nextUp] where value.isFinite {
        out.append(.number(value))
      }
      return out
    case .integer(let range, _):
      var out: [JSONValue] = [.string("much"), .number(0.5)]
      if range.lowerBound > Int.min { out.append(.integer(Int64(range.lowerBound - 1))) }
      if range.upperBound < Int.max { out.append(.integer(Int64(range.upperBound + 1))) }
      return out
    case .choice: return [.string("no such choice"), .integer(1)]
    case .boolean: return [.string("yes"), .integer(1)]
    case .texts: return [.string("signal"), .array([.integer(1)]), .null]
    case .column: return [.integer(1), .array([]), .null]
    }
  }
}
