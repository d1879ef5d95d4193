public import Basics

/// Writes frames of one schema, part by part.
public protocol FrameWriter {
  /// The bytes that come before the first row.
  func header() -> [UInt8]
  /// The bytes of the rows of `frame`.
  ///
  /// - Throws: `.schemaMismatch` when the frame's columns are not those the writer was made for, `.invalidData` for a
  ///   vector column.
  func rows(_ frame: Frame) throws -> [UInt8]
}

extension FrameWriter {
  /// Header and rows of `frame` in one piece.
  public func document(_ frame: Frame) throws -> [UInt8] { try header() + rows(frame) }

  /// Appends the rows of `frame` to `sink`, about a megabyte at a time.
  public func append(_ frame: Frame, to sink: inout some ByteSink) throws {
    let step = 8192
    guard frame.rowCount > step else { return try sink.write(rows(frame)) }
    var start = 0
    while start < frame.rowCount {
      let end = min(frame.rowCount, start + step)
      try sink.write(rows(frame.gathered(Array(start..<end))))
      start = end
    }
  }

  static func check(_ frame: Frame, against schema: Schema) throws {
    guard frame.schema.names == schema.names else {
      throw MLError(
        .schemaMismatch,
        "writer: must get the \(schema.count) columns it was made for, in order; got \(frame.schema.count).")
    }
    if let field = frame.schema.fields.first(where: { $0.kind == .vector }) {
      throw MLError(
        .invalidData, "writer: column '\(field.name)' cannot be written; it is a vector.",
        hint: "Write the columns it was made from.", field: field.name)
    }
  }
}

/// Cells of a column as text, one lookup a column.
enum CellText {
  /// Appends the text of `row` as it reads without quotes; not called for missing cells.
  static func append(_ column: Column, _ row: Int, to out: inout [UInt8]) {
    switch column.storage {
    case .number(let values): append(values[row], to: &out)
    case .integer(let values): append(values[row], to: &out)
    default: out.append(contentsOf: (column.text(at: row) ?? "").utf8)
    }
  }

  /// Appends digits of `value`.
  static func append(_ value: Int64, to out: inout [UInt8]) {
    if value >= 0, value < 10 { out.append(48 + UInt8(value)) } else { out.append(contentsOf: String(value).utf8) }
  }

  /// Appends the shortest text that reads back equal; nothing when not finite.
  static func append(_ value: Double, to out: inout [UInt8]) {
    if value.isFinite { out.append(contentsOf: NumberText.shortest(value).utf8) }
  }
}
