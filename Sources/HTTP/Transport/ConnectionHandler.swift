import Basics
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Reads requests off one connection, has them answered, writes the replies; one request at a time.
///
/// Lives on its event loop: nothing else touches its state. Inline routes answer right here.
final class ConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Told to every connection when the server stops.
  struct EndStream: Sendable {}

  /// The request being read or answered.
  private struct Current {
    var request: HTTPRequest
    var target: Target
    var keepAlive: Bool
    var received = 0
  }

  private enum Target {
    case admitted(Responder.Admitted)
    case answered(HTTPResponse, index: Int?)
  }

  private enum Phase {
    case idle
    case reading
    /// Answered before its body was read; the rest is thrown away until it ends or a moment has passed.
    case discarding
    case answering
    case streaming
    case closed
  }

  private let service: ConnectionService
  private let part: Int
  private let remoteAddress: String
  private let tick: TimeAmount
  private var phase = Phase.idle
  private var current: Current?
  private var since = NIODeadline.now()
  private var inputClosed = false
  private var work: _Concurrency.Task<Void, Never>?
  private var timer: RepeatedTask?

  private var responder: Responder { service.responder }
  private var configuration: HTTPServerConfiguration { service.responder.configuration }

  init(_ service: ConnectionService, _ channel: any Channel) {
    self.service = service
    part = service.nextPart()
    let address = channel.remoteAddress
    remoteAddress = address?.ipAddress.map { "\($0):\(address?.port ?? 0)" } ?? "local"
    let limits = service.responder.configuration
    let shortest = min(limits.idleTimeout, limits.readTimeout) / 4
    tick = TimeAmount(min(max(shortest, .milliseconds(20)), .seconds(5)))
  }

  func handlerAdded(context: ChannelHandlerContext) {
    service.opened(context.channel)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in
      let (handler, context) = bound.value
      handler.checkTime(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { end(context) }

  func channelInactive(context: ChannelHandlerContext) {
    end(context)
    context.fireChannelInactive()
  }

  private func end(_ context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    work?.cancel()
    phase = .closed
    service.closed(context.channel)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(context, head)
    case .body(let buffer): take(context, buffer)
    case .end: bodyEnded(context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is EndStream: if phase == .streaming { work?.cancel() }
    case ChannelEvent.inputClosed:
      inputClosed = true
      if phase == .answering { current?.keepAlive = false } else { context.close(promise: nil) }
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let error = error as? HTTPParserError, phase == .idle || phase == .reading {
      let isHeader = error == .headerOverflow
      let mistake = MLError(
        isHeader ? .tooLarge : .invalidParameter,
        isHeader
          ? "request: the header must be at most \(configuration.maximumHeaderBytes) bytes."
          : "request: must be HTTP/1.1; got something else.", hint: "Send a valid HTTP request.")
      let request = current?.request ?? HTTPRequest(.get, "/", remoteAddress: remoteAddress)
      current = Current(request: request, target: .answered(.empty(400), index: nil), keepAlive: false)
      send(context, responder.failure(mistake, request, nil, status: isHeader ? 431 : 400), index: nil)
    }
    context.close(promise: nil)
  }
}

// MARK: - Reading

extension ConnectionHandler {
  private func begin(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
    phase = .reading
    since = .now()
    let fields = HeaderFields(head.headers.map { (name: $0.name, value: $0.value) })
    let method = HTTPRequest.Method(rawValue: head.method.rawValue)
    let request = HTTPRequest(method ?? .get, head.uri, headers: fields, remoteAddress: remoteAddress)
    let hasBody = fields["transfer-encoding"] != nil || (fields["content-length"].map { $0 != "0" } ?? false)
    var entry = Current(request: request, target: .answered(.empty(), index: nil), keepAlive: head.isKeepAlive)
    if method == nil {
      let error = MLError(.invalidParameter, "server: no method '\(head.method.rawValue)'.", hint: "Use GET or POST.")
      entry.target = .answered(responder.failure(error, request, nil, status: 501), index: nil)
    } else {
      switch responder.admit(request) {
      case .answered(let response, let index): entry.target = .answered(response, index: index)
      case .admitted(let admitted): entry.target = .admitted(admitted)
      }
    }
    current = entry
    if case .answered(let response, let index) = entry.target, hasBody {
      refuse(context, response, index: index)
    } else if case .admitted(let admitted) = entry.target, hasBody {
      prepare(context, admitted, fields)
    }
  }

  /// Makes room for the body, or refuses it by its announced length.
  private func prepare(_ context: ChannelHandlerContext, _ admitted: Responder.Admitted, _ fields: HeaderFields) {
    let limit = responder.routes[admitted.index].maximumBodyBytes
    let announced = fields["content-length"].flatMap { Int($0) } ?? 0
    if announced > limit, let request = current?.request {
      return refuse(context, responder.tooLarge(request, admitted.index), index: admitted.index)
    }
    current?.request.body.reserveCapacity(min(announced, 1 << 20))
    if let expect = fields["expect"], HeaderFields.same(expect, "100-continue") {
      context.writeAndFlush(
        wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }
  }

  private func take(_ context: ChannelHandlerContext, _ buffer: ByteBuffer) {
    guard phase == .reading, case .admitted(let admitted) = current?.target else { return }
    current?.request.body.append(contentsOf: buffer.readableBytesView)
    let limit = responder.routes[admitted.index].maximumBodyBytes
    if let request = current?.request, request.body.count > limit {
      refuse(context, responder.tooLarge(request, admitted.index), index: admitted.index)
    }
  }

  /// Answers before the body has been read, and stops listening to it.
  private func refuse(_ context: ChannelHandlerContext, _ response: HTTPResponse, index: Int?) {
    current?.keepAlive = false
    send(context, response, index: index)
    if phase != .closed {
      phase = .discarding
      since = .now()
    }
  }

  private func bodyEnded(_ context: ChannelHandlerContext) {
    if phase == .discarding { return context.close(promise: nil) }
    guard phase == .reading, let target = current?.target else { return }
    phase = .answering
    since = .now()
    if inputClosed { current?.keepAlive = false }
    switch target {
    case .answered(let response, let index): send(context, response, index: index)
    case .admitted(let admitted): dispatch(context, admitted)
    }
  }

  private func checkTime(_ context: ChannelHandlerContext) {
    let age = NIODeadline.now() - since
    switch phase {
    case .idle: if age > TimeAmount(configuration.idleTimeout) { context.close(promise: nil) }
    case .discarding: if age > .seconds(2) { context.close(promise: nil) }
    case .reading:
      guard age > TimeAmount(configuration.readTimeout), let request = current?.request else { return }
      let error = MLError(
        .unavailable, "request: its body must arrive within \(configuration.readTimeout).", hint: "Send it again.")
      current?.keepAlive = false
      send(context, responder.failure(error, request, nil, status: 408), index: nil)
      context.close(promise: nil)
    case .streaming: writeHeartbeat(context, age)
    case .answering, .closed: break
    }
  }
}

// MARK: - Answering

extension ConnectionHandler {
  private func dispatch(_ context: ChannelHandlerContext, _ admitted: Responder.Admitted) {
    guard var request = current?.request else { return }
    let index = admitted.index
    guard service.metrics.enter(limit: configuration.maximumConcurrentRequests) else {
      return send(context, responder.overloaded(request, index), index: index)
    }
    request.pathParameters = admitted.parameters
    request.principal = admitted.principal
    switch responder.routes[index].work {
    case .inline(let body):
      let response = responder.inlineReply(request, index, body)
      service.metrics.leave()
      send(context, response, index: index)
    case .asynchronous(let body):
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      let loop = context.eventLoop
      service.outstanding.add(1, ordering: .relaxed)
      work = _Concurrency.Task { [responder, service, request] in
        defer { service.outstanding.subtract(1, ordering: .releasing) }
        let response = await responder.reply(request, index, body)
        service.metrics.leave()
        loop.execute {
          let (handler, context) = bound.value
          handler.send(context, response, index: index)
        }
      }
    case .blocking(let body):
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      service.outstanding.add(1, ordering: .relaxed)
      let reply = service.pool.runIfActive(eventLoop: context.eventLoop) { [responder, request] in
        responder.inlineReply(request, index, body)
      }
      reply.whenComplete { [responder, service, request] result in
        defer { service.outstanding.subtract(1, ordering: .releasing) }
        service.metrics.leave()
        let (handler, context) = bound.value
        let response = (try? result.get()) ?? responder.reply(to: CancellationError(), request, index)
        handler.send(context, response, index: index)
      }
    }
  }

  private func send(_ context: ChannelHandlerContext, _ response: HTTPResponse, index: Int?) {
    guard phase != .closed, let entry = current else { return }
    work = nil
    switch response.body {
    case .bytes(let bytes): sendBytes(context, response, bytes, entry, index)
    case .events(let stream):
      guard service.metrics.openStream(limit: configuration.maximumEventStreams) else {
        return send(context, responder.tooManyStreams(entry.request, index ?? 0), index: index)
      }
      sendEvents(context, response, stream, entry, index)
    }
  }

  private func sendBytes(
    _ context: ChannelHandlerContext, _ response: HTTPResponse, _ bytes: [UInt8], _ entry: Current, _ index: Int?
  ) {
    let isHead = entry.request.method == .head
    let head = responseHead(response, entry, length: bytes.count)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if !bytes.isEmpty, !isHead {
      context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: bytes)))), promise: nil)
    }
    record(entry, response.status, index, sent: isHead ? 0 : bytes.count)
    let lingers = phase == .reading
    phase = .idle
    current = nil
    if entry.keepAlive || lingers {
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    } else {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }
  }

  private func record(_ entry: Current, _ status: Int, _ index: Int?, sent: Int) {
    let now = NIODeadline.now()
    service.metrics.record(
      route: index, status: status, nanoseconds: (now - since).nanoseconds, received: entry.request.body.count,
      sent: sent, part: part)
    since = now
  }

  private func responseHead(_ response: HTTPResponse, _ entry: Current, length: Int?) -> HTTPResponseHead {
    var fields = NIOHTTP1.HTTPHeaders()
    fields.reserveCapacity(response.headers.pairs.count + 5)
    for (name, value) in response.headers.pairs { fields.add(name: Self.clean(name), value: Self.clean(value)) }
    if let length, response.status >= 200, response.status != 204, response.status != 304 {
      fields.add(name: "content-length", value: String(length))
    }
    fields.add(name: "date", value: HTTPDate.now())
    fields.add(name: "x-content-type-options", value: "nosniff")
    fields.add(name: "x-request-id", value: entry.request.id)
    if !entry.keepAlive { fields.add(name: "connection", value: "close") }
    return HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: fields)
  }

  /// The text without control characters, so that a value cannot begin another field.
  private static func clean(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) { return text }
    return String(decoding: text.utf8.map { $0 >= 32 && $0 != 127 ? $0 : 32 }, as: UTF8.self)
  }
}

