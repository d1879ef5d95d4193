extension JSONValue {
  /// Parses a whole document.
  ///
  /// - Throws: `MLError` `.invalidData` with byte offset, line and column. Depth is limited to 128.
  public init(parsing bytes: [UInt8]) throws {
    var parser = JSONParser(bytes)
    self = try parser.document()
  }

  /// Parses a whole document.
  public init(parsing text: String) throws { try self.init(parsing: Array(text.utf8)) }
}

/// RFC 8259 parser over bytes in memory; duplicate keys keep the last value's place and value as sent.
public struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  static let maximumDepth = 128

  /// Starts at the first byte, after a byte-order mark if there is one.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  mutating func document() throws -> JSONValue {
    let value = try self.value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw failure("must end after the document") }
    return value
  }

  mutating func value(depth: Int) throws -> JSONValue {
    guard depth < Self.maximumDepth else { throw failure("must not nest deeper than \(Self.maximumDepth)") }
    skipSpace()
    guard position < bytes.count else { throw failure("must not end here") }
    switch bytes[position] {
    case 123: return try object(depth: depth)
    case 91: return try array(depth: depth)
    case 34: return .string(try string())
    case 116: return try literal("true", .boolean(true))
    case 102: return try literal("false", .boolean(false))
    case 110: return try literal("null", .null)
    case 45, 48...57: return try number()
    default: throw failure("must have a value here")
    }
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    position += 1
    var pairs: [(String, JSONValue)] = []
    skipSpace()
    if peek() == 125 {
      position += 1
      return .object([])
    }
    while true {
      skipSpace()
      guard peek() == 34 else { throw failure("must have a quoted key here") }
      let key = try string()
      skipSpace()
      guard peek() == 58 else { throw failure("must have ':' after a key") }
      position += 1
      pairs.append((key, try value(depth: depth + 1)))
      skipSpace()
      switch peek() {
      case 44: position += 1
      case 125:
        position += 1
        return .object(pairs)
      default: throw failure("must have ',' or '}' here")
      }
    }
  }

  private mutating func array(depth: Int) throws -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if peek() == 93 {
      position += 1
      return .array([])
    }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      switch peek() {
      case 44: position += 1
      case 93:
        position += 1
        return .array(values)
      default: throw failure("must have ',' or ']' here")
      }
    }
  }

  private mutating func number() throws -> JSONValue {
    let start = position
    var isInteger = true
    if peek() == 45 { position += 1 }
    let first = position
    skipDigits()
    guard position > first, bytes[first] != 48 || position == first + 1 else { throw failure("must be a number") }
    if peek() == 46 {
      isInteger = false
      position += 1
      let fraction = position
      skipDigits()
      guard position > fraction else { throw failure("must have digits after '.'") }
    }
    if peek() == 101 || peek() == 69 {
      isInteger = false
      position += 1
      if peek() == 43 || peek() == 45 { position += 1 }
      let exponent = position
      skipDigits()
      guard position > exponent else { throw failure("must have digits in the exponent") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, text != "-0", let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw failure("must be a finite number") }
    return .number(value)
  }

  private mutating func string() throws -> String {
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != 34, bytes[position] != 92, bytes[position] >= 32 { position += 1 }
    if peek() == 34 {
      position += 1
      return try text(bytes[start..<(position - 1)])
    }
    var out = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 34 {
        position += 1
        return try text(out[...])
      }
      guard byte >= 32 else { throw failure("must not have a control character in a string") }
      position += 1
      if byte == 92 { try escape(into: &out) } else { out.append(byte) }
    }
    throw failure("must have a closing quote")
  }

  private func text(_ slice: ArraySlice<UInt8>) throws -> String {
    guard let text = String(validating: slice, as: UTF8.self) else { throw failure("must be UTF-8") }
    return text
  }

  private mutating func escape(into out: inout [UInt8]) throws {
    guard let kind = peek() else { throw failure("must have an escape here") }
    position += 1
    switch kind {
    case 34, 92, 47: out.append(kind)
    case 98: out.append(8)
    case 102: out.append(12)
    case 110: out.append(10)
    case 114: out.append(13)
    case 116: out.append(9)
    case 117:
      var code = try hex4()
      if (0xD800..<0xDC00).contains(code), peek() == 92, position + 1 < bytes.count, bytes[position + 1] == 117 {
        position += 2
        let low = try hex4()
        guard (0xDC00..<0xE000).contains(low) else { throw failure("must have a low surrogate here") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("must not have a lone surrogate") }
      out.append(contentsOf: String(Character(scalar)).utf8)
    default: throw failure("must have a known escape here")
    }
  }

  private mutating func hex4() throws -> UInt32 {
    var code: UInt32 = 0
    for offset in position..<(position + 4) {
      guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue
      else { throw failure("must have four hexadecimal digits here") }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }

  private mutating func literal(_ word: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw failure("must have a value here") }
    position += word.utf8.count
    return value
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }
  private mutating func skipSpace() {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
  }
  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 || byte == 13 || byte == 9 }
  private mutating func skipDigits() {
    while position < bytes.count, (48...57).contains(bytes[position]) { position += 1 }
  }

  func failure(_ what: String) -> MLError {
    let before = bytes.prefix(position)
    let line = before.count { $0 == 10 } + 1
    let column = position - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0) + 1
    return MLError(
      .invalidData, "JSON: \(what) (line \(line), column \(column)).", hint: "Send a JSON document (RFC 8259).")
  }
}
