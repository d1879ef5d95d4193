import Basics
import HTTP
import Synchronization
import Testing

/// Start, load and end of a server.
struct LifecycleTests {
  @Test func aPortInUseIsNamedWithAFreeOne() async throws {
    try await serving([]) { port, _ in
      let second = try HTTPServer(HTTPServerConfiguration(port: port), routes: [], logger: quiet)
      let error = await #expect(throws: MLError.self) { try await second.run() }
      #expect(error?.code == .unavailable)
      #expect(error?.message == "server: port \(port) on 127.0.0.1 is in use.")
      #expect(error?.hint?.hasPrefix("Use --port ") == true)
    }
  }

  @Test func anAddressThatIsNotOursIsNamed() async throws {
    let configuration = HTTPServerConfiguration(
      host: "203.0.113.7", port: 0, authentication: Authentication { _ in nil })
    let server = try HTTPServer(configuration, routes: [], logger: quiet)
    let error = await #expect(throws: MLError.self) { try await server.run() }
    #expect(error?.code == .invalidParameter)
    #expect(error?.field == "host")
  }

  @Test func shutdownAnswersWhatIsRunning() async throws {
    let entered = Gate()
    let release = Gate()
    let slow = Route(.get, "/slow") { _ in
      entered.open()
      await release.wait()
      return .text("done")
    }
    try await serving([slow]) { port, server in
      let client = HTTPClient(port: port)
      let reply = _Concurrency.Task { try await client.send(.get, "/slow") }
      await entered.wait()
      let stopped = _Concurrency.Task { await server.shutdown() }
      // The listening socket closes first: wait until new connections are refused, then let the request end.
      while (try? RawSocket(port: port))?.close() != nil { await _Concurrency.Task.yield() }
      release.open()
      let response = try await reply.value
      #expect(response.status == 200 && response.text == "done")
      await stopped.value
    }
  }

  @Test func shutdownDoesNotWaitForever() async throws {
    let entered = Gate()
    let never = Gate()
    let stuck = Route(.get, "/stuck") { _ in
      entered.open()
      await never.wait()
      return .text("late")
    }
    try await serving([stuck], configure: { $0.drainTimeout = .milliseconds(50) }) { port, server in
      let reply = _Concurrency.Task { try await HTTPClient(port: port).send(.get, "/stuck") }
      await entered.wait()
      await server.shutdown()
      await #expect(throws: MLError.self) { try await reply.value }
      never.open()
    }
  }

  @Test func cancellingTheTaskStopsTheServer() async throws {
    let server = try HTTPServer(HTTPServerConfiguration(port: 0), routes: [], logger: quiet)
    let started = Gate()
    let running = _Concurrency.Task { try await server.run { _ in started.open() } }
    await started.wait()
    running.cancel()
    try await running.value
    await #expect(throws: MLError.self) { try await server.run() }
  }

  @Test func tooManyAtOnceAreToldToComeBack() async throws {
    let entered = Gate()
    let release = Gate()
    let slow = Route(.get, "/slow") { _ in
      entered.open()
      await release.wait()
      return .empty()
    }
    try await serving([slow], configure: { $0.maximumConcurrentRequests = 1 }) { port, server in
      let client = HTTPClient(port: port)
      let first = _Concurrency.Task { try await client.send(.get, "/slow") }
      await entered.wait()
      let second = try await client.send(.get, "/slow")
      #expect(second.status == 503)
      #expect(second.headers["retry-after"] == "1")
      #expect(server.metrics.refused == 1)
      release.open()
      #expect(try await first.value.status == 204)
      #expect(try await client.send(.get, "/slow").status == 204)
    }
  }

  @Test func eventsArriveAndEndWithTheServer() async throws {
    let (stream, feed) = AsyncStream<ServerSentEvent>.makeStream()
    let events = Route(.get, "/events") { _ in .events(stream) }
    try await serving([events]) { port, server in
      let socket = try RawSocket(port: port)
      defer { socket.close() }
      socket.send("GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n")
      feed.yield(ServerSentEvent("one\ntwo", name: "status", id: "7"))
      let text = await socket.read(until: "two\n\n")
      #expect(text.contains("content-type: text/event-stream"))
      #expect(text.contains("id: 7\nevent: status\ndata: one\ndata: two\n\n"))
      #expect(server.metrics.openStreams == 1)
      await server.shutdown()
      #expect(await socket.read().hasSuffix("0\r\n\r\n"))
      #expect(server.metrics.openStreams == 0)
    }
  }

  @Test func eventFieldsCannotBreakOut() {
    #expect(ServerSentEvent("a\r\nb", name: "x\ndata: y").wireText == "event: xdata: y\ndata: a\ndata: b\n\n")
  }
}
