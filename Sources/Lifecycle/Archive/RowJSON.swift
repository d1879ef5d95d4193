package import Basics
package import Frames

/// Rows of a frame as JSON objects by column name, in a form that reads back to the same values.
package enum RowJSON {
  /// The cell of `row`: number, integer, boolean, text, ISO 8601 instant or null.
  package static func cell(_ column: Column, _ row: Int) -> JSONValue {
    guard column.isPresent(row) else { return .null }
    switch column.storage {
    case .number(let values): return .number(values[row])
    case .integer(let values): return .integer(values[row])
    case .boolean(let values): return .boolean(values[row])
    case .category(let codes, let levels): return .string(levels[Int(codes[row])])
    case .text(let values): return .string(values[row])
    case .timestamp(let values): return .string(Timestamp(microseconds: values[row]).description)
    case .vector: return .null
    }
  }

  /// Row `row` as an object.
  package static func object(_ frame: Frame, _ row: Int) -> JSONValue {
    .object(zip(frame.schema.fields, frame.columns).map { ($0.name, cell($1, row)) })
  }

  /// All rows, or the chosen ones.
  package static func objects(_ frame: Frame, rows: [Int]? = nil) -> [JSONValue] {
    (rows ?? Array(0..<frame.rowCount)).map { object(frame, $0) }
  }
}
