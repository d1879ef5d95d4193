import Basics
public import Logging
import Synchronization

/// An HTTP/1.1 server over a list of routes.
///
///     let server = try HTTPServer(.init(port: 0), routes: [Route(.get, "/health/live") { _ in .text("alive") }], logger: log)
///     try await server.run { port in print("http://127.0.0.1:\(port)") }
///
/// Every reply to a failure is `MLError.json` unless the route says otherwise. `GET` routes answer `HEAD`; every path
/// answers `OPTIONS`.
public final class HTTPServer: Sendable {
  /// What it has answered.
  public let metrics: HTTPMetrics
  let responder: Responder
  private let logger: Logger
  private let listener: Mutex<State>

  private enum State {
    case fresh
    case running(Listener)
    case finished
  }

  /// Makes a server; it listens once `run` is called.
  ///
  /// - Throws: `MLError` `.invalidParameter` for routes that clash, a port out of range, or an address that other
  ///   machines reach without authentication.
  public init(_ configuration: HTTPServerConfiguration, routes: [Route], logger: Logger) throws {
    responder = try Responder(configuration, routes: routes, logger: logger)
    metrics = HTTPMetrics(routes: routes)
    self.logger = logger
    listener = Mutex(.fresh)
  }

  /// Serves until `shutdown()` or until the task is cancelled; then running requests are answered first.
  ///
  /// - Parameter onStarted: called once with the port it listens on.
  /// - Throws: `MLError` `.unavailable` if the port is in use, naming the next free one; `.conflict` if it ran before.
  public func run(onStarted: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) async throws {
    let running = Listener(responder: responder, metrics: metrics, logger: logger)
    let isFresh = listener.withLock { state in
      guard case .fresh = state else { return false }
      state = .running(running)
      return true
    }
    guard isFresh else { throw MLError(.conflict, "server: must run once only.", hint: "Make another.") }
    defer { listener.withLock { $0 = .finished } }
    try await running.run(onStarted: onStarted)
  }

  /// Stops listening, answers what is running (at most `drainTimeout` long), ends event streams, closes.
  public func shutdown() async {
    let running = listener.withLock { state -> Listener? in
      if case .running(let listener) = state { return listener }
      if case .fresh = state { state = .finished }
      return nil
    }
    await running?.shutdown()
  }

  /// The reply to a request in process, without a socket: the same routes, checks, errors and metrics.
  public func respond(to request: HTTPRequest) async -> HTTPResponse {
    let start = ContinuousClock.now
    let (response, index) = await answer(request)
    let elapsed = (ContinuousClock.now - start).components
    metrics.record(
      route: index, status: response.status,
      nanoseconds: elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000,
      received: request.body.count, sent: response.bytes.count, part: 0)
    return response
  }

  private func answer(_ request: HTTPRequest) async -> (HTTPResponse, Int?) {
    switch responder.admit(request) {
    case .answered(let response, let index): return (response, index)
    case .admitted(let admitted):
      let route = responder.routes[admitted.index]
      guard request.body.count <= route.maximumBodyBytes else {
        return (responder.tooLarge(request, admitted.index), admitted.index)
      }
      guard metrics.enter(limit: responder.configuration.maximumConcurrentRequests) else {
        return (responder.overloaded(request, admitted.index), admitted.index)
      }
      defer { metrics.leave() }
      var request = request
      request.pathParameters = admitted.parameters
      request.principal = admitted.principal
      switch route.work {
      case .asynchronous(let body): return (await responder.reply(request, admitted.index, body), admitted.index)
      case .inline(let body), .blocking(let body):
        return (responder.inlineReply(request, admitted.index, body), admitted.index)
      }
    }
  }
}
