public import Basics

/// Where a server listens and what it puts up with.
public struct HTTPServerConfiguration: Sendable {
  /// Address to listen on; anything but this machine's own requires `authentication`.
  public var host: String
  /// Port to listen on; 0 takes a free one.
  public var port: Int
  /// Threads that read and write sockets.
  public var threadCount: Int
  /// Threads for routes that compute for long or block.
  public var blockingThreadCount: Int
  /// Largest header, in bytes.
  public var maximumHeaderBytes: Int
  /// Requests answered at one time; more are told to come back.
  public var maximumConcurrentRequests: Int
  /// Event streams open at one time.
  public var maximumEventStreams: Int
  /// Connections open at one time; more wait until one is closed.
  public var maximumConnections: Int
  /// Longest silence between requests before a connection is closed.
  public var idleTimeout: Duration
  /// Longest time from the header of a request to the end of its body.
  public var readTimeout: Duration
  /// Longest wait for running requests at shutdown.
  public var drainTimeout: Duration
  /// Who the callers are; `nil` takes every caller for the person at this machine.
  public var authentication: Authentication?
  /// Writes errors as pages for browsers; `nil` answers JSON to all.
  public var errorPage: (@Sendable (_ error: MLError, _ status: Int) -> String)?

  /// Loopback, port 8080, and limits for one machine.
  public init(
    host: String = "127.0.0.1", port: Int = 8080, threadCount: Int = Machine.coreCount,
    authentication: Authentication? = nil
  ) {
    self.host = host
    self.port = port
    self.threadCount = max(1, threadCount)
    self.authentication = authentication
    blockingThreadCount = max(2, threadCount)
    maximumHeaderBytes = 32 << 10
    maximumConcurrentRequests = 1024
    maximumEventStreams = 64
    maximumConnections = 4096
    idleTimeout = .seconds(75)
    readTimeout = .seconds(20)
    drainTimeout = .seconds(10)
  }

  /// Whether only this machine reaches `host`.
  public var isLoopback: Bool { Self.isLoopback(host) }

  /// - Throws: `MLError` `.invalidParameter` for a value out of range, or for an open address without authentication.
  func check() throws {
    guard (0...65535).contains(port) else {
      throw MLError(.invalidParameter, "server: 'port' must be in 0…65535; got \(port).", field: "port")
    }
    guard isLoopback || authentication != nil else {
      throw MLError(
        .invalidParameter,
        "server: host '\(host)' can be reached from other machines, so callers must be known; got no authentication.",
        hint: "Use --host 127.0.0.1, or add a token.", field: "host")
    }
  }

  static func isLoopback(_ host: String) -> Bool {
    let name = host.lowercased()
    if ["localhost", "::1", "[::1]"].contains(name) || name.hasSuffix(".localhost") { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
