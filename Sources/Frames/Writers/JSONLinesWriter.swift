import Basics

/// Writes frames as one JSON object a line; a missing cell is `null`, timestamps are ISO 8601 texts.
public struct JSONLinesWriter: FrameWriter, Sendable {
  /// The columns it writes.
  public let schema: Schema
  private let keys: [[UInt8]]

  /// A writer for frames of `schema`.
  public init(_ schema: Schema) {
    self.schema = schema
    keys = schema.names.enumerated().map { index, name in
      var out: [UInt8] = [index == 0 ? 123 : 44]
      JSONValue.write(name, into: &out)
      out.append(58)
      return out
    }
  }

  /// Nothing: JSON Lines have no header.
  public func header() -> [UInt8] { [] }

  /// The lines of `frame`.
  public func rows(_ frame: Frame) throws -> [UInt8] {
    try Self.check(frame, against: schema)
    var out: [UInt8] = []
    out.reserveCapacity(frame.rowCount * frame.columns.count * 16)
    for row in 0..<frame.rowCount {
      if keys.isEmpty { out.append(123) }
      for (key, column) in zip(keys, frame.columns) {
        out.append(contentsOf: key)
        append(column, row, to: &out)
      }
      out.append(contentsOf: [125, 10])
    }
    return out
  }

  private func append(_ column: Column, _ row: Int, to out: inout [UInt8]) {
    guard column.isPresent(row) else {
      out.append(contentsOf: "null".utf8)
      return
    }
    switch column.storage {
    case .number(let values): JSONValue.write(values[row], into: &out)
    case .integer, .boolean: CellText.append(column, row, to: &out)
    case .category(let codes, let levels): JSONValue.write(levels[Int(codes[row])], into: &out)
    case .text(let values): JSONValue.write(values[row], into: &out)
    case .timestamp, .vector: JSONValue.write(column.text(at: row) ?? "", into: &out)
    }
  }
}
