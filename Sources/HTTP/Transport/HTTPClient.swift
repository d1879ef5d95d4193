public import Basics
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP/1.1 client that keeps connections open, for talking to a server on this machine.
///
/// Each call has a connection of its own while it lasts; connections are used again. No TLS, no redirects.
public final class HTTPClient: Sendable {
  private struct State {
    var idle: [any Channel] = []
    var isClosed = false
  }

  private let host: String
  private let port: Int
  private let timeout: Duration
  private let state = Mutex(State())

  /// Makes a client of one server; `timeout` is for connecting and for each reply.
  public init(host: String = "127.0.0.1", port: Int, timeout: Duration = .seconds(10)) {
    self.host = host
    self.port = port
    self.timeout = timeout
  }

  deinit {
    for channel in state.withLock({ $0.idle }) { channel.close(promise: nil) }
  }

  /// The reply to a request.
  ///
  /// - Throws: `MLError` `.unavailable` if the server cannot be reached or breaks off, or if the reply takes longer
  ///   than the timeout.
  public func send(
    _ method: HTTPRequest.Method, _ target: String, headers: HeaderFields = [:], body: [UInt8] = []
  ) async throws -> HTTPResponse {
    try await reply(method, target, headers, body).get()
  }

  /// The reply to a request, for threads that may wait; never call it from asynchronous code.
  ///
  /// - Throws: as `send`.
  @available(*, noasync)
  public func sendAndWait(
    _ method: HTTPRequest.Method, _ target: String, headers: HeaderFields = [:], body: [UInt8] = []
  ) throws -> HTTPResponse {
    try reply(method, target, headers, body).wait()
  }

  /// The reply to a JSON document.
  ///
  /// - Throws: as `send`.
  public func post(_ target: String, json: JSONValue, headers: HeaderFields = [:]) async throws -> HTTPResponse {
    var fields = headers
    fields["content-type"] = "application/json"
    var bytes: [UInt8] = []
    json.write(into: &bytes)
    return try await send(.post, target, headers: fields, body: bytes)
  }

  /// Closes idle connections; later calls fail.
  public func close() async {
    let open = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      return state.idle
    }
    for channel in open { try? await channel.close() }
  }

  private func reply(
    _ method: HTTPRequest.Method, _ target: String, _ headers: HeaderFields, _ body: [UInt8]
  ) -> EventLoopFuture<HTTPResponse> {
    var head = HTTPRequestHead(version: .http1_1, method: .RAW(value: method.rawValue), uri: target)
    head.headers = NIOHTTP1.HTTPHeaders(headers.pairs.map { ($0.name, $0.value) })
    if !head.headers.contains(name: "host") { head.headers.add(name: "host", value: "\(host):\(port)") }
    if !body.isEmpty || ![.get, .head, .options].contains(method) {
      head.headers.replaceOrAdd(name: "content-length", value: String(body.count))
    }
    let (channel, isFresh) = takeIdle().map { ($0, false) } ?? (nil, true)
    let mayRepeat = !isFresh && (method == .get || method == .head)
    let exchange = Exchange(head: head, body: body, isHead: method == .head)
    guard let channel else { return connect().flatMap { self.run(exchange, on: $0) } }
    let first = run(exchange, on: channel)
    guard mayRepeat else { return first }
    return first.flatMapError { _ in self.connect().flatMap { self.run(exchange, on: $0).hop(to: first.eventLoop) } }
  }

  private func run(_ exchange: Exchange, on channel: any Channel) -> EventLoopFuture<HTTPResponse> {
    let promise = channel.eventLoop.makePromise(of: HTTPResponse.self)
    let limit = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { [host, port, timeout] in
      promise.fail(
        MLError(
          .unavailable, "client: \(host):\(port) did not reply within \(timeout).", hint: "Look at the server's log."))
      channel.close(promise: nil)
    }
    let pending = ClientHandler.Pending(exchange: exchange, promise: promise)
    channel.writeAndFlush(pending).whenFailure { [self] in promise.fail(unreachable($0)) }
    promise.futureResult.whenComplete { [self] result in
      limit.cancel()
      guard let response = try? result.get(), !HeaderFields.same(response.headers["connection"] ?? "", "close") else {
        return channel.close(promise: nil)
      }
      keep(channel)
    }
    return promise.futureResult.flatMapErrorThrowing { [self] error in throw unreachable(error) }
  }

  private func connect() -> EventLoopFuture<any Channel> {
    ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(TimeAmount(timeout))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          try channel.pipeline.syncOperations.addHandler(ClientHandler())
        }
      }
      .connect(host: host, port: port)
      .flatMapErrorThrowing { [self] error in throw unreachable(error) }
  }

  private func takeIdle() -> (any Channel)? {
    state.withLock { state in
      while let channel = state.idle.popLast() {
        if channel.isActive { return channel }
      }
      return nil
    }
  }

  private func keep(_ channel: any Channel) {
    let isKept = state.withLock { state in
      guard !state.isClosed, state.idle.count < 64 else { return false }
      state.idle.append(channel)
      return true
    }
    if !isKept { channel.close(promise: nil) }
  }

  private func unreachable(_ error: any Error) -> any Error {
    if error is MLError { return error }
    return MLError(
      .unavailable, "client: \(host):\(port) cannot be reached or broke off.", hint: "Is 'apus serve' running?",
      cause: error)
  }
}

/// One request as it goes out.
struct Exchange: Sendable {
  let head: HTTPRequestHead
  let body: [UInt8]
  let isHead: Bool
}

/// Writes one request and collects its reply.
final class ClientHandler: ChannelDuplexHandler {
  /// A request and where its reply goes.
  struct Pending: Sendable {
    let exchange: Exchange
    let promise: EventLoopPromise<HTTPResponse>
  }

  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundIn = Pending
  typealias OutboundOut = HTTPClientRequestPart

  private struct BrokenOff: Error {}
  private var promise: EventLoopPromise<HTTPResponse>?
  private var response = HTTPResponse()
  private var body: [UInt8] = []

  func write(context: ChannelHandlerContext, data: NIOAny, promise writePromise: EventLoopPromise<Void>?) {
    let pending = unwrapOutboundIn(data)
    promise = pending.promise
    response = HTTPResponse()
    body = []
    context.write(wrapOutboundOut(.head(pending.exchange.head)), promise: nil)
    if !pending.exchange.body.isEmpty {
      let buffer = context.channel.allocator.buffer(bytes: pending.exchange.body)
      context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }
    context.write(wrapOutboundOut(.end(nil)), promise: writePromise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      response.status = Int(head.status.code)
      response.headers = HeaderFields(head.headers.map { (name: $0.name, value: $0.value) })
    case .body(let buffer): body.append(contentsOf: buffer.readableBytesView)
    case .end:
      response.body = .bytes(body)
      promise?.succeed(response)
      promise = nil
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise?.fail(BrokenOff())
    promise = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise?.fail(error)
    promise = nil
    context.close(promise: nil)
  }
}
