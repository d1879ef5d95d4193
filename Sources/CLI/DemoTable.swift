import Basics
import Frames
import Lifecycle

/// The demonstration's table, dealt by the hash of its rows: most to learn from, the rest as traffic to come.
struct DemoTable: Sendable {
  /// File with the rows to learn from.
  let trainingPath: String
  let trainingCount: Int
  /// All rows kept back.
  let later: Frame
  /// Rows sent as they are, rows sent after the sensor was replaced, rows sent to the retrained model.
  let usual: Frame
  let shifted: Frame
  let afterwards: Frame
  let shiftedTruth: [String]
  let afterwardsTruth: [String]

  /// Factor of the new light sensor.
  static let lightFactor = 0.3

  init(folder: String, workers: Workers) throws {
    let path = try DemoData.write(to: FileSystem.parent(folder))
    let (frame, _) = try FrameSources.read(path, options: SourceOptions(workers: workers))
    // The instant is left out: neighbouring minutes are so alike that it would give the answer away.
    let table = frame.removing(["date"])
    let keys = RowKeys.hashes(table)
    let isLater = keys.map { StableHash.fraction(StableHash.combine($0, 7)) < 0.45 }
    let kept = table.gathered(keys.indices.filter { !isLater[$0] })
    // In the order of their hashes: a day's traffic is then like any other's, until something is changed.
    let dealt = keys.indices.filter { isLater[$0] }
      .sorted { (StableHash.combine(keys[$0], 11), $0) < (StableHash.combine(keys[$1], 11), $1) }
    later = table.gathered(dealt)
    trainingPath = FileSystem.parent(folder) + "/occupancy-so-far.csv"
    try FileSystem.write(CSVWriter(kept.schema).document(kept), to: trainingPath)
    trainingCount = kept.rowCount
    let third = later.rowCount / 3
    usual = later.gathered(Array(0..<third)).removing([Demo.target])
    let second = later.gathered(Array(third..<(2 * third)))
    let last = later.gathered(Array((2 * third)..<later.rowCount))
    shifted = try Self.withNewSensor(second).removing([Demo.target])
    afterwards = try Self.withNewSensor(last).removing([Demo.target])
    shiftedTruth = try Self.truths(second)
    afterwardsTruth = try Self.truths(last)
  }

  private static func truths(_ frame: Frame) throws -> [String] {
    let column = try frame.column(Demo.target)
    return (0..<frame.rowCount).map { column.text(at: $0) ?? "" }
  }

  private static func withNewSensor(_ frame: Frame) throws -> Frame {
    let light = try frame.column("Light").doubles ?? []
    return try frame.setting(Field("Light", .number), Column(numbers: light.map { $0 * lightFactor }))
  }
}
