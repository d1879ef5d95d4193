import Basics
import Logging

/// Decides what a request gets: its route, who asks, and the reply to every failure.
struct Responder: Sendable {
  /// A request that may go to its route.
  struct Admitted: Sendable {
    let index: Int
    let parameters: PathParameters
    let principal: Principal?
  }

  /// What the header of a request leads to.
  enum Admission: Sendable {
    case admitted(Admitted)
    case answered(HTTPResponse, index: Int?)
  }

  let routes: [Route]
  let router: Router
  let configuration: HTTPServerConfiguration
  let logger: Logger

  init(_ configuration: HTTPServerConfiguration, routes: [Route], logger: Logger) throws {
    try configuration.check()
    self.routes = routes
    self.configuration = configuration
    self.logger = logger
    router = try Router(routes)
  }

  /// Looks at everything but the body.
  func admit(_ request: HTTPRequest) -> Admission {
    if let refusal = foreignOrigin(request) { return .answered(refusal, index: nil) }
    switch router.match(request.method, request.path) {
    case .route(let index, let parameters):
      let route = routes[index]
      switch authorize(request, route.access) {
      case .success(let principal):
        return .admitted(Admitted(index: index, parameters: parameters, principal: principal))
      case .failure(let refusal): return .answered(refusal.response, index: index)
      }
    case .wrongMethod(let allowed): return .answered(wrongMethod(request, allowed), index: nil)
    case .malformed:
      let error = MLError(.invalidParameter, "request: the path must be percent-encoded UTF-8.")
      return .answered(failure(error, request, nil, status: 400), index: nil)
    case .nothing:
      let error = MLError(
        .notFound, "server: no address '\(request.path)'.",
        hint: router.suggestion(for: request.path).map { "Did you mean '\($0)'?" } ?? "Open / for an overview.")
      return .answered(failure(error, request, nil), index: nil)
    }
  }

  /// The reply of the route, or to its error.
  func inlineReply(_ request: HTTPRequest, _ index: Int, _ body: Route.DirectHandler) -> HTTPResponse {
    do {
      return try body(request)
    } catch {
      return reply(to: error, request, index)
    }
  }

  /// The reply of the route, or to its error.
  func reply(_ request: HTTPRequest, _ index: Int, _ body: Route.Handler) async -> HTTPResponse {
    do {
      return try await body(request)
    } catch {
      return reply(to: error, request, index)
    }
  }

  /// The reply to an error: an `MLError` as it is, anything else as an internal failure that shows nothing of it.
  func reply(to error: any Error, _ request: HTTPRequest, _ index: Int?) -> HTTPResponse {
    let route = index.map { routes[$0] }
    switch error {
    case let error as MLError:
      if error.code.httpStatus == 500 { log(error, request, route) }
      return failure(error, request, route)
    case is CancellationError:
      return failure(MLError(.cancelled, "server: the request was given up."), request, route)
    default:
      log(error, request, route)
      let hidden = MLError(
        .internalFailure, "server: the request could not be answered (request \(request.id)).",
        hint: "Look for this request in the server's log.")
      return failure(hidden, request, route)
    }
  }

  /// The reply that carries `error`: a page for browsers where there is one, the route's own shape, or ours.
  func failure(_ error: MLError, _ request: HTTPRequest, _ route: Route?, status: Int? = nil) -> HTTPResponse {
    let status = status ?? error.code.httpStatus
    if request.prefersPage, let page = configuration.errorPage { return .page(page(error, status), status: status) }
    var response =
      route?.errorBody.map { HTTPResponse.json($0(error), status: status) } ?? .failure(error, status: status)
    if status == 503 { response.headers["retry-after"] = "1" }
    return response
  }

  /// The reply to a body beyond the route's limit.
  func tooLarge(_ request: HTTPRequest, _ index: Int) -> HTTPResponse {
    let limit = routes[index].maximumBodyBytes
    let error = MLError(
      .tooLarge, "request: the body must be at most \(limit) bytes.", hint: "Send it in several requests.")
    return failure(error, request, routes[index])
  }

