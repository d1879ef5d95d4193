import Basics
public import Frames
import Kernels
public import Modeling

/// Vocabularies learnt by `TextFeatures`.
public struct FittedTextFeatures: FittedTransform {
  /// One vector column.
  struct Part: Sendable {
    var column: String
    var name: String
    var kind: TermScanner.Kind
    /// `nil` where features are hashes.
    var vocabulary: Vocabulary?
    var hashBits: Int

    var width: Int { vocabulary?.terms.count ?? 1 << hashBits }
    var featureNames: [String] { vocabulary?.terms ?? (0..<width).map { "#\($0)" } }
  }

  /// Columns it reads.
  public let input: Schema
  /// The vector columns, named by their terms.
  public let output: Schema
  let parts: [Part]
  let settings: TextFeatures
  private let route = FrameRoute()

  init(_ fields: [Field], _ parts: [Part], _ settings: TextFeatures) throws {
    input = try Schema(fields)
    output = try Schema(
      parts.map { Field($0.name, .vector, categories: $0.featureNames, mayBeMissing: false) })
    self.parts = parts
    self.settings = settings
  }

  /// Weighs the terms of every text.
  public func transform(_ frame: Frame) throws -> Frame {
    let route = try route.route(of: frame, reading: parts.map(\.column), input, output)
    let made = zip(parts, route.inputs).map { part, position in
      Column(.vector(part.weighted(part.counted(frame.columns[position]), settings)))
    }
    return try frame.replacing(route, made)
  }

  /// Equal settings, columns and vocabularies.
  public static func == (a: FittedTextFeatures, b: FittedTextFeatures) -> Bool {
    a.input == b.input && a.output == b.output && a.settings == b.settings && a.stored == b.stored
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(input)
    hasher.combine(settings)
    hasher.combine(stored)
  }
}

extension FittedTextFeatures.Part {
  /// Features of every text with their counts.
  func counted(_ column: Column) -> TermEntries {
    var scanner = TermScanner(kind)
    var out = TermEntries()
    var found: [Int32] = []
    let table = vocabulary?.table ?? TermTable()
    scanner.scan(column, 0..<column.count) { batch in
      table.find(batch, hashBits: vocabulary == nil ? hashBits : 0, into: &found)
      out.append(features: found, of: batch, positions: vocabulary?.positions)
    }
    return out
  }

  /// Counts turned into weights.
  func weighted(_ counts: TermEntries, _ settings: TextFeatures) -> SparseMatrix {
    var values = [Double](repeating: 1, count: counts.counts.count)
    switch settings.weighting {
    case .presence: break
    case .counts: for entry in values.indices { values[entry] = Double(counts.counts[entry]) }
    case .tfidf:
      let logarithms = Self.logarithms
      let rarity = vocabulary?.rarity ?? []
      for entry in values.indices {
        let count = Int(counts.counts[entry])
        var weight = Double(count)
        if settings.sublinear { weight = count < 256 ? logarithms[count] : 1 + Mathematics.log(weight) }
        values[entry] = rarity.isEmpty ? weight : weight * rarity[Int(counts.ids[entry])]
      }
      for row in 0..<(counts.offsets.count - 1) {
        let range = counts.offsets[row]..<counts.offsets[row + 1]
        var squares = 0.0
        for entry in range { squares += values[entry] * values[entry] }
        let length = squares.squareRoot()
        if length > 0 { for entry in range { values[entry] /= length } }
      }
    }
    return SparseMatrix(width: width, offsets: counts.offsets, indices: counts.ids, values: values)
  }

  /// `1 + ln c` of small counts.
  private static let logarithms = (0..<256).map { $0 == 0 ? 0 : 1 + Mathematics.log(Double($0)) }
}

extension SparseMatrix {
  /// Rows of several matrices in order.
  static func joined(_ parts: [SparseMatrix], width: Int) -> SparseMatrix {
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Double] = []
    offsets.reserveCapacity(parts.reduce(1) { $0 + $1.rowCount })
    indices.reserveCapacity(parts.reduce(0) { $0 + $1.indices.count })
    values.reserveCapacity(parts.reduce(0) { $0 + $1.indices.count })
    for part in parts {
      let start = indices.count
      offsets.append(contentsOf: part.offsets.dropFirst().lazy.map { $0 + start })
      indices.append(contentsOf: part.indices)
      values.append(contentsOf: part.values)
    }
    return SparseMatrix(width: width, offsets: offsets, indices: indices, values: values)
  }
}

// MARK: Storage

extension FittedTextFeatures {
  /// A part as it is written: names of terms and the rows that hold them, the rest follows.
  struct StoredPart: Sendable, Hashable, Codable {
    var column: String
    var name: String
    var characters: Bool
    var terms: [String]
    var rowCounts: [Int]
    var rowCount: Int
    enum CodingKeys: String, CodingKey {
      case column, name, characters, terms
      case rowCounts = "row_counts"
      case rowCount = "row_count"
    }
  }

  enum CodingKeys: String, CodingKey { case input, settings, parts }

  var stored: [StoredPart] {
    parts.map { part in
      var isCharacters = false
      if case .characters = part.kind { isCharacters = true }
      return StoredPart(
        column: part.column, name: part.name, characters: isCharacters, terms: part.vocabulary?.terms ?? [],
        rowCounts: part.vocabulary?.rowCounts ?? [], rowCount: part.vocabulary?.rowCount ?? 0)
    }
  }

  /// Written as settings, input fields and vocabularies.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(input, forKey: .input)
    try container.encode(settings, forKey: .settings)
    try container.encode(stored, forKey: .parts)
  }

  /// Read from what `encode` wrote.
  ///
  /// - Throws: `.corruptFile` when parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let settings = try container.decode(TextFeatures.self, forKey: .settings)
    let input = try container.decode(Schema.self, forKey: .input)
    guard (0...20).contains(settings.hashBits), (0...5).contains(settings.words),
      (0...10).contains(settings.characters), (1...10).contains(settings.shortestCharacters)
    else { throw MLError(.corruptFile, "text-features: stored settings are out of range.") }
    let kinds = settings.scannerKinds
    let parts = try container.decode([StoredPart].self, forKey: .parts).map { stored in
      guard let kind = stored.characters ? kinds.last : kinds.first, stored.terms.count == stored.rowCounts.count,
        stored.rowCount >= 0, stored.rowCounts.allSatisfy({ (0...stored.rowCount).contains($0) }),
        stored.terms.count < Int(Int32.max)
      else { throw MLError(.corruptFile, "text-features: stored vocabulary of '\(stored.column)' is damaged.") }
      let vocabulary = Vocabulary(
        kind, terms: stored.terms, rowCounts: stored.rowCounts, rowCount: stored.rowCount)
      return Part(
        column: stored.column, name: stored.name, kind: kind, vocabulary: settings.hashBits == 0 ? vocabulary : nil,
        hashBits: settings.hashBits)
    }
    try self.init(input.fields, parts, settings)
  }
}
