import Basics
import Frames

/// The terms that became features, in order of their UTF-8 bytes, with the training rows that hold each.
struct Vocabulary: Sendable {
  let kind: TermScanner.Kind
  let terms: [String]
  let rowCounts: [Int]
  /// Training rows.
  let rowCount: Int
  /// `ln((1 + n) / (1 + d)) + 1` of every term.
  let rarity: [Double]
  private let table: KeyTable

  init(_ kind: TermScanner.Kind, terms: [String], rowCounts: [Int], rowCount: Int) {
    self.kind = kind
    self.terms = terms
    self.rowCounts = rowCounts
    self.rowCount = rowCount
    let all = 1 + Double(rowCount)
    rarity = rowCounts.map { Mathematics.log(all / (1 + Double($0))) + 1 }
    var scanner = TermScanner(kind)
    var table = KeyTable(capacity: terms.count)
    for (position, term) in terms.enumerated() {
      let key = scanner.key(ofName: term)
      if key != 0 { _ = table.insert(key, Int32(position)) }
    }
    self.table = table
  }

  /// Feature of a term; -1 when it has none.
  func feature(_ key: UInt64) -> Int32 { table[key] }
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
    var table = KeyTable(capacity: blocks.reduce(0) { $0 + $1.keys.count })
    var rowCounts: [Int] = []
    var witnesses: [(block: Int32, term: Int32)] = []
    let joined = blocks.enumerated().map { index, block in
      block.keys.indices.map { term -> Int32 in
        let position = table.insert(block.keys[term], Int32(rowCounts.count))
        if Int(position) == rowCounts.count {
          rowCounts.append(0)
          witnesses.append((Int32(index), Int32(term)))
        }
        rowCounts[Int(position)] += Int(block.rowCounts[term])
        return position
      }
    }
    let rowCount = blocks.reduce(0) { $0 + $1.offsets.count - 1 }
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
      rowCount: rowCount)
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
  func counts(ofBlock index: Int) -> FeatureCounts {
    let block = blocks[index]
    let features = self.features[index]
    let width = vocabulary.terms.count
    // Two stable counting sorts: by feature, then back by row.
    var starts = [Int](repeating: 0, count: width + 1)
    for term in block.entryTerms where features[Int(term)] >= 0 { starts[Int(features[Int(term)]) + 1] += 1 }
    for feature in 0..<width { starts[feature + 1] += starts[feature] }
    let total = starts[width]
    var rows = [Int32](repeating: 0, count: total)
    var byFeature = [UInt64](repeating: 0, count: total)
    var offsets = [Int](repeating: 0, count: block.offsets.count)
    for row in 0..<(block.offsets.count - 1) {
      for entry in block.offsets[row]..<block.offsets[row + 1] {
        let feature = features[Int(block.entryTerms[entry])]
        guard feature >= 0 else { continue }
        let position = starts[Int(feature)]
        starts[Int(feature)] += 1
        rows[position] = Int32(row)
        byFeature[position] = UInt64(feature) << 32 | UInt64(block.entryCounts[entry])
        offsets[row + 1] += 1
      }
    }
    for row in 1..<max(1, offsets.count) { offsets[row] += offsets[row - 1] }
    var next = offsets
    var out = FeatureCounts(offsets: offsets, features: [], counts: [])
    out.features = [Int32](repeating: 0, count: total)
    out.counts = [Int32](repeating: 0, count: total)
    for position in 0..<total {
      let place = next[Int(rows[position])]
      next[Int(rows[position])] += 1
      out.features[place] = Int32(truncatingIfNeeded: byFeature[position] >> 32)
      out.counts[place] = Int32(truncatingIfNeeded: byFeature[position])
    }
    return out
  }
}

/// Features of rows with their counts, ascending by feature within a row.
struct FeatureCounts: Sendable {
  var offsets: [Int]
  var features: [Int32]
  var counts: [Int32]
}

extension TermScanner {
  /// Key of a term from its name.
  mutating func key(ofName name: String) -> UInt64 {
    scan(name)
    switch kind {
    case .words: return terms.last { $0.start == 0 }?.key ?? 0
    case .characters: return terms.first { Int($0.end) == bytes.count && $0.start == 0 }?.key ?? 0
    }
  }
}
