public import Basics

/// One request, its body read completely.
public struct HTTPRequest: Sendable {
  /// What is asked of the resource.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
  }

  /// What is asked.
  public var method: Method
  /// Path as sent, percent-encoded, without the query.
  public var path: String
  /// Query as sent, percent-encoded, without `?`; empty when there is none.
  public var queryText: String
  /// Header fields.
  public var headers: HeaderFields
  /// Values of the `{name}` parts of the route, percent-decoded.
  public var pathParameters: PathParameters
  /// The body; empty when there is none.
  public var body: [UInt8]
  /// Address and port of the other end, such as `127.0.0.1:50312`; `local` in process.
  public var remoteAddress: String
  /// Name of this request in logs and in the reply's `x-request-id`.
  public var id: String
  /// Who asks; `nil` on routes that are open to all.
  public var principal: Principal?

  /// Makes a request; `target` is path and query as on the request line.
  public init(
    _ method: Method, _ target: String, headers: HeaderFields = [:], body: [UInt8] = [],
    remoteAddress: String = "local", id: String = RequestNames.next()
  ) {
    self.method = method
    self.headers = headers
    self.body = body
    self.remoteAddress = remoteAddress
    self.id = id
    pathParameters = PathParameters()
    if let mark = target.utf8.firstIndex(of: 63) {
      path = String(target[..<mark])
      queryText = String(target[target.utf8.index(after: mark)...])
    } else {
      path = target
      queryText = ""
    }
  }

  /// Percent-decoded pairs of the query, `+` read as a space, in order; a pair that does not decode is left out.
  public var query: [(name: String, value: String)] {
    queryText.split(separator: "&", omittingEmptySubsequences: true).compactMap { part in
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentEncoding.decoded(halves[0], plusIsSpace: true) else { return nil }
      guard halves.count == 2 else { return (name, "") }
      return PercentEncoding.decoded(halves[1], plusIsSpace: true).map { (name, $0) }
    }
  }

  /// First value of `name` in the query.
  public func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// Whole number under `name` in the query.
  ///
  /// - Throws: `MLError` `.invalidParameter` if it is no whole number or outside `range`.
  public func queryInteger(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let text = queryValue(name) else { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw MLError(
        .invalidParameter,
        "query: '\(name)' must be a whole number from \(range.lowerBound) to \(range.upperBound).",
        hint: "Leave it out for \(fallback), the default.", field: name)
    }
    return value
  }

  /// The body as JSON.
  ///
  /// - Throws: `MLError` `.invalidParameter` naming the place where it stops being JSON.
  public func json() throws -> JSONValue {
    guard !body.isEmpty else {
      throw MLError(.invalidParameter, "request: the body must be JSON; it is empty.", hint: "Send a JSON document.")
    }
    do {
      return try JSONValue(parsing: body)
    } catch let error as MLError {
      throw MLError(
        .invalidParameter, "request body: \(error.message)", hint: error.hint ?? "Send valid JSON.", cause: error)
    }
  }

  /// Value of the path parameter `name`.
  ///
  /// - Throws: `MLError` `.internalFailure` if the route has none of that name.
  public func parameter(_ name: String) throws -> String {
    guard let value = pathParameters[name] else {
      throw MLError(.internalFailure, "route: no path parameter '\(name)' (\(path)).")
    }
    return value
  }

  /// Whether the other end would rather read a page than JSON, as browsers do.
  public var prefersPage: Bool { headers["accept"]?.contains("text/html") ?? false }
}

/// Values of the named parts of a path, in the order of the route's pattern.
public struct PathParameters: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  private var names: [String] = []
  private var values: [String] = []

  /// None.
  public init() {}

  /// Names and values in order.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { self[name] = value }
  }

  /// Value of the part called `name`.
  public subscript(name: String) -> String? {
    get { names.firstIndex(of: name).map { values[$0] } }
    set {
      if let index = names.firstIndex(of: name) {
        names.remove(at: index)
        values.remove(at: index)
      }
      guard let newValue else { return }
      names.append(name)
      values.append(newValue)
    }
  }
}
