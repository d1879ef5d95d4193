import Basics
import HTTP
import Testing

/// Routes, methods, errors and access, in process: the same code as over a socket.
struct RoutingTests {
  static let routes: [Route] = [
    Route(.get, "/health/live", access: .open) { _ in .text("alive") },
    Route(.get, "/api/v1/models") { _ in .json(["models": []]) },
    Route(inline: .get, "/api/v1/models/{name}") { .text(try $0.parameter("name")) },
    Route(inline: .get, "/api/v1/models/latest") { _ in .text("fixed wins") },
    Route(inline: .post, "/api/v1/models/{name}/predict", maximumBodyBytes: 64, access: .role(.builder)) {
      .json(["echo": try $0.json()])
    },
    Route(inline: .get, "/assets/{path...}") { .text(try $0.parameter("path")) },
    Route(blocking: .get, "/fails") { _ in throw Unexpected() },
    Route(.get, "/missing") { _ in throw MLError(.notFound, "model 'x': does not exist.", hint: "Train it.", field: "x")
    },
    Route(inline: .get, "/foreign", errorBody: { ["error_code": .string($0.code.rawValue)] }) { _ in
      throw MLError(.conflict, "no")
    },
  ]

  struct Unexpected: Error { let secret = "password=hunter2" }

  func server(_ configure: (inout HTTPServerConfiguration) -> Void = { _ in }) throws -> HTTPServer {
    var configuration = HTTPServerConfiguration(port: 0)
    configure(&configuration)
    return try HTTPServer(configuration, routes: Self.routes, logger: quiet)
  }

  func status(_ method: HTTPRequest.Method, _ target: String, body: String = "") async throws -> (Int, String) {
    let response = try await server().respond(to: HTTPRequest(method, target, body: Array(body.utf8)))
    return (response.status, response.text)
  }

  @Test func parametersAreDecodedAndFixedPartsWin() async throws {
    #expect(try await status(.get, "/api/v1/models/r%C3%A9gion%20%2B") == (200, "région +"))
    #expect(try await status(.get, "/api/v1/models/latest") == (200, "fixed wins"))
    #expect(try await status(.get, "/api/v1/models/x/") == (200, "x"))
    #expect(try await status(.get, "/api/v1/m%6Fdels").0 == 200)
  }

  @Test(arguments: [
    "/assets/../secret", "/assets/%2e%2e/secret", "/assets/a%2F..%2Fsecret", "/assets/..%5Csecret", "/assets/a//b",
    "/assets/.", "/api/v1/models/..", "/api/v1/models/%2e%2e", "/assets/",
  ])
  func stepsUpTheTreeFindNothing(_ target: String) async throws {
    #expect(try await status(.get, target).0 == 404)
  }

  @Test(arguments: ["/assets/%00", "/assets/%zz", "/assets/%C3%28", "/assets/%2", "nothing"])
  func brokenPathsAreRefused(_ target: String) async throws {
    #expect(try await status(.get, target).0 == 400)
  }

  @Test func assetsInFoldersAreFound() async throws {
    #expect(try await status(.get, "/assets/a/b.css") == (200, "a/b.css"))
  }

  @Test func unknownPathSuggests() async throws {
    let response = try await server().respond(to: HTTPRequest(.get, "/health/liv"))
    #expect(response.status == 404)
    #expect(try response.json()["error"]?["hint"] == "Did you mean '/health/live'?")
    #expect(try response.json()["error"]?["code"] == "not-found")
  }

  @Test func wrongMethodNamesTheRightOnes() async throws {
    let response = try await server().respond(to: HTTPRequest(.delete, "/api/v1/models"))
    #expect(response.status == 405)
    #expect(response.headers["Allow"] == "GET, HEAD, OPTIONS")
    let options = try await server().respond(to: HTTPRequest(.options, "/api/v1/models/x/predict"))
    #expect(options.status == 204)
    #expect(options.headers["allow"] == "POST, OPTIONS")
  }

