public import Basics

/// One reply.
public struct HTTPResponse: Sendable {
  /// What follows the header.
  public enum Body: Sendable {
    /// All bytes at once.
    case bytes([UInt8])
    /// Events as they happen, until the sequence ends, the other end goes away or the server stops.
    case events(AsyncStream<ServerSentEvent>)
  }

  /// Status code, `100 ... 599`.
  public var status: Int
  /// Header fields; `content-length`, `date` and `connection` are set when it is sent.
  public var headers: HeaderFields
  /// What follows the header.
  public var body: Body

  /// Makes a reply.
  public init(status: Int = 200, headers: HeaderFields = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = .bytes(body)
  }

  /// Bytes of the body; empty for events.
  public var bytes: [UInt8] { if case .bytes(let bytes) = body { bytes } else { [] } }
  /// Body as text; broken UTF-8 is replaced.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
  /// Body as JSON.
  ///
  /// - Throws: `MLError` `.invalidData` if it is none.
  public func json() throws -> JSONValue { try JSONValue(parsing: bytes) }
}

extension HTTPResponse {
  /// A JSON document already written.
  public static func json(bytes: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["content-type": "application/json"], body: bytes)
  }

  /// A JSON document.
  public static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
    var bytes: [UInt8] = []
    value.write(into: &bytes)
    return json(bytes: bytes, status: status)
  }

  /// Plain text, or text of another `type`.
  public static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: Int = 200) -> HTTPResponse
  {
    HTTPResponse(status: status, headers: ["content-type": type], body: Array(text.utf8))
  }

  /// A page. Scripts, styles and connections may come from this server only, and no other site may frame it.
  public static func page(_ html: String, status: Int = 200) -> HTTPResponse {
    var response = text(html, type: "text/html; charset=utf-8", status: status)
    response.headers.add("content-security-policy", pagePolicy)
    response.headers.add("referrer-policy", "no-referrer")
    response.headers.add("cache-control", "no-store")
    return response
  }

  /// Events as they happen.
  public static func events(_ stream: AsyncStream<ServerSentEvent>) -> HTTPResponse {
    var response = HTTPResponse(headers: ["content-type": "text/event-stream", "cache-control": "no-store"])
    response.body = .events(stream)
    return response
  }

  /// Nothing but a status.
  public static func empty(_ status: Int = 204) -> HTTPResponse { HTTPResponse(status: status) }

  /// A file that never changes under its digest: answers 304 where the other end has it already.
  public static func asset(_ bytes: [UInt8], type: String, tag: String, for request: HTTPRequest) -> HTTPResponse {
    let quoted = "\"\(tag)\""
    var headers: HeaderFields = ["content-type": type, "etag": quoted, "cache-control": "no-cache"]
    let known = request.headers["if-none-match"]?.split(separator: ",") ?? []
    let matches = known.contains { item in
      var name = item.drop { $0 == " " }
      if name.hasPrefix("W/") { name = name.dropFirst(2) }
      while name.last == " " { name.removeLast() }
      return name == quoted || name == "*"
    }
    if matches {
      headers["content-type"] = nil
      return HTTPResponse(status: 304, headers: headers)
    }
    return HTTPResponse(headers: headers, body: bytes)
  }

  /// The reply that carries an error, in the shape of `MLError.json`.
  public static func failure(_ error: MLError, status: Int? = nil) -> HTTPResponse {
    json(error.json, status: status ?? error.code.httpStatus)
  }

  static let pagePolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

/// One event of a stream to a browser's `EventSource`.
public struct ServerSentEvent: Sendable, Hashable {
  /// Kind of event; `nil` is `message`.
  public var name: String?
  /// Text, any number of lines.
  public var data: String
  /// Name that the browser sends back as `Last-Event-ID` when it reconnects.
  public var id: String?

  /// Makes an event.
  public init(_ data: String, name: String? = nil, id: String? = nil) {
    self.name = name
    self.data = data
    self.id = id
  }

  /// The event as it goes over the wire; line breaks cannot end a field early.
  public var wireText: String {
    var out = ""
    if let id { out += "id: \(Self.oneLine(id))\n" }
    if let name { out += "event: \(Self.oneLine(name))\n" }
    for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) { out += "data: \(line)\n" }
    return out + "\n"
  }

  private static func oneLine(_ text: String) -> String { String(text.filter { !$0.isNewline && $0 != "\0" }) }
}
