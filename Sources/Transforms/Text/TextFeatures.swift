public import Basics
public import Frames
public import Modeling

/// Turns texts into sparse term weights: runs of words, runs of characters, or both.
///
/// A term `t` found `c` times in a row, in `d` of `n` training rows, weighs `(1 + ln c) · (ln((1 + n) / (1 + d)) + 1)`
/// (`c` instead of `1 + ln c` without `sublinear`), each row divided by its Euclidean length. Terms not seen in
/// training are skipped; a missing text gives an empty row. Words of a text column go to a vector column of its name,
/// characters
/// to one called `name_characters`.
///
/// With `hash_bits` above 0 there is no vocabulary: a term's feature is its hash, the weight has no second factor.
///
/// - Source: Salton and Buckley, *Term-weighting approaches in automatic text retrieval*, 1988; smoothing as in
///   scikit-learn TfidfVectorizer. Hashing: Weinberger et al., *Feature hashing*, 2009, without signs.
public struct TextFeatures: Transform {
  /// What a term weighs in a row.
  public enum Weighting: String, Sendable, Hashable, Codable, CaseIterable {
    /// As above.
    case tfidf = "tf-idf"
    /// How often it occurs.
    case counts
    /// 1.
    case presence
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "text-features", summary: "Turns texts into sparse weights of words and runs of characters.",
    hyperparameters: [
      .init("columns", "Columns to turn; empty: all text columns.", .texts),
      .init("words", "Longest run of words; 0: no words.", .integer(0...5, logarithmic: false)),
      .init("characters", "Longest run of characters; 0: none.", .integer(0...10, logarithmic: false)),
      .init("shortest_characters", "Shortest run of characters.", .integer(1...10, logarithmic: false)),
      .init("minimum_word_length", "Shorter words are skipped.", .integer(1...20, logarithmic: false)),
      .init("split_numbers", "Whether letters next to digits are words apart.", .boolean),
      .init("weighting", "What a term weighs.", .choice(Weighting.allCases.map(\.rawValue))),
      .init("sublinear", "Whether counts enter by their logarithm.", .boolean),
      .init("minimum_rows", "Terms in fewer training rows are skipped.", .integer(1...1_000_000, logarithmic: true)),
      .init("maximum_share", "Terms in a larger share of rows are skipped.", .real(0...1, logarithmic: false)),
      .init("maximum_features", "Terms kept, the most frequent first.", .integer(1...10_000_000, logarithmic: true)),
      .init(
        "hash_bits", "Features are 2 to this power, by hash; 0: a vocabulary.", .integer(0...20, logarithmic: false)),
    ], source: "Salton and Buckley 1988; scikit-learn TfidfVectorizer")

  /// Columns to turn; empty: all text columns.
  public var columns: [String]
  /// Longest run of words; 0: no words.
  public var words: Int
  /// Longest run of characters; 0: none.
  public var characters: Int
  /// Shortest run of characters.
  public var shortestCharacters: Int
  /// Shorter words are skipped.
  public var minimumWordLength: Int
  /// Whether letters next to digits are words apart.
  public var splitNumbers: Bool
  /// What a term weighs.
  public var weighting: Weighting
  /// Whether counts enter by their logarithm.
  public var sublinear: Bool
  /// Terms in fewer training rows are skipped.
  public var minimumRows: Int
  /// Terms in a larger share of training rows are skipped.
  public var maximumShare: Double
  /// Terms kept, the most frequent first, ties by name.
  public var maximumFeatures: Int
  /// Features are 2 to this power, by hash; 0: a vocabulary.
  public var hashBits: Int

  enum CodingKeys: String, CodingKey {
    case columns, words, characters, weighting, sublinear
    case shortestCharacters = "shortest_characters"
    case minimumWordLength = "minimum_word_length"
    case splitNumbers = "split_numbers"
    case minimumRows = "minimum_rows"
    case maximumShare = "maximum_share"
    case maximumFeatures = "maximum_features"
    case hashBits = "hash_bits"
  }