// MARK: - Event streams

extension ConnectionHandler {
  private func sendEvents(
    _ context: ChannelHandlerContext, _ response: HTTPResponse, _ stream: AsyncStream<ServerSentEvent>,
    _ entry: Current, _ index: Int?
  ) {
    phase = .streaming
    current?.keepAlive = false
    var closing = entry
    closing.keepAlive = false
    context.writeAndFlush(wrapOutboundOut(.head(responseHead(response, closing, length: nil))), promise: nil)
    record(entry, response.status, index, sent: 0)
    let channel = context.channel
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    let isHead = entry.request.method == .head
    service.outstanding.add(1, ordering: .relaxed)
    work = _Concurrency.Task { [service] in
      defer {
        service.metrics.closeStream()
        service.outstanding.subtract(1, ordering: .releasing)
      }
      for await event in stream where !isHead {
        let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: event.wireText)))
        // Waiting for each write is what slows a fast producer down to a slow reader.
        do { try await channel.writeAndFlush(part) } catch { return }
      }
      loop.execute {
        let (handler, context) = bound.value
        handler.endStream(context)
      }
    }
  }

  private func endStream(_ context: ChannelHandlerContext) {
    guard phase == .streaming else { return }
    phase = .idle
    current = nil
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
  }

  /// A comment now and then, so that a reader that has gone is noticed.
  private func writeHeartbeat(_ context: ChannelHandlerContext, _ age: TimeAmount) {
    guard age > .seconds(15), context.channel.isWritable else { return }
    since = .now()
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: ":\n\n")))), promise: nil)
  }
}
