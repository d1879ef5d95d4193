import CKernels

/// Texts cut into terms, a batch of rows at a time. Buffers are kept between batches.
///
/// A term's key is FNV-1a over its bytes; a run of words combines the keys of its words. No key is 0.
package struct TermBatch: Sendable {
  /// Lower-cased bytes of the texts, one after the other.
  package var bytes: [UInt8] = []
  /// Terms so far.
  package private(set) var termCount = 0
  /// Where each row's terms end.
  private(set) var rowEnds: [Int32] = []
  private(set) var terms: [ck_term] = []
  private var words: [ck_term] = []
  private var wordCount = 0

  /// An empty batch.
  package init() {}

  /// Rows so far.
  package var rowCount: Int { rowEnds.count }

  /// Forgets all rows.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    rowEnds.removeAll(keepingCapacity: true)
    termCount = 0
    wordCount = 0
  }

  /// Ends a row: its terms are those cut since the last.
  package mutating func endRow() { rowEnds.append(Int32(termCount)) }

  /// Whether `bytes[start...]` holds ASCII only.
  package func isASCII(from start: Int) -> Bool {
    bytes[start...].withUnsafeBufferPointer { buffer in
      // SAFETY: the kernel reads `count` bytes of the slice.
      buffer.baseAddress.map { ck_terms_are_ascii($0, buffer.count) != 0 } ?? true
    }
  }

  /// Cuts `bytes[start...]` into runs of 1 … `maximum` words.
  package mutating func cutWords(from start: Int, maximum: Int, minimumLength: Int, splitsNumbers: Bool) {
    let length = bytes.count - start
    Self.grow(&words, to: wordCount + length)
    let first = wordCount
    // SAFETY: there are at most as many words as bytes, for which `words` has room past `first`; positions are inside.
    let found = bytes.withUnsafeMutableBufferPointer { bytes in
      words.withUnsafeMutableBufferPointer { words -> Int in
        guard let text = bytes.baseAddress, let out = words.baseAddress else { return 0 }
        return ck_terms_words(
          text, start, bytes.count, Int32(minimumLength), splitsNumbers ? 1 : 0, Int32(first), out + first)
      }
    }
    wordCount += found
    Self.grow(&terms, to: termCount + found * maximum)
    let from = termCount
    // SAFETY: a word begins at most `maximum` runs, for which `terms` has room past `from`.
    termCount += words.withUnsafeBufferPointer { words in
      terms.withUnsafeMutableBufferPointer { terms -> Int in
        guard let text = words.baseAddress, let out = terms.baseAddress else { return 0 }
        return ck_terms_join(text + first, found, Int32(maximum), out + from)
      }
    }
  }

  /// Cuts `bytes[start...]` into runs of `shortest ... longest` characters, white space joined to one space.
  package mutating func cutCharacters(from start: Int, shortest: Int, longest: Int) {
    let end = bytes.withUnsafeMutableBufferPointer { bytes in
      // SAFETY: the kernel moves bytes towards the front inside `start ..< count`.
      bytes.baseAddress.map { ck_terms_clean($0, start, bytes.count) } ?? start
    }
    bytes.removeLast(bytes.count - end)
    Self.grow(&terms, to: termCount + (end - start) * (longest - shortest + 1))
    let from = termCount
    // SAFETY: a byte begins at most `longest - shortest + 1` runs, for which `terms` has room past `from`.
    termCount += bytes.withUnsafeBufferPointer { bytes in
      terms.withUnsafeMutableBufferPointer { terms -> Int in
        guard let text = bytes.baseAddress, let out = terms.baseAddress else { return 0 }
        return ck_terms_characters(text, start, end, Int32(shortest), Int32(longest), out + from)
      }
    }
  }

  /// Key of a term.
  package func key(_ term: Int) -> UInt64 { terms[term].key }

  /// Bytes a term spans in `bytes`.
  package func range(_ term: Int) -> Range<Int> { Int(terms[term].start)..<Int(terms[term].end) }

  /// Appends the name of a term: its words with one space between.
  package func appendName(of term: Int, to out: inout [UInt8]) {
    let term = terms[term]
    if term.word_count <= 1 {
      out.append(contentsOf: bytes[Int(term.start)..<Int(term.end)])
      return
    }
    for word in Int(term.first_word)..<Int(term.first_word + term.word_count) {
      if word > Int(term.first_word) { out.append(32) }
      out.append(contentsOf: bytes[Int(words[word].start)..<Int(words[word].end)])
    }
  }

  private static func grow(_ terms: inout [ck_term], to count: Int) {
    guard terms.count < count else { return }
    terms.append(contentsOf: repeatElement(ck_term(), count: max(count, terms.count * 2) - terms.count))
  }
}
