public import Basics
public import Frames
public import Modeling

/// Leaves out columns that number or name the rows instead of describing them.
public struct DropIds: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "drop-ids", summary: "Leaves out columns that name each row instead of describing it.",
    hyperparameters: [.init("columns", "Columns to look at; empty: all.", .texts)], source: "Apus")

  /// Columns to look at; empty: all.
  public var columns: [String]

  enum CodingKeys: String, CodingKey { case columns }

  /// Looks at all columns.
  public init() { columns = [] }

  /// Looks at `columns` (empty: all).
  public init(columns: [String]) { self.columns = columns }

  /// Learns which columns are identifiers.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedDrop {
    let fields = try ColumnChoice.fields(
      columns, in: frame.schema, kinds: Set(ColumnKind.allCases), step: Self.card.name)
    let reasons = try context.workers.map(fields.count) { index in
      Self.reason(fields[index].name, ColumnSummary(try frame.column(fields[index].name)))
    }
    return try FittedDrop(zip(fields, reasons).filter { $1 != nil }.map(\.0))
  }

  /// Why a column is taken for an identifier, as the end of a sentence; `nil` when it is not.
  ///
  /// Texts: single words, seven in ten distinct (19 in 20 where they mix letters and digits, whose pieces may repeat).
  /// Integers: no two rows alike, and either without gaps (a row number) or named like an identifier. Fewer than 30
  /// values prove nothing.
  static func reason(_ name: String, _ summary: ColumnSummary) -> String? {
    let present = summary.presentCount
    guard present >= 30 else { return nil }
    let counts = "\(summary.distinctCount) distinct of \(present)"
    switch summary.kind {
    case .category, .text:
      let share = Double(summary.distinctCount) / Double(present)
      guard summary.wordsPerCell < 1.5, share >= (summary.mixedShare > 0.3 ? 0.95 : 0.7) else { return nil }
      return "looks like an identifier (\(counts))"
    case .integer:
      guard summary.distinctCount == present, summary.missingCount == 0 else { return nil }
      if summary.range < Double(present) * 1.05 { return "looks like a row number (\(counts), without gaps)" }
      return isIdentifierName(name) ? "looks like an identifier (\(counts), and its name)" : nil
    default: return nil
    }
  }

  /// Whether a name ends or begins the way identifiers do: `id`, `user_id`, `PassengerId`, `uuid`, `row`, `index`, ….
  static func isIdentifierName(_ name: String) -> Bool {
    var words: [String] = []
    var word = ""
    for character in name {
      let breaks = !(character.isLetter || character.isNumber)
      if breaks || (character.isUppercase && word.last?.isLowercase == true) {
        words.append(word)
        word = ""
      }
      if !breaks { word.append(character) }
    }
    words.append(word)
    let marks: Set<String> = ["id", "ids", "uuid", "guid", "key", "index", "idx", "rownum", "rowid", "row"]
    let kept = words.filter { !$0.isEmpty }.map { $0.lowercased() }
    return [kept.first, kept.last].contains { $0.map(marks.contains) ?? false }
  }
}
