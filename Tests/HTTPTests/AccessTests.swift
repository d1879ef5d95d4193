import Basics
import HTTP
import Testing

/// Who gets in.
struct AccessTests {
  static let tokens = Authentication.tokens([
    (Digest(of: "see"), Principal(name: "vera", roles: [.viewer])),
    (Digest(of: "build"), Principal(name: "ben", roles: [.builder])),
    (Digest(of: "all"), Principal(name: "ada", roles: [.admin])),
  ])

  func reply(
    _ method: HTTPRequest.Method, _ target: String, _ headers: HeaderFields, host: String = "127.0.0.1",
    authentication: Authentication? = tokens
  ) async throws -> HTTPResponse {
    let configuration = HTTPServerConfiguration(host: host, port: 0, authentication: authentication)
    let server = try HTTPServer(configuration, routes: RoutingTests.routes, logger: quiet)
    return await server.respond(to: HTTPRequest(method, target, headers: headers, body: Array("{}".utf8)))
  }

  @Test(arguments: ["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org", "127.1.2.300"])
  func otherMachinesNeedAuthentication(_ host: String) throws {
    #expect(throws: MLError.self) { try HTTPServer(.init(host: host), routes: [], logger: quiet) }
    #expect(throws: Never.self) {
      try HTTPServer(.init(host: host, authentication: Self.tokens), routes: [], logger: quiet)
    }
  }

  @Test(arguments: ["127.0.0.1", "localhost", "::1", "127.5.0.9"])
  func thisMachineNeedsNone(_ host: String) throws {
    #expect(throws: Never.self) { try HTTPServer(.init(host: host), routes: [], logger: quiet) }
  }

  @Test func tokensDecide() async throws {
    let path = "/api/v1/models/x/predict"
    #expect(try await reply(.post, path, [:], host: "0.0.0.0").status == 401)
    #expect(try await reply(.post, path, ["authorization": "Bearer wrong"], host: "0.0.0.0").status == 401)
    #expect(try await reply(.post, path, ["authorization": "Bearer see"], host: "0.0.0.0").status == 403)
    #expect(try await reply(.post, path, ["authorization": "bearer build"], host: "0.0.0.0").status == 200)
    #expect(try await reply(.get, "/api/v1/models", ["authorization": "Bearer build"]).status == 200)
    #expect(try await reply(.post, path, ["authorization": "Bearer all"], host: "0.0.0.0").status == 200)
    #expect(try await reply(.get, "/health/live", [:], host: "0.0.0.0").status == 200)
    #expect(try await reply(.get, "/api/v1/models", [:]).status == 401)
  }

  @Test func browsersSendTheTokenAsPassword() async throws {
    let challenge = try await reply(.get, "/api/v1/models", ["accept": "text/html"])
    #expect(challenge.status == 401)
    #expect(challenge.headers["www-authenticate"]?.hasPrefix("Basic") == true)
    // "me:see" and "me:nope"
    #expect(try await reply(.get, "/api/v1/models", ["authorization": "Basic bWU6c2Vl"]).status == 200)
    #expect(try await reply(.get, "/api/v1/models", ["authorization": "Basic bWU6bm9wZQ=="]).status == 401)
    #expect(try await reply(.get, "/api/v1/models", ["authorization": "Basic !!!"]).status == 401)
  }

  @Test func otherSitesChangeNothing() async throws {
    let path = "/api/v1/models/x/predict"
    let foreign: HeaderFields = ["host": "localhost:8080", "origin": "https://evil.example"]
    #expect(try await reply(.post, path, foreign, authentication: nil).status == 403)
    let own: HeaderFields = ["host": "localhost:8080", "origin": "http://localhost:8080"]
    #expect(try await reply(.post, path, own, authentication: nil).status == 200)
    #expect(try await reply(.get, "/api/v1/models", foreign, authentication: nil).status == 200)
  }

  @Test(arguments: [
    ("evil.example", 421), ("evil.example:8080", 421), ("localhost:8080", 200), ("127.0.0.1:1", 200),
    ("[::1]:8080", 200),
  ])
  func foreignNamesForThisMachineAreRefused(_ host: String, _ status: Int) async throws {
    #expect(try await reply(.get, "/api/v1/models", ["host": host], authentication: nil).status == status)
  }

  @Test func adminsMayAllAndEveryoneMayView() {
    #expect(Principal(name: "a", roles: [.admin]).has(.approver))
    #expect(Principal(name: "b", roles: [.annotator]).has(.viewer))
    #expect(!Principal(name: "b", roles: [.annotator]).has(.builder))
    #expect(!Principal(name: "c", roles: []).has(.viewer))
  }
}
