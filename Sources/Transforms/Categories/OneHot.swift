public import Basics
public import Frames
public import Modeling

/// Turns each category column into one feature a category seen in training: a sparse vector column of the same name, or
/// a column of yes and no for each.
///
/// A category not seen in training gives an empty row; missing cells have a feature of their own when there were any
/// in training, else an empty row.
public struct OneHot: Transform {
  /// What features become.
  public enum Layout: String, Sendable, Hashable, Codable, CaseIterable {
    /// One sparse vector column for each category column.
    case vector
    /// One column of yes and no for each category, named `column=category`, for algorithms that take no vectors.
    case columns
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "one-hot", summary: "One feature for each category seen in training.",
    hyperparameters: [
      .init("columns", "Columns to turn; empty: all category columns.", .texts),
      .init(
        "minimum_count", "Categories with fewer training rows get no feature.",
        .integer(1...1_000_000, logarithmic: true)),
      .init("layout", "What features become.", .choice(Layout.allCases.map(\.rawValue))),
    ], source: "scikit-learn OneHotEncoder(handle_unknown='ignore')")

  /// Columns to turn; empty: all category columns.
  public var columns: [String]
  /// Categories with fewer training rows get no feature.
  public var minimumCount: Int
  /// What features become.
  public var layout: Layout

  enum CodingKeys: String, CodingKey {
    case columns, layout
    case minimumCount = "minimum_count"
  }

  /// Every category of every category column.
  public init() { self.init(columns: []) }

  /// Turns `columns` (empty: all category columns).
  public init(columns: [String] = [], minimumCount: Int = 1, layout: Layout = .vector) {
    self.columns = columns
    self.minimumCount = minimumCount
    self.layout = layout
  }

  /// Learns which categories there are.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedOneHot {
    let fields = try ColumnChoice.fields(
      columns, in: frame.schema, kinds: [.category, .boolean], step: Self.card.name)
    let chosen = columns.isEmpty ? fields.filter { $0.kind == .category } : fields
    let entries = try context.workers.map(chosen.count) { index in
      let counts = LevelCounts(try frame.column(chosen[index].name))
      let kept = zip(counts.names, counts.counts).filter { $1 >= minimumCount }.map(\.0)
      return FittedOneHot.Entry(
        name: chosen[index].name, levels: LevelTable(kept), hasMissing: counts.missingCount >= minimumCount)
    }
    let fitted = try FittedOneHot(chosen, entries, layout)
    if layout == .columns {
      for name in fitted.output.names where frame.schema.index(of: name) != nil {
        throw MLError(
          .schemaMismatch, "\(Self.card.name): there is a column '\(name)' already.", hint: "Rename it.", field: name)
      }
    }
    return fitted
  }

  /// Fits, and applies what was learnt on the threads of the context.
  public func fitTransform(_ frame: Frame, target: Target?, in context: FitContext) throws -> (FittedOneHot, Frame) {
    let fitted = try fit(frame, target: target, in: context)
    return (fitted, try fitted.transform(frame, on: context.workers))
  }
}

/// Categories learnt by `OneHot`.
public struct FittedOneHot: FittedTransform {
  struct Entry: Sendable, Hashable, Codable {
    var name: String
    var levels: LevelTable
    var hasMissing: Bool
    enum CodingKeys: String, CodingKey {
      case name, levels
      case hasMissing = "has_missing"
    }
    var width: Int { levels.levels.count + (hasMissing ? 1 : 0) }
  }

  /// Columns it reads.
  public let input: Schema
  /// One vector column for each, with feature names `column=category`, or one column for each feature.
  public let output: Schema
  let entries: [Entry]
  /// Absent in archives written before there was a choice.
  private let layout: OneHot.Layout?

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, entries, layout }

  init(_ fields: [Field], _ entries: [Entry], _ layout: OneHot.Layout) throws {
    input = try Schema(fields)
    output = try Schema(
      entries.flatMap { entry in
        let names = entry.levels.levels.map { "\(entry.name)=\($0)" }
        let features = names + (entry.hasMissing ? ["\(entry.name) is missing"] : [])
        if layout == .columns { return features.map { Field($0, .boolean, mayBeMissing: false) } }
        return [Field(entry.name, .vector, categories: features, mayBeMissing: false)]
      })
    self.entries = entries
    self.layout = layout
  }

  /// One sparse row a cell.
  public func transform(_ frame: Frame) throws -> Frame { try transform(frame, on: nil) }

  func transform(_ frame: Frame, on workers: Workers?) throws -> Frame {
    let route = try route.route(of: frame, reading: entries.map(\.name), input, output)
    let isVector = layout != .columns
    let made = try columns(entries.count, on: workers) { index in
      let column = frame.columns[route.inputs[index]]
      return isVector ? [Column(.vector(entries[index].matrix(column)))] : entries[index].indicators(column)
    }
    return try frame.replacing(route, made.flatMap { $0 })
  }
}

extension FittedOneHot.Entry {
  /// Rows of a matrix with one row, one feature or none, and its value: shared, since requests bring one row each.
  private static let oneRow = (with: [0, 1], without: [0, 0], value: [1.0])

  /// A column of yes and no for each feature.
  fileprivate func indicators(_ column: Column) -> [Column] {
    let codes = levels.codes(of: column)
    return (0..<width).map { feature in
      let code = feature < levels.levels.count ? Int32(feature) : LevelTable.missing
      return Column(.boolean(codes.map { $0 == code }))
    }
  }

  fileprivate func matrix(_ column: Column) -> SparseMatrix {
    if let code = levels.onlyCode(of: column) {
      guard code >= 0 || (hasMissing && code == LevelTable.missing) else {
        return SparseMatrix(width: width, offsets: Self.oneRow.without, indices: [], values: [])
      }
      let feature = code >= 0 ? code : Int32(levels.levels.count)
      return SparseMatrix(width: width, offsets: Self.oneRow.with, indices: [feature], values: Self.oneRow.value)
    }
    let codes = levels.codes(of: column)
    var offsets = [Int](repeating: 0, count: codes.count + 1)
    var indices: [Int32] = []
    indices.reserveCapacity(codes.count)
    let missing = Int32(levels.levels.count)
    for row in codes.indices {
      if codes[row] >= 0 {
        indices.append(codes[row])
      } else if hasMissing, codes[row] == LevelTable.missing {
        indices.append(missing)
      }
      offsets[row + 1] = indices.count
    }
    return SparseMatrix(
      width: width, offsets: offsets, indices: indices, values: [Double](repeating: 1, count: indices.count))
  }
}
