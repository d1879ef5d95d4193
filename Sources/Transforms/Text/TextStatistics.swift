public import Basics
public import Frames
public import Modeling

/// Adds what a text looks like: `_length` (characters), `_words`, and the shares of characters that are digits,
/// capitals and punctuation (`_digits _capitals _punctuation`). The text stays; a missing text counts as empty.
public struct TextStatistics: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "text-statistics", summary: "Adds length, words and shares of digits, capitals and punctuation of a text.",
    hyperparameters: [.init("columns", "Columns to measure; empty: all text columns.", .texts)], source: "Apus")

  /// Columns to measure; empty: all text columns.
  public var columns: [String]

  enum CodingKeys: String, CodingKey { case columns }

  /// All text columns.
  public init() { columns = [] }

  /// Measures `columns` (empty: all text columns).
  public init(columns: [String]) { self.columns = columns }

  /// Learns the names of the new columns; there is nothing else to learn.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedTextStatistics {
    let kinds: Set<ColumnKind> = columns.isEmpty ? [.text] : [.text, .category]
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: kinds, step: Self.card.name)
    var taken: Set<String> = []
    let made = fields.flatMap { field in
      FittedTextStatistics.parts.map {
        Field(
          ColumnChoice.freeName("\(field.name)_\($0)", in: frame.schema, taken: &taken), .number, mayBeMissing: false)
      }
    }
    return try FittedTextStatistics(input: Schema(fields), output: Schema(fields + made))
  }
}

/// Columns that a `TextStatistics` measures and makes.
public struct FittedTextStatistics: FittedTransform {
  static let parts = ["length", "words", "digits", "capitals", "punctuation"]

  /// Columns it reads.
  public let input: Schema
  /// The same columns, then five numbers for each.
  public let output: Schema

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output }

  init(input: Schema, output: Schema) {
    self.input = input
    self.output = output
  }

  /// Measures every text.
  public func transform(_ frame: Frame) throws -> Frame {
    let route = try route.route(of: frame, reading: input.names, input, output)
    let texts = route.inputs.map { frame.columns[$0] }
    var made: [Column] = []
    for column in texts {
      var parts = [[Double]](repeating: [Double](repeating: 0, count: column.count), count: Self.parts.count)
      for row in 0..<column.count {
        guard let text = column.text(at: row) else { continue }
        for (part, value) in Self.measured(text).enumerated() { parts[part][row] = value }
      }
      made += parts.map { Column(.number($0)) }
    }
    guard texts.count + made.count == output.count else {
      throw MLError(.corruptFile, "text-statistics: must have five columns a text; got \(output.count) in all.")
    }
    // A text column read as categories at training time may come as text, or the other way round: pass it on as it is.
    let kinds = texts.map(\.kind)
    if zip(output.fields, kinds).allSatisfy({ $0.kind == $1 }) { return try frame.replacing(route, texts + made) }
    let fields = zip(input.fields, texts).map { $0.kind == $1.kind ? $0 : Field(of: $1, name: $0.name) }
    let shown = try Schema(fields + output.fields.dropFirst(fields.count))
    return try frame.replacing(input, with: shown, texts + made)
  }

  /// Length, words and shares of digits, capitals and punctuation.
  static func measured(_ text: String) -> [Double] {
    var length = 0, words = 0, digits = 0, capitals = 0, punctuation = 0
    var inWord = false
    for scalar in text.unicodeScalars {
      length += 1
      let isSpace = scalar.value <= 32 || (scalar.value >= 0x80 && scalar.properties.isWhitespace)
      if !isSpace, !inWord { words += 1 }
      inWord = !isSpace
      switch scalar.value {
      case 48...57: digits += 1
      case 65...90: capitals += 1
      case 97...122, 0...32, 127: break
      case 33...126: punctuation += 1
      default:
        if scalar.properties.isUppercase {
          capitals += 1
        } else if scalar.properties.numericType != nil {
          digits += 1
        } else if !scalar.properties.isAlphabetic, !isSpace {
          punctuation += 1
        }
      }
    }
    let all = Double(max(1, length))
    return [
      Double(length), Double(words), Double(digits) / all, Double(capitals) / all, Double(punctuation) / all,
    ]
  }
}
