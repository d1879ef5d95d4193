import Frames
import Kernels

/// Cuts texts into terms and gives each a 64-bit key, a batch of rows at a time.
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

  let kind: Kind
  /// The rows since the last `removeAll`.
  private(set) var batch = TermBatch()

  init(_ kind: Kind) { self.kind = kind }

  /// Forgets all rows.
  mutating func removeAll() { batch.removeAll() }

  /// Cuts `text`, which becomes the next row; `nil` is a row without terms.
  mutating func add(_ text: String?) {
    defer { batch.endRow() }
    guard let text else { return }
    let start = batch.bytes.count
    batch.bytes.append(contentsOf: text.utf8)
    if !batch.isASCII(from: start) {
      batch.bytes.removeLast(batch.bytes.count - start)
      appendLowered(text)
    }
    switch kind {
    case .words(let maximum, let minimumLength, let splitsNumbers):
      batch.cutWords(from: start, maximum: maximum, minimumLength: minimumLength, splitsNumbers: splitsNumbers)
    case .characters(let shortest, let longest):
      batch.cutCharacters(from: start, shortest: shortest, longest: longest)
    }
  }

  /// Cuts the texts of `rows`, and calls `body` with a batch whenever it is large, and at the end.
  mutating func scan(_ column: Column, _ rows: Range<Int>, _ body: (TermBatch) throws -> Void) rethrows {
    removeAll()
    for row in rows {
      add(column.text(at: row))
      if batch.termCount >= 8192 || batch.rowCount >= 1024 {
        try body(batch)
        removeAll()
      }
    }
    if batch.rowCount > 0 { try body(batch) }
  }

  // MARK: Unicode

  /// Appends a text, code points lower-cased; for words, those that are neither letter nor number become spaces.
  private mutating func appendLowered(_ text: String) {
    var isForWords = false
    if case .words = kind { isForWords = true }
    var bytes: [UInt8] = []
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
    batch.bytes.append(contentsOf: bytes)
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
