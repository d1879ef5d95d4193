public import Basics
public import Frames
public import Modeling

/// Joins the rare categories of each column into one, so that later steps see few, well-filled categories.
///
/// Where something was joined, categories not seen in training join it too; elsewhere they stay unseen.
public struct GroupRare: Transform {
  /// Name of the category that rare ones join.
  public static let other = "(other)"

  /// Name, settings and source.
  public static let card = Card(
    name: "group-rare", summary: "Joins rare categories into one called (other).",
    hyperparameters: [
      .init("columns", "Columns to look at; empty: all category columns.", .texts),
      .init(
        "minimum_count", "Categories with fewer training rows are rare.", .integer(1...1_000_000, logarithmic: true),
        search: .integer(2...100, logarithmic: true)),
      .init(
        "maximum_levels", "Categories kept at most, the commonest first.", .integer(1...1_000_000, logarithmic: true)),
    ], source: "scikit-learn OneHotEncoder(min_frequency, max_categories)")

  /// Columns to look at; empty: all category columns.
  public var columns: [String]
  /// Categories with fewer training rows are rare.
  public var minimumCount: Int
  /// Categories kept at most, the commonest first, ties by name.
  public var maximumLevels: Int

  enum CodingKeys: String, CodingKey {
    case columns
    case minimumCount = "minimum_count"
    case maximumLevels = "maximum_levels"
  }

  /// Fewer than ten rows is rare; at most 1,000 categories stay.
  public init() { self.init(columns: []) }

  /// Looks at `columns` (empty: all category columns).
  public init(columns: [String] = [], minimumCount: Int = 10, maximumLevels: Int = 1000) {
    self.columns = columns
    self.minimumCount = minimumCount
    self.maximumLevels = maximumLevels
  }

  /// Learns which categories stay.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedGroupRare {
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: [.category], step: Self.card.name)
    let entries = try context.workers.map(fields.count) { index in
      let counts = LevelCounts(try frame.column(fields[index].name))
      let ranked = counts.names.indices.sorted { (-counts.counts[$0], $0) < (-counts.counts[$1], $1) }
      let kept = ranked.prefix(maximumLevels).filter { counts.counts[$0] >= minimumCount }.sorted()
      let isGrouping = kept.count < counts.names.count
      let names = kept.map { counts.names[$0] }.filter { !isGrouping || $0 != Self.other }
      return FittedGroupRare.Entry(
        name: fields[index].name, levels: LevelTable(names + (isGrouping ? [Self.other] : [])), isGrouping: isGrouping)
    }
    return try FittedGroupRare(fields, entries)
  }
}

/// Categories that stay, learnt by `GroupRare`.
public struct FittedGroupRare: FittedTransform {
  struct Entry: Sendable, Hashable, Codable {
    var name: String
    var levels: LevelTable
    var isGrouping: Bool
    enum CodingKeys: String, CodingKey {
      case name, levels
      case isGrouping = "is_grouping"
    }
  }

  /// Columns it reads.
  public let input: Schema
  /// The same columns with fewer categories.
  public let output: Schema
  let entries: [Entry]

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, entries }

  init(_ fields: [Field], _ entries: [Entry]) throws {
    input = try Schema(fields)
    output = try Schema(
      zip(fields, entries).map {
        Field($0.name, .category, categories: $1.levels.levels, mayBeMissing: $0.mayBeMissing)
      })
    self.entries = entries
  }

  /// Joins rare categories.
  public func transform(_ frame: Frame) throws -> Frame {
    let route = try route.route(of: frame, reading: entries.map(\.name), input, output)
    return try frame.replacing(route, zip(entries, route.inputs).map { $0.grouped(frame.columns[$1]) })
  }
}

extension FittedGroupRare.Entry {
  fileprivate func grouped(_ column: Column) -> Column {
    if let code = levels.onlyCode(of: column), code >= 0 {
      return Column(.category(codes: [code], levels: levels.levels))
    }
    let codes = levels.codes(of: column)
    var names = levels.levels
    let other = Int32(max(0, names.count - 1))
    var late: [String: Int32] = [:]
    let out = codes.indices.map { row -> Int32 in
      if codes[row] >= 0 { return codes[row] }
      if codes[row] == LevelTable.missing { return 0 }
      if isGrouping { return other }
      let name = column.text(at: row) ?? ""
      if let code = late[name] { return code }
      let code = Int32(names.count)
      late[name] = code
      names.append(name)
      return code
    }
    return Column(.category(codes: out, levels: names), validity: column.validity)
  }
}
