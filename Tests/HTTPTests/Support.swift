import Basics
import Foundation
import HTTP
import Logging
import Synchronization

/// A log that drops everything.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a server on a free port while `body` talks to it, then stops it.
func serving<T: Sendable>(
  _ routes: [Route], configure: (inout HTTPServerConfiguration) -> Void = { _ in },
  _ body: @Sendable (_ port: Int, _ server: HTTPServer) async throws -> T
) async throws -> T {
  var configuration = HTTPServerConfiguration(port: 0)
  configure(&configuration)
  let server = try HTTPServer(configuration, routes: routes, logger: quiet)
  let (ports, found) = AsyncStream<Int>.makeStream()
  let running = _Concurrency.Task {
    defer { found.finish() }
    try await server.run { port in found.yield(port) }
  }
  var iterator = ports.makeAsyncIterator()
  guard let port = await iterator.next() else {
    try await running.value
    throw MLError(.internalFailure, "the server did not start")
  }
  let result: Result<T, any Error>
  do { result = .success(try await body(port, server)) } catch { result = .failure(error) }
  await server.shutdown()
  try await running.value
  return try result.get()
}

/// A bare socket, for requests that no client would send.
struct RawSocket {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw MLError(.unavailable, "no connection") }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// What arrives until the other end closes or `mark` was seen; waits on a thread of its own.
  func read(until mark: String? = nil) async -> String {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: receive(until: mark)) }
    }
  }

  private func receive(until mark: String?) -> String {
    var out: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { break }
      out.append(contentsOf: buffer[..<count])
      if let mark, String(decoding: out, as: UTF8.self).contains(mark) { break }
    }
    return String(decoding: out, as: UTF8.self)
  }

  func close() { Glibc.close(descriptor) }
}

/// A door that opens once.
final class Gate: Sendable {
  private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}
