public import Basics

/// One method on one pattern of paths, and what answers it.
///
///     Route(.get, "/api/v1/models/{name}") { request in .json(try await card(request.parameter("name"))) }
///     Route(inline: .post, "/api/v1/models/{name}/predict") { request in .json(bytes: try score(request)) }
///
/// A part in braces matches one part of a path; `{name...}`, in last place only, matches one or more.
public struct Route: Sendable {
  /// Answers by waiting on others.
  public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse
  /// Answers without waiting.
  public typealias DirectHandler = @Sendable (HTTPRequest) throws -> HTTPResponse

  /// Where the work is done.
  enum Work: Sendable {
    case asynchronous(Handler)
    case inline(DirectHandler)
    case blocking(DirectHandler)
  }

  /// The method; `GET` answers `HEAD` too, and every path answers `OPTIONS`.
  public let method: HTTPRequest.Method
  /// The pattern, such as `/api/v1/models/{name}/predict`; also the name in metrics.
  public let pattern: String
  /// Largest body it reads, in bytes.
  public var maximumBodyBytes: Int
  /// Who may call it.
  public var access: Access
  /// Writes errors in a foreign protocol's shape; `nil` is `MLError.json`.
  public var errorBody: (@Sendable (MLError) -> JSONValue)?
  let work: Work

  /// A route whose handler waits on others (storage, other requests); runs on the shared pool of threads.
  public init(
    _ method: HTTPRequest.Method, _ pattern: String, maximumBodyBytes: Int = 1 << 20, access: Access = .role(.viewer),
    errorBody: (@Sendable (MLError) -> JSONValue)? = nil, handler: @escaping Handler
  ) {
    self.init(method, pattern, maximumBodyBytes, access, errorBody, .asynchronous(handler))
  }

  /// A route whose handler takes microseconds and never waits; runs on the connection's own thread, the fastest way.
  public init(
    inline method: HTTPRequest.Method, _ pattern: String, maximumBodyBytes: Int = 1 << 20,
    access: Access = .role(.viewer), errorBody: (@Sendable (MLError) -> JSONValue)? = nil,
    handler: @escaping DirectHandler
  ) {
    self.init(method, pattern, maximumBodyBytes, access, errorBody, .inline(handler))
  }

  /// A route whose handler computes for long or blocks; runs on threads kept for that, so that others still answer.
  public init(
    blocking method: HTTPRequest.Method, _ pattern: String, maximumBodyBytes: Int = 1 << 20,
    access: Access = .role(.viewer), errorBody: (@Sendable (MLError) -> JSONValue)? = nil,
    handler: @escaping DirectHandler
  ) {
    self.init(method, pattern, maximumBodyBytes, access, errorBody, .blocking(handler))
  }

  private init(
    _ method: HTTPRequest.Method, _ pattern: String, _ maximumBodyBytes: Int, _ access: Access,
    _ errorBody: (@Sendable (MLError) -> JSONValue)?, _ work: Work
  ) {
    self.method = method
    self.pattern = pattern
    self.maximumBodyBytes = maximumBodyBytes
    self.access = access
    self.errorBody = errorBody
    self.work = work
  }
}
