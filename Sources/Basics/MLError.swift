/// The one error type of the package: what went wrong, where, and how to mend it.
///
/// The message reads `<who> '<what>' <must or cannot …>; got <actual> (<where>).`, the hint is one imperative
/// sentence. Messages hold names, counts and positions, never cell values.
public struct MLError: Error, Sendable, CustomStringConvertible {
  /// Kind of failure; decides the HTTP status and the exit status.
  public var code: Code
  /// What happened, to whom, where.
  public var message: String
  /// What to do about it.
  public var hint: String?
  /// The column, option or key the error is about, for replies that name a field.
  public var field: String?
  /// The error underneath, when this one wraps another.
  public var cause: (any Error)?

  /// Makes an error.
  public init(
    _ code: Code, _ message: String, hint: String? = nil, field: String? = nil,
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.hint = hint
    self.field = field
    self.cause = cause
  }

  /// Message and hint on one line each.
  public var description: String { hint.map { "\(message)\n  hint: \($0)" } ?? message }

  /// Kinds of failure.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    case invalidParameter = "invalid-parameter"
    case schemaMismatch = "schema-mismatch"
    case shapeMismatch = "shape-mismatch"
    case invalidData = "invalid-data"
    case notFound = "not-found"
    case unavailable = "unavailable"
    case internalFailure = "internal"
    case conflict = "conflict"
    case corruptFile = "corrupt-file"
    case io = "io"
    case unsupportedVersion = "unsupported-version"
    case cancelled = "cancelled"
    case unauthorized = "unauthorized"
    case tooLarge = "too-large"

    /// Status of an HTTP reply that carries this error.
    public var httpStatus: Int {
      switch self {
      case .invalidParameter: 400
      case .schemaMismatch, .shapeMismatch, .invalidData: 422
      case .notFound: 404
      case .unavailable, .cancelled: 503
      case .internalFailure, .corruptFile, .io: 500
      case .conflict, .unsupportedVersion: 409
      case .unauthorized: 401
      case .tooLarge: 413
      }
    }

    /// Exit status of a command that ends with this error.
    public var exitStatus: Int32 {
      switch self {
      case .invalidParameter: 64
      case .schemaMismatch, .shapeMismatch, .invalidData, .unsupportedVersion, .tooLarge: 65
      case .notFound: 66
      case .unavailable: 69
      case .internalFailure: 70
      case .conflict: 73
      case .corruptFile, .io: 74
      case .unauthorized: 77
      case .cancelled: 130
      }
    }
  }
}

extension MLError {
  /// The JSON shape of DESIGN § 6: `{"error": {"code", "message", "hint", "field"}}`.
  public var json: JSONValue {
    var body: [(String, JSONValue)] = [("code", .string(code.rawValue)), ("message", .string(message))]
    body.append(("hint", hint.map(JSONValue.string) ?? .null))
    body.append(("field", field.map(JSONValue.string) ?? .null))
    return .object([("error", .object(body))])
  }

  /// A name that is not in a list, with the closest ones as hint.
  public static func unknown(
    _ kind: String, _ name: String, among known: [String], in place: String,
    code: Code = .notFound
  ) -> MLError {
    let close = Suggestions.closest(to: name, in: known)
    let hint: String
    if let first = close.first {
      hint = "Did you mean '\(first)'?"
    } else if known.isEmpty {
      hint = "There is no \(kind) yet."
    } else {
      let shown = known.prefix(12).joined(separator: ", ")
      hint = "Choose one of: \(shown)\(known.count > 12 ? ", …" : "")."
    }
    return MLError(code, "\(place): no \(kind) '\(name)' (\(known.count) known).", hint: hint, field: name)
  }
}
