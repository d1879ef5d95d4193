import Basics

/// Finds the route of a request: a table for fixed paths, then patterns with the most fixed parts first.
struct Router: Sendable {
  enum Match: Sendable {
    case route(index: Int, parameters: PathParameters)
    case wrongMethod(allowed: [HTTPRequest.Method])
    case nothing
    case malformed
  }

  private enum Part: Sendable, Equatable {
    case fixed(String)
    case one(String)
    case rest(String)
  }

  private struct Pattern: Sendable {
    let parts: [Part]
    var methods: [(method: HTTPRequest.Method, index: Int)]
  }

  private var fixed: [String: [(method: HTTPRequest.Method, index: Int)]] = [:]
  private var patterns: [Pattern] = []
  private let known: [String]

  /// - Throws: `MLError` `.invalidParameter` for a pattern that is malformed or used twice with one method.
  init(_ routes: [Route]) throws {
    known = routes.map(\.pattern)
    for (index, route) in routes.enumerated() {
      let parts = try Self.parts(route.pattern)
      let clash = MLError(
        .invalidParameter, "route '\(route.method.rawValue) \(route.pattern)': must be the only one of its kind.")
      if parts.allSatisfy({ if case .fixed = $0 { true } else { false } }) {
        let path = Self.trimmed(route.pattern)
        guard !fixed[path, default: []].contains(where: { $0.method == route.method }) else { throw clash }
        fixed[path, default: []].append((route.method, index))
      } else if let place = patterns.firstIndex(where: { Self.sameShape($0.parts, parts) }) {
        guard !patterns[place].methods.contains(where: { $0.method == route.method }) else { throw clash }
        guard patterns[place].parts == parts else {
          throw MLError(.invalidParameter, "route '\(route.pattern)': must name its parts as the other methods do.")
        }
        patterns[place].methods.append((route.method, index))
      } else {
        patterns.append(Pattern(parts: parts, methods: [(route.method, index)]))
      }
    }
    patterns.sort { Self.rank($0.parts).lexicographicallyPrecedes(Self.rank($1.parts)) }
  }

  func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
    let path = Self.trimmed(path)
    if let methods = fixed[path] { return Self.choose(method, methods, PathParameters()) }
    guard path.utf8.first == 47 else { return .malformed }
    var parts: [String] = []
    for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let text = PercentEncoding.decoded(part), !text.utf8.contains(0) else { return .malformed }
      parts.append(text)
    }
    for pattern in patterns {
      if let parameters = Self.parameters(pattern.parts, parts) {
        return Self.choose(method, pattern.methods, parameters)
      }
    }
    let plain = "/" + parts.joined(separator: "/")
    if plain != path, let methods = fixed[plain] { return Self.choose(method, methods, PathParameters()) }
    return .nothing
  }

  /// Patterns close to a path that none matches.
  func suggestion(for path: String) -> String? {
    Suggestions.closest(to: path, in: known.filter { !$0.contains("{") }, limit: 1).first
  }

  private static func choose(
    _ method: HTTPRequest.Method, _ methods: [(method: HTTPRequest.Method, index: Int)], _ parameters: PathParameters
  ) -> Match {
    for entry in methods where entry.method == method { return .route(index: entry.index, parameters: parameters) }
    if method == .head, let entry = methods.first(where: { $0.method == .get }) {
      return .route(index: entry.index, parameters: parameters)
    }
    var allowed = methods.map(\.method)
    if allowed.contains(.get), !allowed.contains(.head) { allowed.append(.head) }
    if !allowed.contains(.options) { allowed.append(.options) }
    return .wrongMethod(allowed: allowed)
  }

  private static func parameters(_ pattern: [Part], _ parts: [String]) -> PathParameters? {
    var parameters = PathParameters()
    for (index, part) in pattern.enumerated() {
      guard index < parts.count else { return nil }
      switch part {
      case .fixed(let text):
        guard parts[index] == text else { return nil }
      case .one(let name):
        guard isPlain(parts[index]) else { return nil }
        parameters[name] = parts[index]
      case .rest(let name):
        guard parts[index...].allSatisfy(isPlain) else { return nil }
        parameters[name] = parts[index...].joined(separator: "/")
        return parameters
      }
    }
    return pattern.count == parts.count ? parameters : nil
  }

  /// Whether a part can be a name: not empty, no step up or down the tree, no slash in disguise.
  private static func isPlain(_ part: String) -> Bool {
    !part.isEmpty && part != "." && part != ".." && !part.utf8.contains { $0 == 47 || $0 == 92 }
  }

  private static func parts(_ pattern: String) throws -> [Part] {
    guard pattern.utf8.first == 47 else {
      throw MLError(.invalidParameter, "route '\(pattern)': must begin with '/'.")
    }
    let texts = trimmed(pattern).dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    return try texts.enumerated().map { index, text in
      guard text.hasPrefix("{") else { return .fixed(String(text)) }
      guard text.hasSuffix("}"), text.count > 2 else {
        throw MLError(.invalidParameter, "route '\(pattern)': a part in braces must hold a name.")
      }
      let name = text.dropFirst().dropLast()
      guard name.hasSuffix("...") else { return .one(String(name)) }
      guard index == texts.count - 1 else {
        throw MLError(.invalidParameter, "route '\(pattern)': '\(text)' must come last.")
      }
      return .rest(String(name.dropLast(3)))
    }
  }

  private static func sameShape(_ a: [Part], _ b: [Part]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { p, q in
        switch (p, q) {
        case (.fixed(let x), .fixed(let y)): x == y
        case (.one, .one), (.rest, .rest): true
        default: false
        }
      }
  }

  private static func rank(_ parts: [Part]) -> [Int] {
    parts.map { part in
      switch part {
      case .fixed: 0
      case .one: 1
      case .rest: 2
      }
    }
  }

  private static func trimmed(_ path: String) -> String {
    path.utf8.count > 1 && path.utf8.last == 47 ? String(path.dropLast()) : path
  }
}