  /// The reply when too many requests are being answered.
  func overloaded(_ request: HTTPRequest, _ index: Int) -> HTTPResponse {
    let error = MLError(
      .unavailable,
      "server: \(configuration.maximumConcurrentRequests) requests are being answered; no more at one time.",
      hint: "Try again in a second.")
    return failure(error, request, routes[index])
  }

  /// The reply when too many event streams are open.
  func tooManyStreams(_ request: HTTPRequest, _ index: Int) -> HTTPResponse {
    let error = MLError(
      .unavailable, "server: \(configuration.maximumEventStreams) event streams are open; no more at one time.",
      hint: "Close one.")
    return failure(error, request, routes[index])
  }

  private func wrongMethod(_ request: HTTPRequest, _ allowed: [HTTPRequest.Method]) -> HTTPResponse {
    let names = allowed.map(\.rawValue).joined(separator: ", ")
    if request.method == .options { return HTTPResponse(status: 204, headers: ["allow": names]) }
    let error = MLError(
      .invalidParameter, "server: '\(request.path)' does not take \(request.method.rawValue).", hint: "Use \(names).")
    var response = failure(error, request, nil, status: 405)
    response.headers["allow"] = names
    return response
  }

  private func log(_ error: any Error, _ request: HTTPRequest, _ route: Route?) {
    logger.error(
      "request failed",
      metadata: [
        "request.id": "\(request.id)", "http.method": "\(request.method.rawValue)",
        "http.route": "\(route?.pattern ?? "unmatched")", "error": "\(String(reflecting: error))",
      ])
  }
}

extension Responder {
  /// A reply in place of a principal.
  struct Refusal: Error {
    let response: HTTPResponse
  }

  /// Who asks, or why that is not enough.
  private func authorize(_ request: HTTPRequest, _ access: Access) -> Result<Principal?, Refusal> {
    guard let authentication = configuration.authentication else { return .success(.local) }
    guard case .role(let role) = access else { return .success(nil) }
    guard let token = Authentication.token(in: request.headers), let principal = authentication.principal(token) else {
      let error = MLError(
        .unauthorized, "server: the caller must be known; got no valid token.",
        hint: "Send 'Authorization: Bearer <token>'.")
      var response = failure(error, request, nil, status: 401)
      response.headers["www-authenticate"] = request.prefersPage ? "Basic realm=\"Apus\", charset=\"UTF-8\"" : "Bearer"
      return .failure(Refusal(response: response))
    }
    guard principal.has(role) else {
      let error = MLError(
        .unauthorized, "server: '\(principal.name)' must have the role '\(role.rawValue)' for this.",
        hint: "Ask an admin for it.")
      return .failure(Refusal(response: failure(error, request, nil, status: 403)))
    }
    return .success(principal)
  }

  /// Refuses what a page from elsewhere makes a browser send: a foreign name for this machine (DNS rebinding), or a
  /// change asked for by another site.
  private func foreignOrigin(_ request: HTTPRequest) -> HTTPResponse? {
    let host = request.headers["host"]
    if configuration.isLoopback, configuration.authentication == nil, let host,
      !HTTPServerConfiguration.isLoopback(Self.name(ofHost: host))
    {
      let error = MLError(
        .unauthorized, "server: the request must name this machine, such as 'localhost'.",
        hint: "Use http://127.0.0.1:\(configuration.port).")
      return failure(error, request, nil, status: 421)
    }
    guard request.method != .get, request.method != .head, request.method != .options,
      let origin = request.headers["origin"], let mark = origin.firstRange(of: "://"),
      origin[mark.upperBound...].lowercased() != host?.lowercased()
    else { return nil }
    let error = MLError(
      .unauthorized, "server: another site's page must not change anything here.", hint: "Send it from a program.")
    return failure(error, request, nil, status: 403)
  }

  private static func name(ofHost host: String) -> String {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
    return String(host.prefix { $0 != ":" })
  }
}