  /// Runs of one and two words in at least two rows, 50,000 at most.
  public init() {
    columns = []
    words = 2
    characters = 0
    shortestCharacters = 3
    minimumWordLength = 1
    splitNumbers = false
    weighting = .tfidf
    sublinear = true
    minimumRows = 2
    maximumShare = 1
    maximumFeatures = 50_000
    hashBits = 0
  }

  /// The defaults with the settings that `change` makes.
  public init(_ change: (inout TextFeatures) -> Void) {
    self.init()
    change(&self)
  }

  /// Learns the vocabulary.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedTextFeatures {
    try learn(frame, context).fitted
  }

  /// Learns the vocabulary and weighs the same rows, cutting each text once.
  public func fitTransform(
    _ frame: Frame, target: Target?, in context: FitContext
  ) throws -> (FittedTextFeatures, Frame) {
    let (fitted, counted) = try learn(frame, context)
    guard hashBits == 0 else { return (fitted, try fitted.transform(frame)) }
    let made = try zip(fitted.parts, counted).map { part, texts in
      let rows = try context.workers.map(texts.blocks.count) { index in
        part.weighted(texts.counts(ofBlock: index), self)
      }
      return Column(.vector(SparseMatrix.joined(rows, width: part.width)))
    }
    return (fitted, try frame.replacing(fitted.input, with: fitted.output, made))
  }

  private func learn(
    _ frame: Frame, _ context: FitContext
  ) throws -> (fitted: FittedTextFeatures, counted: [CountedTexts]) {
    let kinds: Set<ColumnKind> = columns.isEmpty ? [.text] : [.text, .category]
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: kinds, step: Self.card.name)
    guard words > 0 || characters > 0 else {
      throw MLError(
        .invalidParameter, "text-features: 'words' or 'characters' must be above 0.", hint: "Set 'words' to 2.",
        field: "words")
    }
    guard characters == 0 || shortestCharacters <= characters else {
      throw MLError(
        .invalidParameter,
        "text-features: 'shortest_characters' must be at most \(characters), 'characters'; got \(shortestCharacters).",
        field: "shortest_characters")
    }
    var taken: Set<String> = []
    var parts: [FittedTextFeatures.Part] = []
    var counted: [CountedTexts] = []
    for field in fields {
      for kind in scannerKinds {
        var name = field.name
        if case .characters = kind, words > 0 {
          name = ColumnChoice.freeName("\(field.name)_characters", in: frame.schema, taken: &taken)
        }
        guard hashBits == 0 else {
          parts.append(.init(column: field.name, name: name, kind: kind, vocabulary: nil, hashBits: hashBits))
          continue
        }
        let texts = try count(frame.column(field.name), kind, context)
        parts.append(.init(column: field.name, name: name, kind: kind, vocabulary: texts.vocabulary, hashBits: 0))
        counted.append(texts)
      }
    }
    return (try FittedTextFeatures(fields, parts, self), counted)
  }

  private func count(_ column: Column, _ kind: TermScanner.Kind, _ context: FitContext) throws -> CountedTexts {
    let ranges = Workers.blocks(column.count, minimum: 1024, maximumCount: 8)
    let blocks = try context.workers.map(ranges.count) { index in
      try context.checkCancellation()
      return TermCounter(column, ranges[index], kind)
    }
    let limits = VocabularyLimits(
      minimumRows: minimumRows, maximumShare: maximumShare, maximumTerms: maximumFeatures)
    return CountedTexts(blocks, kind: kind, limits: limits)
  }

  /// What is counted, words before characters.
  var scannerKinds: [TermScanner.Kind] {
    var kinds: [TermScanner.Kind] = []
    if words > 0 {
      kinds.append(.words(maximum: words, minimumLength: minimumWordLength, splitsNumbers: splitNumbers))
    }
    if characters > 0 { kinds.append(.characters(shortest: shortestCharacters, longest: characters)) }
    return kinds
  }
}
