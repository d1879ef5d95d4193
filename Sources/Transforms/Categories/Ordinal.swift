public import Basics
public import Frames
public import Modeling

/// Turns category columns into numbers 0, 1, 2, …; a category not seen in training becomes -1, missing stays missing.
public struct Ordinal: Transform {
  /// Which category comes first.
  public enum Order: String, Sendable, Hashable, Codable, CaseIterable {
    /// As the schema lists them.
    case schema
    /// By name.
    case name
    /// The commonest first, ties by name.
    case frequency
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "ordinal", summary: "Numbers the categories of a column in order.",
    hyperparameters: [
      .init("columns", "Columns to number; empty: all category columns.", .texts),
      .init("order", "Which category comes first.", .choice(Order.allCases.map(\.rawValue))),
    ], source: "scikit-learn OrdinalEncoder(unknown_value=-1)")

  /// Columns to number; empty: all category columns.
  public var columns: [String]
  /// Which category comes first.
  public var order: Order

  enum CodingKeys: String, CodingKey { case columns, order }

  /// Every category column by name.
  public init() { self.init(columns: []) }

  /// Numbers `columns` (empty: all category columns).
  public init(columns: [String] = [], order: Order = .name) {
    self.columns = columns
    self.order = order
  }

  /// Learns the categories that occur and their order.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedOrdinal {
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: [.category], step: Self.card.name)
    let entries = try context.workers.map(fields.count) { index in
      let counts = LevelCounts(try frame.column(fields[index].name))
      return FittedOrdinal.Entry(name: fields[index].name, levels: LevelTable(ordered(counts, fields[index])))
    }
    return try FittedOrdinal(fields, entries)
  }

  private func ordered(_ counts: LevelCounts, _ field: Field) -> [String] {
    switch order {
    case .name: return counts.names
    case .schema:
      let present = Set(counts.names)
      let listed = field.categories.filter(present.contains)
      let known = Set(listed)
      return listed + counts.names.filter { !known.contains($0) }
    case .frequency:
      let positions = counts.names.indices.sorted { (-counts.counts[$0], $0) < (-counts.counts[$1], $1) }
      return positions.map { counts.names[$0] }
    }
  }
}

/// Orders learnt by `Ordinal`.
public struct FittedOrdinal: FittedTransform {
  struct Entry: Sendable, Hashable, Codable {
    var name: String
    var levels: LevelTable
    enum CodingKeys: String, CodingKey { case name, levels }
  }

  /// Columns it reads.
  public let input: Schema
  /// The same columns as numbers.
  public let output: Schema
  let entries: [Entry]

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, entries }

  init(_ fields: [Field], _ entries: [Entry]) throws {
    input = try Schema(fields)
    output = try Schema(fields.map { Field($0.name, .number, mayBeMissing: $0.mayBeMissing) })
    self.entries = entries
  }

  /// Numbers every cell.
  public func transform(_ frame: Frame) throws -> Frame {
    let route = try route.route(of: frame, reading: entries.map(\.name), input, output)
    let made = zip(entries, route.inputs).map { entry, position in
      let codes = entry.levels.codes(of: frame.columns[position])
      return Column(numbers: codes.map { $0 == LevelTable.missing ? .nan : Double($0) })
    }
    return try frame.replacing(route, made)
  }
}
