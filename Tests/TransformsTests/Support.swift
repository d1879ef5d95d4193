import Basics
import Frames
import Modeling
import Testing
import Transforms

/// Golden values of one topic.
func golden(_ topic: String, file: String = #filePath) throws -> JSONValue {
  let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
  return try JSONValue(parsing: FileSystem.read("/\(folder)/Fixtures/Golden/\(topic)/\(topic).json"))
}

extension JSONValue {
  var doubles: [Double] { arrayValue?.compactMap(\.doubleValue) ?? [] }
  var integers: [Int] { arrayValue?.compactMap { $0.integerValue.map(Int.init) } ?? [] }
  var strings: [String] { arrayValue?.compactMap(\.stringValue) ?? [] }
}

let registry = Registry(estimators: [], transforms: TransformCatalog.all)

/// A table with a column of each kind, missing cells and repeated rows.
func mixedFrame(rows: Int = 200, seed: UInt64 = 1) throws -> Frame {
  var random = Seed(seed).generator
  let cities = ["Rome", "Paris", "Bonn", "Lima", "Oslo"]
  var numbers: [Double] = [], counts: [Int64] = [], flags: [Bool] = [], names: [String?] = [], texts: [String] = []
  var times: [Int64] = []
  var present: [Bool] = []
  for _ in 0..<rows {
    numbers.append(random.uniform() < 0.1 ? .nan : random.normal() * 5 + 100)
    counts.append(Int64(random.index(below: 50)))
    flags.append(random.uniform() < 0.3)
    names.append(random.uniform() < 0.1 ? nil : cities[random.index(below: cities.count)])
    let words = (0..<6).map { _ in ["red", "fast", "Car", "7", "blue boat", "slow"][random.index(below: 6)] }
    texts.append(words.joined(separator: " "))
    times.append(1_700_000_000_000_000 + Int64(random.index(below: 10_000_000)) * 60_000_000)
    present.append(random.uniform() > 0.1)
  }
  return try Frame([
    ("number", Column(numbers: numbers)), ("count", Column(.integer(counts))),
    ("flag", Column(.boolean(flags), validity: Validity(present))), ("city", Column(categories: names)),
    ("text", Column(.text(texts))), ("time", Column(.timestamp(times), validity: Validity(present))),
  ])
}

func mixedTarget(_ frame: Frame) throws -> Target {
  let values = try frame.column("count").doubles ?? []
  return .classes(codes: values.map { $0 > 25 ? 1 : 0 }, names: ["no", "yes"])
}

func rows(_ column: Column) -> [[Int32: Double]] {
  guard case .vector(let matrix) = column.storage else { return [] }
  return (0..<matrix.rowCount).map { row in
    Dictionary(
      uniqueKeysWithValues: (matrix.offsets[row]..<matrix.offsets[row + 1]).map {
        (matrix.indices[$0], matrix.values[$0])
      })
  }
}
