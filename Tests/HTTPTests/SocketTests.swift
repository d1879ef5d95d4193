import Basics
import HTTP
import Synchronization
import Testing

/// What only happens over a socket.
struct SocketTests {
  static let echo = Route(inline: .post, "/echo", maximumBodyBytes: 1 << 20) { .json(bytes: $0.body) }

  @Test func manyRequestsAtOnce() async throws {
    let routes: [Route] = [
      Self.echo,
      Route(.post, "/later") { request in
        await _Concurrency.Task.yield()
        return .json(bytes: request.body)
      },
      Route(blocking: .post, "/blocking") { .json(bytes: $0.body) },
    ]
    try await serving(routes) { port, server in
      let client = HTTPClient(port: port)
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<200 {
          group.addTask {
            let path = ["/echo", "/later", "/blocking"][number % 3]
            let response = try await client.post(path, json: .integer(Int64(number)))
            return response.status == 200 && response.text == String(number)
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
      await client.close()
      let counts = server.metrics.routes
      #expect(counts.map(\.requestCount).reduce(0, +) == 200)
      #expect(counts[0].route == "POST /echo" && counts[0].statusClasses[1] == 67)
      #expect(server.metrics.inFlight == 0)
    }
  }

  @Test func headHasNoBodyButItsLength() async throws {
    try await serving([Route(.get, "/page") { _ in .text("12345") }]) { port, _ in
      let client = HTTPClient(port: port)
      for _ in 0..<3 {
        let response = try await client.send(.head, "/page")
        #expect(response.status == 200 && response.bytes.isEmpty && response.headers["content-length"] == "5")
      }
      let full = try await client.send(.get, "/page")
      #expect(full.text == "12345")
      #expect(full.headers["x-content-type-options"] == "nosniff")
      #expect(full.headers["x-request-id"]?.count == 13)
      #expect(full.headers["date"]?.hasSuffix(" GMT") == true)
      #expect(full.headers.values("date").count == 1)
    }
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    let slow = Route(.get, "/slow") { _ in
      for _ in 0..<50 { await _Concurrency.Task.yield() }
      return .text("slow")
    }
    try await serving([slow, Route(inline: .get, "/fast") { _ in .text("fast") }]) { port, _ in
      let socket = try RawSocket(port: port)
      defer { socket.close() }
      socket.send(
        "GET /slow HTTP/1.1\r\nhost: localhost\r\n\r\nGET /fast HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
      )
      let text = await socket.read()
      let slow = try #require(text.firstRange(of: "\r\n\r\nslow"))
      let fast = try #require(text.firstRange(of: "\r\n\r\nfast"))
      #expect(slow.lowerBound < fast.lowerBound)
    }
  }

  @Test func chunkedBodiesArrive() async throws {
    try await serving([Self.echo]) { port, _ in
      let socket = try RawSocket(port: port)
      defer { socket.close() }
      socket.send("POST /echo HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")
      socket.send("3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n")
      #expect(await socket.read().hasSuffix("\r\n\r\n[1,2]"))
    }
  }

  @Test func expectedContinueIsSent() async throws {
    try await serving([Self.echo]) { port, _ in
      let socket = try RawSocket(port: port)
      defer { socket.close() }
      socket.send(
        "POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n"
      )
      #expect(await socket.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
      socket.send("42")
      let text = await socket.read()
      #expect(text.hasPrefix("HTTP/1.1 200 ") && text.hasSuffix("42"))
    }
  }

  @Test(arguments: [true, false])
  func tooLargeIsRefusedBeforeItIsRead(_ isAnnounced: Bool) async throws {
    let chunk = String(repeating: "x", count: 0x100001)
    let rest =
      isAnnounced ? "content-length: 2000000\r\n\r\n" : "transfer-encoding: chunked\r\n\r\n100001\r\n\(chunk)\r\n"
    try await serving([Self.echo]) { port, server in
      let socket = try RawSocket(port: port)
      defer { socket.close() }
      socket.send("POST /echo HTTP/1.1\r\nhost: localhost\r\n" + rest)
      let text = await socket.read(until: "}}")
      #expect(text.hasPrefix("HTTP/1.1 413 "))
      #expect(text.contains("connection: close"))
      #expect(text.contains("\"code\":\"too-large\""))
      #expect(server.metrics.routes[0].statusClasses[3] == 1)
    }
  }

  @Test(arguments: [
    ("NONSENSE\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nbad header\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: localhost\r\nx: LONG\r\n\r\n", "431"),
    ("BREW /echo HTTP/1.1\r\nhost: localhost\r\n\r\n", "400"),
    ("PROPFIND /echo HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", "501"),
    ("POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n[]", "400"),
  ])
  func malformedRequestsAreNamed(_ text: String, _ status: String) async throws {
    try await serving([Self.echo]) { port, _ in
      let socket = try RawSocket(port: port)
      defer { socket.close() }
      socket.send(text.replacing("LONG", with: String(repeating: "y", count: 40_000)))
      let reply = await socket.read()
      #expect(reply.hasPrefix("HTTP/1.1 \(status) "), "\(reply)")
      #expect(reply.contains("{\"error\":{"))
    }
  }

  @Test func slowBodiesAreGivenUp() async throws {
    try await serving([Self.echo], configure: { $0.readTimeout = .milliseconds(80) }) { port, _ in
      let socket = try RawSocket(port: port)
      defer { socket.close() }
      socket.send("POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n1")
      let text = await socket.read()
      #expect(text.hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test func silentConnectionsAreClosed() async throws {
    try await serving([Self.echo], configure: { $0.idleTimeout = .milliseconds(80) }) { port, _ in
      let socket = try RawSocket(port: port)
      defer { socket.close() }
      socket.send("POST /ec")
      #expect(await socket.read().isEmpty)
    }
  }

  @Test func headersCannotBeSplit() async throws {
    let route = Route(inline: .get, "/split") { _ in HTTPResponse(headers: ["x-name": "a\r\nset-cookie: stolen=1"]) }
    try await serving([route]) { port, _ in
      let response = try await HTTPClient(port: port).send(.get, "/split")
      #expect(response.headers["set-cookie"] == nil)
      #expect(response.headers["x-name"] == "a  set-cookie: stolen=1")
    }
  }

  @Test func anUnreachableServerIsNamed() async throws {
    let port = try await serving([Self.echo]) { port, _ in port }
    let error = await #expect(throws: MLError.self) { try await HTTPClient(port: port).send(.get, "/") }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains(":\(port)") == true)
  }
}
