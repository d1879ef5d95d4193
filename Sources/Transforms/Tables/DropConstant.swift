public import Basics
public import Frames
public import Modeling

/// Leaves out columns that say nothing: one value in all training rows, or none at all.
public struct DropConstant: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "drop-constant", summary: "Leaves out columns with one value, or none, in all training rows.",
    hyperparameters: [.init("columns", "Columns to look at; empty: all.", .texts)],
    source: "scikit-learn VarianceThreshold(0)")

  /// Columns to look at; empty: all.
  public var columns: [String]

  enum CodingKeys: String, CodingKey { case columns }

  /// Looks at all columns.
  public init() { columns = [] }

  /// Looks at `columns` (empty: all).
  public init(columns: [String]) { self.columns = columns }

  /// Learns which columns are constant.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedDrop {
    let fields = try ColumnChoice.fields(
      columns, in: frame.schema, kinds: Set(ColumnKind.allCases), step: Self.card.name)
    let constant = try context.workers.map(fields.count) { Self.isConstant(try frame.column(fields[$0].name)) }
    return try FittedDrop(zip(fields, constant).filter(\.1).map(\.0))
  }

  /// Whether every row holds the same value, or every row is missing.
  static func isConstant(_ column: Column) -> Bool {
    if column.missingCount == column.count { return true }
    guard column.missingCount == 0 else { return false }
    func same<T: Equatable>(_ values: [T]) -> Bool { values.allSatisfy { $0 == values[0] } }
    switch column.storage {
    case .number(let values): return same(values)
    case .integer(let values), .timestamp(let values): return same(values)
    case .boolean(let values): return same(values)
    case .category(let codes, _): return same(codes)
    case .text(let values): return same(values)
    case .vector(let matrix): return matrix.values.allSatisfy { $0 == 0 }
    }
  }
}
