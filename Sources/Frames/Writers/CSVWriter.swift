/// Writes frames as delimiter-separated text with a header.
///
/// Fields that hold the delimiter, a quote, a line break or surrounding spaces are quoted, quotes inside are doubled. A
/// missing cell is empty; in a table of one column it is `""`, since an empty line would be no row. Lines end with LF.
///
/// - Source: RFC 4180 (which ends lines with CRLF).
public struct CSVWriter: FrameWriter, Sendable {
  /// The columns it writes.
  public let schema: Schema
  /// The byte between fields.
  public let delimiter: UInt8

  /// A writer for frames of `schema`.
  public init(_ schema: Schema, delimiter: UInt8 = UInt8(ascii: ",")) {
    self.schema = schema
    self.delimiter = delimiter
  }

  /// The line of column names.
  public func header() -> [UInt8] {
    var out: [UInt8] = []
    for (index, name) in schema.names.enumerated() {
      if index > 0 { out.append(delimiter) }
      append(name, to: &out)
    }
    out.append(10)
    return out
  }

  /// The lines of `frame`.
  public func rows(_ frame: Frame) throws -> [UInt8] {
    try Self.check(frame, against: schema)
    let prepared = frame.columns.map(prepare)
    var out: [UInt8] = []
    out.reserveCapacity(frame.rowCount * frame.columns.count * 8)
    for row in 0..<frame.rowCount {
      for index in prepared.indices {
        if index > 0 { out.append(delimiter) }
        prepared[index](row, &out)
      }
      out.append(10)
    }
    return out
  }

  private func prepare(_ column: Column) -> (Int, inout [UInt8]) -> Void {
    let validity = column.validity
    let empty: [UInt8] = schema.count == 1 ? [34, 34] : []
    func guarded(_ write: @escaping (Int, inout [UInt8]) -> Void) -> (Int, inout [UInt8]) -> Void {
      guard let validity else { return write }
      return { row, out in if validity[row] { write(row, &out) } else { out.append(contentsOf: empty) } }
    }
    switch column.storage {
    case .category(let codes, let levels):
      let texts = levels.map(quoted)
      return guarded { row, out in out.append(contentsOf: texts[Int(codes[row])]) }
    case .text(let values): return guarded { row, out in append(values[row], to: &out) }
    case .number(let values): return guarded { row, out in CellText.append(values[row], to: &out) }
    case .integer(let values): return guarded { row, out in CellText.append(values[row], to: &out) }
    default: return guarded { row, out in CellText.append(column, row, to: &out) }
    }
  }

  private func quoted(_ text: String) -> [UInt8] {
    var out: [UInt8] = []
    append(text, to: &out)
    return out
  }

  private func append(_ text: String, to out: inout [UInt8]) {
    let bytes = text.utf8
    let spaced = bytes.first.map { $0 == 32 || $0 == 9 } ?? true || bytes.last.map { $0 == 32 || $0 == 9 } ?? false
    guard spaced || bytes.contains(where: { $0 == delimiter || $0 == 34 || $0 == 10 || $0 == 13 }) else {
      out.append(contentsOf: bytes)
      return
    }
    out.append(34)
    for byte in bytes {
      if byte == 34 { out.append(34) }
      out.append(byte)
    }
    out.append(34)
  }
}
