import Basics
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Listens, hands connections to `ConnectionHandler`, and drains them at the end.
final class Listener: Sendable {
  let service: ConnectionService
  private let configuration: HTTPServerConfiguration
  private let logger: Logger
  private let group: MultiThreadedEventLoopGroup
  private let server: Server<ConnectionSetup>
  private let ports: AsyncStream<Int>
  private let stopping = Mutex<_Concurrency.Task<Void, Never>?>(nil)

  init(responder: Responder, metrics: HTTPMetrics, logger: Logger) {
    configuration = responder.configuration
    self.logger = logger
    group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threadCount)
    service = ConnectionService(responder: responder, metrics: metrics)
    let (ports, found) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.ports = ports
    var quiet = logger
    quiet.logLevel = max(.warning, logger.logLevel)
    server = Server(
      childChannelSetup: ConnectionSetup(service: service),
      configuration: ServerConfiguration(
        address: .hostname(configuration.host, port: configuration.port), backlog: 1024, reuseAddress: true,
        availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
      onServerRunning: { channel in
        found.yield(channel.localAddress?.port ?? 0)
        found.finish()
      },
      eventLoopGroup: group, logger: quiet)
  }

  /// Serves until shut down; a cancelled task shuts it down.
  func run(onStarted: @escaping @Sendable (Int) async -> Void) async throws {
    service.pool.start()
    // Out of the caller's task, so that cancelling it drains instead of breaking running requests off.
    let serving = _Concurrency.Task { [server] in try await server.run() }
    let announcing = _Concurrency.Task { [ports, logger] in
      for await port in ports {
        logger.debug("listening", metadata: ["port": "\(port)"])
        await onStarted(port)
      }
    }
    let outcome: Result<Void, any Error> = await withTaskCancellationHandler {
      await serving.result
    } onCancel: {
      _Concurrency.Task { await shutdown() }
    }
    announcing.cancel()
    await stopping.withLock { $0 }?.value
    try? await service.pool.shutdownGracefully()
    if case .failure(let error) = outcome {
      let named = await self.named(error)
      try? await group.shutdownGracefully()
      throw named
    }
    await announcing.value
    try? await group.shutdownGracefully()
  }

  /// Stops listening, lets running requests end within the drain time, ends streams, closes what is left.
  func shutdown() async {
    let task = stopping.withLock { current -> _Concurrency.Task<Void, Never> in
      if let current { return current }
      let task = _Concurrency.Task { await drain() }
      current = task
      return task
    }
    await task.value
  }

  private func drain() async {
    service.endStreams()
    let limit = _Concurrency.Task { [service, logger, configuration] in
      try await _Concurrency.Task.sleep(for: configuration.drainTimeout)
      let count = service.closeAll()
      if count > 0 { logger.warning("connections closed at shutdown", metadata: ["count": "\(count)"]) }
    }
    do {
      try await server.shutdownGracefully()
    } catch {
      logger.debug("shutdown", metadata: ["error": "\(error)"])
    }
    limit.cancel()
  }

  /// The error of a server that could not listen, in words.
  private func named(_ error: any Error) async -> any Error {
    let place = "\(configuration.host):\(configuration.port)"
    guard let failure = error as? IOError else {
      guard error is SocketAddressError || error is NIOConnectionError else { return error }
      return MLError(
        .invalidParameter, "server: no address '\(configuration.host)'.", hint: "Use --host 127.0.0.1.", field: "host",
        cause: error)
    }
    switch failure.errnoCode {
    case EADDRINUSE:
      let free = await freePort(after: configuration.port)
      return MLError(
        .unavailable, "server: port \(configuration.port) on \(configuration.host) is in use.",
        hint: free.map { "Use --port \($0), which is free." } ?? "Use --port 0 for any free port.", field: "port",
        cause: error)
    case EACCES, EPERM:
      return MLError(
        .unavailable, "server: this user must not listen on \(place).", hint: "Use a port above 1023.", field: "port",
        cause: error)
    case EADDRNOTAVAIL:
      return MLError(
        .invalidParameter, "server: host '\(configuration.host)' is not an address of this machine.",
        hint: "Use --host 127.0.0.1.", field: "host", cause: error)
    default: return MLError(.io, "server: cannot listen on \(place) (error \(failure.errnoCode)).", cause: error)
    }
  }

  /// The first port after `port` that can be listened on.
  private func freePort(after port: Int) async -> Int? {
    for candidate in (port + 1)..<(port + 33) where candidate <= 65535 {
      let bootstrap = ServerBootstrap(group: group).serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      if let channel = try? await bootstrap.bind(host: configuration.host, port: candidate).get() {
        try? await channel.close()
        return candidate
      }
    }
    return nil
  }
}

/// What all connections of a server share.
final class ConnectionService: Sendable {
  let responder: Responder
  let metrics: HTTPMetrics
  let pool: NIOThreadPool
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
  private let counter = Atomic<Int>(0)

  init(responder: Responder, metrics: HTTPMetrics) {
    self.responder = responder
    self.metrics = metrics
    pool = NIOThreadPool(numberOfThreads: responder.configuration.blockingThreadCount)
  }

  func nextPart() -> Int { counter.add(1, ordering: .relaxed).newValue }

  func opened(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = channel } }
  func closed(_ channel: any Channel) { _ = channels.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) } }

  /// Tells every connection to end its event stream.
  func endStreams() {
    for channel in channels.withLock({ Array($0.values) }) {
      channel.pipeline.fireUserInboundEventTriggered(ConnectionHandler.EndStream())
    }
  }

  /// Closes every connection; says how many there were.
  func closeAll() -> Int {
    let open = channels.withLock { Array($0.values) }
    for channel in open { channel.close(promise: nil) }
    return open.count
  }
}

/// Puts the handlers on a new connection.
struct ConnectionSetup: ServerChildChannel {
  struct Value: ServerChildChannelValue {
    let channel: any Channel
  }

  let service: ConnectionService

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
      var limits = NIOHTTPDecoderLimitConfiguration()
      limits.maxHeaderFieldSize = service.responder.configuration.maximumHeaderBytes
      limits.maxHeaderListSize = service.responder.configuration.maximumHeaderBytes
      limits.maxHeaderFieldCount = 100
      try channel.pipeline.syncOperations.configureHTTPServerPipeline(
        withPipeliningAssistance: true, withErrorHandling: false, withOutboundHeaderValidation: false,
        withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
      try channel.pipeline.syncOperations.addHandler(ConnectionHandler(service, channel))
      return Value(channel: channel)
    }
  }

  func handle(value: Value, logger: Logger) async {
    do {
      try await value.channel.closeFuture.get()
    } catch {
      logger.trace("connection ended", metadata: ["error": "\(error)"])
    }
  }
}
