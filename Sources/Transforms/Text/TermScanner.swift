import Basics

/// Cuts a text into terms and gives each a 64-bit key. Buffers are kept between texts.
///
/// Texts are lower-cased by code point. A word is a run of letters, digits (Unicode categories L and N) and `_`, which
/// is what `\w` means to Python. Two terms with the same 64-bit key would share a feature: expected once in 10⁷
/// vocabularies of a million terms.
struct TermScanner: Sendable {
  /// What a term is.
  enum Kind: Sendable, Hashable {
    /// Runs of 1 … `maximum` words.
    case words(maximum: Int, minimumLength: Int, splitsNumbers: Bool)
    /// Runs of `shortest … longest` characters, white space joined to one space.
    case characters(shortest: Int, longest: Int)
  }

  /// A term of the present text.
  struct Term {
    var key: UInt64
    /// Where its bytes are in `bytes`, from the first byte of the first word to the last of the last.
    var start: Int32
    var end: Int32
    /// Its words, counted over the text; a run of characters has none.
    var firstWord: Int32 = 0
    var wordCount: Int32 = 0
  }

  let kind: Kind
  /// The text, lower-cased.
  private(set) var bytes: [UInt8] = []
  /// The terms of the text in order.
  private(set) var terms: [Term] = []
  private var words: [Term] = []

  init(_ kind: Kind) { self.kind = kind }

  /// Cuts `text`; replaces `bytes` and `terms`.
  mutating func scan(_ text: String) {
    bytes.removeAll(keepingCapacity: true)
    terms.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: text.utf8)
    if bytes.contains(where: { $0 >= 0x80 }) { lowerUnicode(text) }
    switch kind {
    case .words(let maximum, let minimumLength, let splitsNumbers):
      scanWords(minimumLength: minimumLength, splitsNumbers: splitsNumbers)
      joinWords(maximum)
    case .characters(let shortest, let longest): scanCharacters(shortest, longest)
    }
  }

  /// Bytes of a term as it is shown: its words with one space between.
  func name(of term: Term) -> [UInt8] {
    if term.wordCount <= 1 { return Array(bytes[Int(term.start)..<Int(term.end)]) }
    let first = Int(term.firstWord)
    return Array(
      words[first..<(first + Int(term.wordCount))].map { bytes[Int($0.start)..<Int($0.end)] }.joined(separator: [32]))
  }

  // MARK: Words

  /// 0 = between words, 1 = letter or `_`, 2 = digit.
  private static let classes: [UInt8] = (0..<256).map { byte in
    switch byte {
    case 48...57: 2
    case 65...90, 95, 97...122, 128...255: 1
    default: 0
    }
  }
  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
  private static let prime: UInt64 = 0x0000_0100_0000_01B3

  private mutating func scanWords(minimumLength: Int, splitsNumbers: Bool) {
    words.removeAll(keepingCapacity: true)
    let classes = Self.classes
    let total = bytes.count
    var position = 0
    while position < total {
      var kind = classes[Int(bytes[position])]
      if kind == 0 {
        position += 1
        continue
      }
      let start = position
      let first = kind
      var key = Self.seed
      var length = 0
      repeat {
        var byte = bytes[position]
        if byte &- 65 < 26 {
          byte |= 32
          bytes[position] = byte
        }
        key = (key ^ UInt64(byte)) &* Self.prime
        length += byte & 0xC0 == 0x80 ? 0 : 1
        position += 1
        kind = position < total ? classes[Int(bytes[position])] : 0
      } while kind != 0 && (!splitsNumbers || kind == first)
      guard length >= minimumLength else { continue }
      let index = Int32(words.count)
      words.append(
        Term(key: max(key, 1), start: Int32(start), end: Int32(position), firstWord: index, wordCount: 1))
    }
  }

  private mutating func joinWords(_ maximum: Int) {
    if maximum == 1 {
      swap(&terms, &words)
      return
    }
    for first in words.indices {
      terms.append(words[first])
      var term = words[first]
      for next in (first + 1)..<max(first + 1, min(words.count, first + maximum)) {
        term.key = max(1, StableHash.combine(term.key, words[next].key))
        term.end = words[next].end
        term.wordCount += 1
        terms.append(term)
      }
    }
  }

  // MARK: Characters

  private mutating func scanCharacters(_ shortest: Int, _ longest: Int) {
    var clean: [UInt8] = []
    clean.reserveCapacity(bytes.count)
    for byte in bytes {
      let isSpace = byte <= 32
      if isSpace, clean.last == 32 { continue }
      clean.append(isSpace ? 32 : byte &- 65 < 26 ? byte | 32 : byte)
    }
    bytes = clean
    for start in bytes.indices where bytes[start] & 0xC0 != 0x80 {
      var key = Self.seed
      var length = 0
      var position = start
      while position < bytes.count, length < longest {
        repeat {
          key = (key ^ UInt64(bytes[position])) &* Self.prime
          position += 1
        } while position < bytes.count && bytes[position] & 0xC0 == 0x80
        length += 1
        if length >= shortest {
          terms.append(Term(key: max(key, 1), start: Int32(start), end: Int32(position)))
        }
      }
    }
  }

  // MARK: Unicode

  /// Rewrites `bytes`: code points lower-cased; for words, those that are neither letter nor number become spaces.
  private mutating func lowerUnicode(_ text: String) {
    var isForWords = false
    if case .words = kind { isForWords = true }
    bytes.removeAll(keepingCapacity: true)
    for scalar in text.unicodeScalars {
      if scalar.value < 0x80 {
        bytes.append(UInt8(scalar.value))
        continue
      }
      for lowered in scalar.properties.lowercaseMapping.unicodeScalars {
        if lowered.value < 0x80 {
          bytes.append(UInt8(lowered.value))
        } else if isForWords && !Self.isWord(lowered) || lowered.properties.isWhitespace {
          bytes.append(32)
        } else {
          bytes.append(contentsOf: UTF8.encode(lowered) ?? .init())
        }
      }
    }
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber:
      true
    default: false
    }
  }
}
