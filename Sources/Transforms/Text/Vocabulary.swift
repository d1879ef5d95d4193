import Basics
import Kernels

/// The terms that became features, in order of their UTF-8 bytes, with the training rows that hold each.
struct Vocabulary: Sendable {
  let kind: TermScanner.Kind
  let terms: [String]
  let rowCounts: [Int]
  /// Training rows.
  let rowCount: Int
  /// `ln((1 + n) / (1 + d)) + 1` of every term.
  let rarity: [Double]
  /// Ids of the terms' keys, and the terms they stand for where those are not the ids themselves.
  let table: TermTable
  let positions: [Int32]?

  /// - Parameter keys: of `terms`, where they are known.
  init(_ kind: TermScanner.Kind, terms: [String], rowCounts: [Int], rowCount: Int, keys: [UInt64]? = nil) {
    self.kind = kind
    self.terms = terms
    self.rowCounts = rowCounts
    self.rowCount = rowCount
    let all = 1 + Double(rowCount)
    rarity = rowCounts.map { Mathematics.log(all / (1 + Double($0))) + 1 }
    let keys = keys ?? Self.keys(of: terms, kind)
    var table = TermTable(capacity: terms.count)
    let known = keys.indices.filter { keys[$0] != 0 }
    let ids = table.insert(known.map { keys[$0] })
    if table.count == terms.count {
      positions = nil
    } else {
      var first = [Int32](repeating: -1, count: table.count)
      for (id, position) in zip(ids, known) where first[Int(id)] < 0 { first[Int(id)] = Int32(position) }
      positions = first
    }
    self.table = table
  }

  private static func keys(of terms: [String], _ kind: TermScanner.Kind) -> [UInt64] {
    var scanner = TermScanner(kind)
    return terms.map { scanner.key(ofName: $0) }
  }
}

/// How many rows a term must be in, how many terms there may be.
struct VocabularyLimits: Sendable {
  var minimumRows: Int
  var maximumShare: Double
  var maximumTerms: Int
}

/// A column's texts counted in blocks, and what they have in common.
struct CountedTexts: Sendable {
  let blocks: [TermCounter]
  let vocabulary: Vocabulary
  /// Feature of each term of each block; -1 when it has none.
  let features: [[Int32]]

  /// Chooses terms over all blocks: within limits, the most frequent first, ties by name.
  init(_ blocks: [TermCounter], kind: TermScanner.Kind, limits: VocabularyLimits) {
    var table = TermTable(capacity: blocks.map(\.keys.count).max() ?? 0)
    var rowCounts: [Int] = []
    var witnesses: [(block: Int32, term: Int32)] = []
    let joined = blocks.enumerated().map { index, block in
      let ids = table.insert(block.keys)
      rowCounts.append(contentsOf: repeatElement(0, count: table.count - rowCounts.count))
      let counts = block.entries.rowCounts(idCount: block.keys.count)
      for (term, id) in ids.enumerated() {
        if Int(id) == witnesses.count { witnesses.append((Int32(index), Int32(term))) }
        rowCounts[Int(id)] += Int(counts[term])
      }
      return ids
    }
    let rowCount = blocks.reduce(0) { $0 + $1.entries.rowCount }
    func name(_ term: Int) -> ArraySlice<UInt8> {
      blocks[Int(witnesses[term].block)].name(Int(witnesses[term].term))
    }
    let most = Double(rowCount) * limits.maximumShare
    var chosen = rowCounts.indices.filter { rowCounts[$0] >= limits.minimumRows && Double(rowCounts[$0]) <= most }
    chosen = Self.mostFrequent(chosen, limits.maximumTerms, rowCounts, name)
    chosen = Self.byName(chosen, name)
    var feature = [Int32](repeating: -1, count: rowCounts.count)
    for (position, term) in chosen.enumerated() { feature[term] = Int32(position) }
    self.blocks = blocks
    features = joined.map { $0.map { feature[Int($0)] } }
    vocabulary = Vocabulary(
      kind, terms: chosen.map { String(decoding: name($0), as: UTF8.self) }, rowCounts: chosen.map { rowCounts[$0] },
      rowCount: rowCount, keys: chosen.map { blocks[Int(witnesses[$0].block)].keys[Int(witnesses[$0].term)] })
  }

  private static func mostFrequent(
    _ terms: [Int], _ count: Int, _ rowCounts: [Int], _ name: (Int) -> ArraySlice<UInt8>
  ) -> [Int] {
    guard terms.count > count else { return terms }
    let least = terms.map { rowCounts[$0] }.sorted(by: >)[count - 1]
    let above = terms.filter { rowCounts[$0] > least }
    return above + byName(terms.filter { rowCounts[$0] == least }, name).prefix(count - above.count)
  }

  /// Sorts by UTF-8 bytes: by the first eight as one number, then by all.
  private static func byName(_ terms: [Int], _ name: (Int) -> ArraySlice<UInt8>) -> [Int] {
    var keyed = terms.map { term -> (head: UInt64, term: Int) in
      var head: UInt64 = 0
      var shift: UInt64 = 56
      for byte in name(term).prefix(8) {
        head |= UInt64(byte) << shift
        shift &-= 8
      }
      return (head, term)
    }
    keyed.sort { a, b in
      a.head != b.head ? a.head < b.head : name(a.term).lexicographicallyPrecedes(name(b.term))
    }
    return keyed.map(\.term)
  }

  /// Terms that became features of every row: by feature within a row.
  func counts(ofBlock index: Int) -> TermEntries { blocks[index].entries.ordered(by: features[index]) }
}

extension TermScanner {
  /// Key of a term from its name.
  mutating func key(ofName name: String) -> UInt64 {
    removeAll()
    add(name)
    let found = (0..<batch.termCount).filter { batch.range($0).lowerBound == 0 }
    switch kind {
    case .words: return found.last.map(batch.key) ?? 0
    case .characters: return found.first { batch.range($0).upperBound == batch.bytes.count }.map(batch.key) ?? 0
    }
  }
}
