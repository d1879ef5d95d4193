import Synchronization

/// What a server has answered, per route: counts by status and how long it took.
///
/// Written in four parts so that threads rarely meet; a reader merges them.
public final class HTTPMetrics: Sendable {
  /// Counts of one route since the start.
  public struct RouteCounts: Sendable, Hashable {
    /// Method and pattern, such as `POST /api/v1/models/{name}/predict`; `unmatched` where no route fits.
    public var route: String
    /// Replies with status 1xx, 2xx, 3xx, 4xx, 5xx.
    public var statusClasses: [UInt64]
    /// Time from the last byte of the request to the reply.
    public var latency: LatencyHistogram
    /// Bytes of request bodies.
    public var receivedBytes: UInt64
    /// Bytes of reply bodies.
    public var sentBytes: UInt64

    /// Replies in all.
    public var requestCount: UInt64 { statusClasses.reduce(0, +) }
  }

  private final class Part: Sendable {
    let counts: Mutex<[RouteCounts]>
    init(_ names: [String]) {
      let zero = names.map {
        RouteCounts(
          route: $0, statusClasses: [0, 0, 0, 0, 0], latency: LatencyHistogram(), receivedBytes: 0, sentBytes: 0)
      }
      counts = Mutex(zero)
    }
  }

  private let parts: [Part]
  private let unmatched: Int
  private let inFlightCount = Atomic<Int>(0)
  private let streamCount = Atomic<Int>(0)
  private let refusedCount = Atomic<Int>(0)

  init(routes: [Route]) {
    let names = routes.map { "\($0.method.rawValue) \($0.pattern)" } + ["unmatched"]
    parts = (0..<4).map { _ in Part(names) }
    unmatched = names.count - 1
  }

  /// Requests being answered now.
  public var inFlight: Int { inFlightCount.load(ordering: .relaxed) }
  /// Event streams open now.
  public var openStreams: Int { streamCount.load(ordering: .relaxed) }
  /// Requests refused because too many were being answered.
  public var refused: Int { refusedCount.load(ordering: .relaxed) }

  /// Counts of every route, in the order of the routes, `unmatched` last.
  public var routes: [RouteCounts] {
    var total = parts[0].counts.withLock { $0 }
    for part in parts.dropFirst() {
      let other = part.counts.withLock { $0 }
      for index in total.indices {
        total[index].latency.merge(other[index].latency)
        total[index].receivedBytes += other[index].receivedBytes
        total[index].sentBytes += other[index].sentBytes
        for status in 0..<5 { total[index].statusClasses[status] += other[index].statusClasses[status] }
      }
    }
    return total
  }

  func record(route: Int?, status: Int, nanoseconds: Int64, received: Int, sent: Int, part: Int) {
    parts[part & 3].counts.withLock { counts in
      let index = route ?? unmatched
      counts[index].statusClasses[min(max(status / 100, 1), 5) - 1] += 1
      counts[index].latency.record(nanoseconds: nanoseconds)
      counts[index].receivedBytes += UInt64(received)
      counts[index].sentBytes += UInt64(sent)
    }
  }

  /// Counts a request in unless `limit` are being answered.
  func enter(limit: Int) -> Bool {
    if inFlightCount.add(1, ordering: .relaxed).newValue <= limit { return true }
    inFlightCount.subtract(1, ordering: .relaxed)
    refusedCount.add(1, ordering: .relaxed)
    return false
  }

  func leave() { inFlightCount.subtract(1, ordering: .relaxed) }

  func openStream(limit: Int) -> Bool {
    if streamCount.add(1, ordering: .relaxed).newValue <= limit { return true }
    streamCount.subtract(1, ordering: .relaxed)
    refusedCount.add(1, ordering: .relaxed)
    return false
  }

  func closeStream() { streamCount.subtract(1, ordering: .relaxed) }
}

extension HTTPMetrics {
  /// Appends every count in the text form that Prometheus reads; routes without requests are left out.
  public func write(to text: inout PrometheusText) {
    let active = routes.filter { $0.requestCount > 0 }
    let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]
    text.counter(
      "http_requests_total", "Requests answered.",
      active.flatMap { counts in
        classes.indices.filter { counts.statusClasses[$0] > 0 }.map { index in
          ([("route", counts.route), ("status", classes[index])], Double(counts.statusClasses[index]))
        }
      })
    text.histogram(
      "http_request_duration_seconds", "Time from the last byte of the request to the reply.",
      active.map { ([("route", $0.route)], $0.latency) })
    text.counter(
      "http_request_bytes_total", "Bytes of request bodies.",
      active.map { ([("route", $0.route)], Double($0.receivedBytes)) })
    text.counter(
      "http_response_bytes_total", "Bytes of reply bodies.",
      active.map { ([("route", $0.route)], Double($0.sentBytes)) })
    text.gauge("http_requests_in_flight", "Requests being answered.", [([], Double(inFlight))])
    text.gauge("http_event_streams_open", "Event streams open.", [([], Double(openStreams))])
    text.counter("http_requests_refused_total", "Requests refused for load.", [([], Double(refused))])
  }
}
