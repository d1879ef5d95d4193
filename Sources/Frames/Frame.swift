import Basics

/// A schema and equal-length columns; copied only when written.
public struct Frame: Sendable, Hashable {
  /// Names and kinds, in order.
  public let schema: Schema
  /// Columns in schema order.
  public let columns: [Column]
  /// Rows.
  public let rowCount: Int

  /// - Parameter rowCount: needed only for a frame without columns.
  /// - Throws: `.shapeMismatch` when lengths differ, `.schemaMismatch` when kinds differ from the schema.
  public init(_ schema: Schema, _ columns: [Column], rowCount: Int? = nil) throws {
    guard schema.count == columns.count else {
      throw MLError(
        .shapeMismatch, "frame: must have one column a field; got \(columns.count) columns and \(schema.count) fields.")
    }
    let rows = columns.first?.count ?? rowCount ?? 0
    let fields = schema.fields
    for index in columns.indices where columns[index].count != rows || columns[index].kind != fields[index].kind {
      let (field, column) = (fields[index], columns[index])
      guard column.count == rows else {
        throw MLError(
          .shapeMismatch, "frame: column '\(field.name)' must have \(rows) rows; got \(column.count).",
          field: field.name)
      }
      throw MLError(
        .schemaMismatch, "frame: column '\(field.name)' must be \(field.kind.rawValue); got \(column.kind.rawValue).",
        field: field.name)
    }
    self.schema = schema
    self.columns = columns
    self.rowCount = rows
  }

  /// A frame from named columns; fields are derived from them.
  public init(_ named: [(String, Column)]) throws {
    try self.init(Schema(named.map { Field(of: $1, name: $0) }), named.map(\.1))
  }

  /// Column called `name`.
  ///
  /// - Throws: `.schemaMismatch` with the closest names.
  public func column(_ name: String) throws -> Column {
    guard let index = schema.index(of: name) else {
      throw MLError.unknown("column", name, among: schema.names, in: "frame", code: .schemaMismatch)
    }
    return columns[index]
  }

  /// The chosen rows, in that order.
  public func gathered(_ rows: [Int]) -> Frame {
    Frame(unchecked: schema, columns.map { $0.gathered(rows) }, rowCount: rows.count)
  }

  /// The chosen columns, in that order.
  public func selecting(_ names: [String]) throws -> Frame {
    let chosen = try names.map { try (schema[$0] ?? Field(of: column($0), name: $0), column($0)) }
    return try Frame(Schema(chosen.map(\.0)), chosen.map(\.1), rowCount: rowCount)
  }

  /// All columns but those named.
  public func removing(_ names: Set<String>) -> Frame {
    let kept = schema.fields.indices.filter { !names.contains(schema.fields[$0].name) }
    return Frame(unchecked: schema.removing(names), kept.map { columns[$0] }, rowCount: rowCount)
  }

  /// With `column` under `field`, replacing one of that name or appended.
  public func setting(_ field: Field, _ column: Column) throws -> Frame {
    var fields = schema.fields
    var columns = columns
    if let index = schema.index(of: field.name) {
      fields[index] = field
      columns[index] = column
    } else {
      fields.append(field)
      columns.append(column)
    }
    return try Frame(Schema(fields), columns)
  }

  init(unchecked schema: Schema, _ columns: [Column], rowCount: Int) {
    self.schema = schema
    self.columns = columns
    self.rowCount = rowCount
  }
}

extension Field {
  /// The field that describes `column`.
  public init(of column: Column, name: String) {
    var categories: [String] = []
    if case .category(_, let levels) = column.storage { categories = levels }
    self.init(name, column.kind, categories: categories, mayBeMissing: column.missingCount > 0)
  }
}