  @Test func bodiesAreCheckedBeforeTheHandler() async throws {
    #expect(try await status(.post, "/api/v1/models/x/predict", body: "{\"a\":1}") == (200, "{\"echo\":{\"a\":1}}"))
    let (code, text) = try await status(.post, "/api/v1/models/x/predict", body: "{\"a\":")
    #expect(code == 400)
    #expect(text.contains("request body: "))
    #expect(try await status(.post, "/api/v1/models/x/predict").0 == 400)
    #expect(try await status(.post, "/api/v1/models/x/predict", body: String(repeating: " ", count: 65)).0 == 413)
  }

  @Test func unexpectedErrorsShowNothingOfThemselves() async throws {
    let (code, text) = try await status(.get, "/fails")
    #expect(code == 500)
    #expect(!text.contains("hunter2") && !text.contains("Unexpected"))
    #expect(text.contains("\"code\":\"internal\""))
  }

  @Test func namedErrorsKeepTheirShape() async throws {
    let (code, text) = try await status(.get, "/missing")
    #expect(code == 404)
    #expect(
      text
        == #"{"error":{"code":"not-found","message":"model 'x': does not exist.","hint":"Train it.","field":"x"}}"#)
    #expect(try await status(.get, "/foreign") == (409, #"{"error_code":"conflict"}"#))
  }

  @Test func browsersGetAPage() async throws {
    let server = try server { $0.errorPage = { "<p>\($1): \($0.message)</p>" } }
    let response = await server.respond(to: HTTPRequest(.get, "/nowhere", headers: ["accept": "text/html,*/*"]))
    #expect(response.status == 404)
    #expect(response.text.hasPrefix("<p>404"))
    #expect(response.headers["content-security-policy"]?.contains("default-src 'none'") == true)
  }

  @Test func queriesDecode() throws {
    let request = HTTPRequest(.get, "/x?a=1&b=two+words%21&c&a=2&n=9")
    #expect(request.path == "/x")
    #expect(request.query.map(\.name) == ["a", "b", "c", "a", "n"])
    #expect(request.queryValue("b") == "two words!")
    #expect(request.queryValue("a") == "1")
    #expect(request.queryValue("c") == "")
    #expect(try request.queryInteger("n", default: 3, in: 1...10) == 9)
    #expect(try request.queryInteger("m", default: 3, in: 1...10) == 3)
    #expect(throws: MLError.self) { try request.queryInteger("b", default: 3, in: 1...10) }
    #expect(throws: MLError.self) { try request.queryInteger("n", default: 3, in: 1...5) }
  }

  @Test func clashingRoutesAreRefused() throws {
    let one = Route(.get, "/a/{x}") { _ in .empty() }
    let same = Route(.get, "/a/{y}") { _ in .empty() }
    #expect(throws: MLError.self) { try HTTPServer(.init(), routes: [one, same], logger: quiet) }
    let late = Route(.get, "/a/{x...}/b") { _ in .empty() }
    #expect(throws: MLError.self) { try HTTPServer(.init(), routes: [late], logger: quiet) }
  }

  @Test func assetsAnswerKnownTags() throws {
    let bytes = Array("body{}".utf8)
    let fresh = HTTPResponse.asset(bytes, type: "text/css", tag: "abc", for: HTTPRequest(.get, "/a.css"))
    #expect(fresh.status == 200 && fresh.headers["etag"] == "\"abc\"")
    for value in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\" ", "*"] {
      let request = HTTPRequest(.get, "/a.css", headers: ["if-none-match": value])
      let known = HTTPResponse.asset(bytes, type: "text/css", tag: "abc", for: request)
      #expect(known.status == 304 && known.bytes.isEmpty, "\(value)")
    }
    let other = HTTPRequest(.get, "/a.css", headers: ["if-none-match": "\"abcd\""])
    #expect(HTTPResponse.asset(bytes, type: "text/css", tag: "abc", for: other).status == 200)
  }
}
