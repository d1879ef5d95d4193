/// Steps through JSON rows in place; answers `nil` or `false` for anything that needs a careful look.
struct JSONRowScanner {
  let bytes: [UInt8]
  var position = 0
  /// Keys and values stepped over before `rows`.
  private(set) var skipped: [(key: Range<Int>, value: Range<Int>)] = []

  enum Shape { case array, wrapped, row }

  /// A value as it stands in the bytes.
  enum Token {
    /// Content without its quotes; whether it holds escapes.
    case string(Range<Int>, hasEscapes: Bool)
    case number(Range<Int>, isInteger: Bool)
    case boolean(Bool)
    case null
    /// An array or an object.
    case nested(Range<Int>)
  }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Moves to the first row, or to the array of rows.
  mutating func openRows(_ contract: Schema) -> Shape? {
    skipSpace()
    guard position < bytes.count else { return nil }
    if bytes[position] == 91 { return .array }
    guard bytes[position] == 123 else { return nil }
    let start = position
    position += 1
    skipSpace()
    guard position < bytes.count, bytes[position] == 34 else { return nil }
    repeat {
      guard let key = key() else { return nil }
      if spells(key, Self.rows), contract["rows"] == nil {
        skipSpace()
        return position < bytes.count && bytes[position] == 91 ? .wrapped : nil
      }
      guard let name = plainText(key) else { return nil }
      if contract.index(of: name) != nil { break }
      guard let value = skipValue() else { return nil }
      skipped.append((key, value))
    } while skipSpaceAndTake(44)
    position = start
    skipped = []
    return .row
  }

  private static let rows = Array("rows".utf8)

  private func spells(_ range: Range<Int>, _ word: [UInt8]) -> Bool {
    range.count == word.count && word.indices.allSatisfy { bytes[range.lowerBound + $0] == word[$0] }
  }

  /// Whether nothing but space follows.
  var isAtEndOfDocument: Bool {
    mutating get {
      skipSpace()
      return position == bytes.count
    }
  }

  mutating func skipSpace() {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 32 || byte == 10 || byte == 13 || byte == 9 else { return }
      position += 1
    }
  }

  mutating func skipSpaceAndTake(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// A key without escapes and the colon after it.
  mutating func key() -> Range<Int>? {
    guard skipSpaceAndTake(34), case .string(let range, false)? = string(), skipSpaceAndTake(58) else { return nil }
    return range
  }

  /// A string whose opening quote has been taken.
  private mutating func string() -> Token? {
    let start = position
    var hasEscapes = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 34 {
        position += 1
        return .string(start..<(position - 1), hasEscapes: hasEscapes)
      }
      guard byte >= 32 else { return nil }
      if byte == 92 {
        hasEscapes = true
        position += 1
      }
      position += 1
    }
    return nil
  }

  mutating func value() -> Token? {
    skipSpace()
    guard position < bytes.count else { return nil }
    switch bytes[position] {
    case 34:
      position += 1
      return string()
    case 45, 48...57: return number()
    case 116: return word([116, 114, 117, 101]) ? .boolean(true) : nil
    case 102: return word([102, 97, 108, 115, 101]) ? .boolean(false) : nil
    case 110: return word([110, 117, 108, 108]) ? .null : nil
    case 91, 123: return nested()
    default: return nil
    }
  }

  private mutating func word(_ word: [UInt8]) -> Bool {
    guard position + word.count <= bytes.count else { return false }
    for offset in word.indices where bytes[position + offset] != word[offset] { return false }
    position += word.count
    return true
  }

  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, bytes[position] >= 48, bytes[position] <= 57 { position += 1 }
    return position - start
  }

  private mutating func number() -> Token? {
    let start = position
    if bytes[position] == 45 { position += 1 }
    let first = position
    let count = digits()
    guard count > 0, count == 1 || bytes[first] != 48 else { return nil }
    var isInteger = true
    if position < bytes.count, bytes[position] == 46 {
      isInteger = false
      position += 1
      guard digits() > 0 else { return nil }
    }
    if position < bytes.count, bytes[position] | 0x20 == 101 {
      isInteger = false
      position += 1
      if position < bytes.count, bytes[position] == 43 || bytes[position] == 45 { position += 1 }
      guard digits() > 0 else { return nil }
    }
    return .number(start..<position, isInteger: isInteger)
  }

  /// An array or an object, only looked at for where it ends; who uses it parses it.
  private mutating func nested() -> Token? {
    let start = position
    var depth = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == 34 {
        guard string() != nil else { return nil }
      } else if byte == 91 || byte == 123 {
        depth += 1
      } else if byte == 93 || byte == 125 {
        depth -= 1
        if depth == 0 { return .nested(start..<position) }
      }
    }
    return nil
  }

  /// Steps over a value.
  mutating func skipValue() -> Range<Int>? {
    skipSpace()
    let start = position
    return value() == nil ? nil : start..<position
  }

  /// A text without escapes.
  func plainText(_ range: Range<Int>) -> String? { String(validating: bytes[range], as: UTF8.self) }
}
