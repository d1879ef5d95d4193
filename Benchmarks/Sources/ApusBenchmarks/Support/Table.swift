import Basics
import Foundation
import Frames
import Modeling

/// A binary table as the data maker writes it: `NAME.bin`, column after column, and `NAME.json` with its shape.
struct Table {
  let rowCount: Int
  let columns: [[Double]]

  init(_ name: String, _ setting: Setting) throws {
    let base = "\(setting.data)/\(name)"
    let shape = try JSONValue(parsing: String(contentsOfFile: base + ".json", encoding: .utf8))
    let rows = shape["rows"]?.integerValue.map(Int.init) ?? 0
    let count = shape["columns"]?.integerValue.map(Int.init) ?? 0
    let isByte = shape["type"]?.stringValue == "u8"
    let data = try Data(contentsOf: URL(fileURLWithPath: base + ".bin"), options: .alwaysMapped)
    guard data.count == rows * count * (isByte ? 1 : 4) else { throw Unavailable(reason: "\(base).bin is damaged") }
    columns = data.withUnsafeBytes { bytes in
      (0..<count).map { column in
        if isByte { return (0..<rows).map { Double(bytes[column * rows + $0]) } }
        let floats = bytes.bindMemory(to: Float32.self)
        return (0..<rows).map { Double(floats[column * rows + $0]) }
      }
    }
    rowCount = rows
  }

  /// The first `count` columns of some rows as a frame with columns `f0`, `f1`, ….
  func frame(_ count: Int, _ rows: Range<Int>) throws -> Frame {
    try Frame((0..<count).map { ("f\($0)", Column(.number(Array(columns[$0][rows])))) })
  }

  /// Column `index` of some rows as numbers.
  func values(_ index: Int, _ rows: Range<Int>) -> [Double] { Array(columns[index][rows]) }

  /// Column `index` of some rows as classes `0`, `1`, ….
  func classes(_ index: Int, _ rows: Range<Int>) -> Target {
    let codes = columns[index][rows].map { Int32($0) }
    return .classes(codes: codes, names: (0...Int(columns[index].max() ?? 0)).map(String.init))
  }
}

/// A CSV file as a frame.
func readCSV(_ path: String, _ workers: Workers, contract: Schema? = nil) throws -> Frame {
  var reader = try CSVSource().reader(for: path, options: SourceOptions(contract: contract, workers: workers))
  guard let frame = try reader.next(maximumRows: .max) else { throw Unavailable(reason: "\(path) holds no rows") }
  return frame
}
