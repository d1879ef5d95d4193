import Basics
import Frames
import Modeling

/// The golden table of `Fixtures/Golden/linear`.
struct LinearGolden {
  let json: JSONValue
  let columns: [[Double]]
  let weights: [Double]
  let sparse: SparseMatrix

  init(file: String = #filePath) throws {
    let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
    json = try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/linear/linear.json"))
    let rows = json["x"]?.arrayValue?.map(Self.doubles) ?? []
    columns = (0..<4).map { column in rows.map { $0[column] } }
    weights = Self.doubles(json["weights"] ?? .null)
    sparse = SparseMatrix(
      width: 12, offsets: Self.integers(json["sparse"]?["offsets"]),
      indices: Self.integers(json["sparse"]?["indices"]).map(Int32.init),
      values: Self.doubles(json["sparse"]?["values"] ?? .null))
  }

  static func doubles(_ json: JSONValue) -> [Double] { json.arrayValue?.compactMap(\.doubleValue) ?? [] }
  static func integers(_ json: JSONValue?) -> [Int] {
    json?.arrayValue?.compactMap { $0.integerValue.map(Int.init) } ?? []
  }

  func frame(withSparse: Bool = false) throws -> Frame {
    var named = columns.enumerated().map { ("x\($0.offset)", Column(.number($0.element))) }
    if withSparse { named.append(("s", Column(.vector(sparse)))) }
    return try Frame(named)
  }

  func target(_ key: String, names: [String] = []) -> Target {
    let values = Self.doubles(json[key] ?? .null)
    return names.isEmpty ? .values(values) : .classes(codes: values.map(Int32.init), names: names)
  }

  func coefficients(_ fit: String) -> [[Double]] { json["fits"]?[fit]?["coef"]?.arrayValue?.map(Self.doubles) ?? [] }
  func intercepts(_ fit: String) -> [Double] { Self.doubles(json["fits"]?[fit]?["intercept"] ?? .null) }
}

/// `rows` rows of `dense` numbers, and classes or numbers that depend on them.
func syntheticData(rows: Int, dense: Int, classes: Int, seed: UInt64 = 9) throws -> TrainingData {
  var random = Seed(seed).generator
  let columns = (0..<dense).map { _ in (0..<rows).map { _ in random.normal() } }
  let named = columns.enumerated().map { ("x\($0.offset)", Column(.number($0.element))) }
  let scores = (0..<rows).map { row in
    columns.indices.reduce(random.normal()) { $0 + columns[$1][row] * (1 - Double($1) / Double(dense)) }
  }
  guard classes > 0 else { return try TrainingData(frame: Frame(named), target: .values(scores)) }
  let codes = scores.map { Int32(min(classes - 1, max(0, Int(($0 + 4) / 8 * Double(classes))))) }
  return try TrainingData(
    frame: Frame(named), target: .classes(codes: codes, names: (0..<classes).map { "c\($0)" }))
}

func archived<M: FittedModel>(_ model: M) throws -> [UInt8] {
  var archive = ArchiveWriter()
  try model.write(to: &archive)
  return archive.encoded()
}
