import Basics
import Frames
import Modeling

/// A golden file of `Fixtures/Golden`.
struct GoldenTable {
  let json: JSONValue

  init(_ path: String, file: String = #filePath) throws {
    let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
    json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/\(path)"))
  }

  static func doubles(_ json: JSONValue?) -> [Double] { json?.arrayValue?.compactMap(\.doubleValue) ?? [] }

  /// Numbers under a path of keys.
  func doubles(_ keys: String...) -> [Double] { Self.doubles(keys.reduce(json) { $0?[$1] }) }
  /// One number under a path of keys.
  func double(_ keys: String...) -> Double { keys.reduce(json) { $0?[$1] }?.doubleValue ?? .nan }
  /// Rows under a path of keys.
  func rows(_ keys: String...) -> [[Double]] { (keys.reduce(json) { $0?[$1] }?.arrayValue ?? []).map(Self.doubles) }
  /// Codes under a path of keys.
  func codes(_ keys: String...) -> [Int32] { Self.doubles(keys.reduce(json) { $0?[$1] }).map { Int32($0) } }

  /// Columns `x0`, `x1`, … of the rows under `key`.
  func frame(_ key: String) throws -> Frame {
    let rows = rows(key)
    return try Frame((0..<(rows.first?.count ?? 0)).map { d in ("x\(d)", Column(numbers: rows.map { $0[d] })) })
  }
}

extension Optional where Wrapped == JSONValue {
  subscript(_ key: String) -> JSONValue? { self?[key] }
}

/// Largest difference of two lists; infinite when they are not as long.
func gap(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

/// Chance-corrected agreement of two partitions, 1 = the same (Hubert and Arabie 1985).
func adjustedRand(_ a: [Int32], _ b: [Int32]) -> Double {
  func pairs(_ n: Int) -> Double { Double(n) * Double(n - 1) / 2 }
  func sum(_ keys: [Int64]) -> Double {
    Dictionary(grouping: keys, by: { $0 }).values.map { pairs($0.count) }.sorted().reduce(0, +)
  }
  let (rows, columns) = (sum(a.map { Int64($0) }), sum(b.map { Int64($0) }))
  let both = sum(zip(a, b).map { Int64($0) << 32 | Int64(UInt32(bitPattern: $1)) })
  let expected = rows * columns / pairs(a.count)
  return (both - expected) / (0.5 * (rows + columns) - expected)
}
