public import Basics
public import Frames
public import Modeling

/// Turns each category column into a sparse vector column of the same name: one feature a category seen in training.
///
/// A category not seen in training gives an empty row; missing cells have a feature of their own when there were any
/// in training, else an empty row.
public struct OneHot: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "one-hot", summary: "One feature for each category seen in training, as a sparse vector column.",
    hyperparameters: [
      .init("columns", "Columns to turn; empty: all category columns.", .texts),
      .init(
        "minimum_count", "Categories with fewer training rows get no feature.",
        .integer(1...1_000_000, logarithmic: true)),
    ], source: "scikit-learn OneHotEncoder(handle_unknown='ignore')")

  /// Columns to turn; empty: all category columns.
  public var columns: [String]
  /// Categories with fewer training rows get no feature.
  public var minimumCount: Int

  enum CodingKeys: String, CodingKey {
    case columns
    case minimumCount = "minimum_count"
  }

  /// Every category of every category column.
  public init() { self.init(columns: []) }

  /// Turns `columns` (empty: all category columns).
  public init(columns: [String] = [], minimumCount: Int = 1) {
    self.columns = columns
    self.minimumCount = minimumCount
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
    return try FittedOneHot(chosen, entries)
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
  /// One vector column for each, with feature names `column=category`.
  public let output: Schema
  let entries: [Entry]

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, entries }

  init(_ fields: [Field], _ entries: [Entry]) throws {
    input = try Schema(fields)
    output = try Schema(
      entries.map { entry in
        let names = entry.levels.levels.map { "\(entry.name)=\($0)" }
        let missing = entry.hasMissing ? ["\(entry.name) is missing"] : []
        return Field(entry.name, .vector, categories: names + missing, mayBeMissing: false)
      })
    self.entries = entries
  }

  /// One sparse row a cell.
  public func transform(_ frame: Frame) throws -> Frame { try transform(frame, on: nil) }

  func transform(_ frame: Frame, on workers: Workers?) throws -> Frame {
    let route = try route.route(of: frame, reading: entries.map(\.name), input, output)
    let made = try columns(entries.count, on: workers) { index in
      Column(.vector(entries[index].matrix(frame.columns[route.inputs[index]])))
    }
    return try frame.replacing(route, made)
  }
}

extension FittedOneHot.Entry {
  /// Rows of a matrix with one row, one feature or none, and its value: shared, since requests bring one row each.
  private static let oneRow = (with: [0, 1], without: [0, 0], value: [1.0])

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
