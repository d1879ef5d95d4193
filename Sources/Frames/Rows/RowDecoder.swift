public import Basics

/// Turns rows that arrive as JSON objects into a frame that meets a contract.
///
/// A JSON number for a category field becomes its shortest text, a string for a number field is read as a CSV cell
/// would be (`CellParser`), `null` and markers such as `NA` are missing. Keys the contract does not know are
/// skipped and reported. `{"a": {"b": 1}}` counts as `{"a.b": 1}`, one level deep.
public struct RowDecoder: Sendable {
  /// What every row must meet.
  public var contract: Schema { plan.contract }
  let plan: RowPlan

  /// Rows as a frame, and what was noticed.
  public struct Decoded: Sendable {
    /// The rows, columns in the contract's order; optional columns that no row has are left out.
    public var frame: Frame
    /// Keys that the contract does not know, in order of first appearance.
    public var ignoredKeys: [String]
    /// What stood beside `rows` in the body.
    public var extras: [(key: String, value: JSONValue)]
    /// Cells that did not fit and were taken as missing, by column name.
    public var invalidCells: [String: Int]
  }

  /// A decoder for rows of `contract`.
  ///
  /// - Parameter optionalColumns: fields whose key may be absent, as a target when predicting.
  public init(contract: Schema, optionalColumns: Set<String> = []) {
    plan = RowPlan(contract, optionalColumns)
  }

  /// Rows from JSON values.
  ///
  /// - Parameter invalidCells: what to do with a value that does not fit its field.
  /// - Throws: `.schemaMismatch` naming a field whose key a row lacks, `.invalidData` with the field, what was
  ///   expected and the row, counted from 0 as in `rows[0]`.
  public func decode(_ rows: [JSONValue], invalidCells: SourceOptions.InvalidCells = .fail) throws -> Decoded {
    var batch = RowBatch(plan, invalidCells)
    for (index, row) in rows.enumerated() { try batch.append(row, place: "rows[\(index)]") }
    return try batch.finish()
  }

  /// Rows from a request body: `{"rows": [{…}, …]}`, `[{…}, …]` or one `{…}`.
  ///
  /// - Throws: as above, and `.invalidData` with line and column when the body is no JSON of that shape.
  /// - Complexity: one pass over the bytes for rows without surprises.
  public func decode(body: [UInt8], invalidCells: SourceOptions.InvalidCells = .fail) throws -> Decoded {
    if let decoded = try fast(body, invalidCells) { return decoded }
    let document = try JSONValue(parsing: body)
    var extras: [(key: String, value: JSONValue)] = []
    let rows: [JSONValue]
    switch document {
    case .array(let elements): rows = elements
    case .object(let pairs):
      if case .array(let elements)? = document["rows"], contract["rows"] == nil {
        rows = elements
        extras = pairs.filter { $0.0 != "rows" }.map { (key: $0.0, value: $0.1) }
      } else {
        rows = [document]
      }
    default: throw Self.wrongShape
    }
    var decoded = try decode(rows, invalidCells: invalidCells)
    decoded.extras = extras
    return decoded
  }

  static var wrongShape: MLError {
    MLError(
      .invalidData, "body: must be an object, an array of objects, or an object with an array 'rows'.",
      hint: "Send {\"rows\": [{\"column\": value, …}]}.")
  }

  /// The single pass; `nil` when the body holds something that the careful way must look at.
  private func fast(_ body: [UInt8], _ invalidCells: SourceOptions.InvalidCells) throws -> Decoded? {
    var batch = RowBatch(plan, invalidCells)
    var scanner = JSONRowScanner(body)
    guard let shape = scanner.openRows(contract) else { return nil }
    var extras = scanner.skipped
    if shape == .row {
      guard batch.append(&scanner), scanner.isAtEndOfDocument else { return nil }
      return try batch.finish()
    }
    guard scanner.skipSpaceAndTake(91) else { return nil }
    if !scanner.skipSpaceAndTake(93) {
      repeat { guard batch.append(&scanner) else { return nil } } while scanner.skipSpaceAndTake(44)
      guard scanner.skipSpaceAndTake(93) else { return nil }
    }
    if shape == .wrapped {
      while scanner.skipSpaceAndTake(44) {
        guard let key = scanner.key(), let value = scanner.skipValue() else { return nil }
        extras.append((key, value))
      }
      guard scanner.skipSpaceAndTake(125) else { return nil }
    }
    guard scanner.isAtEndOfDocument else { return nil }
    var decoded = try batch.finish()
    for extra in extras {
      guard let name = scanner.plainText(extra.key), name != "rows" else { return nil }
      decoded.extras.append((name, try JSONValue(parsing: Array(body[extra.value]))))
    }
    return decoded
  }
}
