import Basics
import Frames
import Modeling

// Tables of the tasks that are not classification or regression.
extension CheckTables {
  /// Three round groups of unlike size in two columns, a third column of noise.
  public static let clusters = unsupervised("clusters", .clustering, seed: 21) { random, row in
    let group = [0, 0, 1, 1, 1, 2][row % 6]
    let (x, y) = [(-4.0, 0.0), (4.0, 1.0), (0.0, 6.0)][group]
    return ([x + 0.6 * random.normal(), y + 0.6 * random.normal(), 0.3 * random.normal()], Int32(group))
  }

  /// Two columns that go together, one row in twenty-five far off.
  public static let outliers = unsupervised("outliers", .anomaly, seed: 22) { random, row in
    let isFar = row % 25 == 7
    let base = random.normal()
    let shift = isFar ? (random.uniform() < 0.5 ? -6.0 : 6.0) : 0
    return ([base + shift, base + 0.3 * random.normal() - shift, random.normal()], isFar ? 1 : 0)
  }

  /// What 25 users think of 20 items: their habits, the items' quality, one hidden taste.
  public static let ratings = ratingsTable()

  /// An hourly series with a daily season and a slow trend; test rows follow the training rows.
  public static let series = seriesTable()

  private static func unsupervised(
    _ name: String, _ task: Task, seed: UInt64, row: (inout RandomStream, Int) -> ([Double], Int32)
  ) -> CheckTable {
    var random = Seed(seed).generator
    let rows = (0..<(trainCount + testCount)).map { row(&random, $0) }
    let names = ["signal", "curve", "noise"]
    let columns = names.indices.map { k in (names[k], Column(numbers: rows.map { $0.0[k] })) }
    var table = cut(name, task, columns, .absent(rowCount: rows.count))
    table.hiddenTruth = rows.suffix(testCount).map(\.1)
    table.columns = names
    return table
  }

  private static func ratingsTable() -> CheckTable {
    var random = Seed(23).generator
    let (userCount, itemCount) = (25, 20)
    let users = (0..<userCount).map { _ in (0.5 * random.normal(), random.normal()) }
    let items = (0..<itemCount).map { _ in (0.7 * random.normal(), random.normal()) }
    var order = Array(0..<(userCount * itemCount))
    for place in order.indices.reversed() { order.swapAt(place, random.index(below: place + 1)) }
    let pairs = order.prefix(trainCount + testCount).map { ($0 / itemCount, $0 % itemCount) }
    let values: [Double] = pairs.map { pair in
      let taste: Double = 0.4 * users[pair.0].1 * items[pair.1].1
      let level: Double = 3.5 + users[pair.0].0 + items[pair.1].0
      return level + taste + 0.2 * random.normal()
    }
    let columns = [
      ("user", Column(categories: pairs.map { "u\($0.0)" }, levels: (0..<userCount).map { "u\($0)" })),
      ("item", Column(categories: pairs.map { "i\($0.1)" }, levels: (0..<itemCount).map { "i\($0)" })),
    ]
    var table = cut("ratings", .recommendation, columns, .values(values))
    table.columns = ["user", "item"]
    return table
  }

  private static func seriesTable() -> CheckTable {
    var random = Seed(24).generator
    let count = trainCount + testCount
    let moments = (0..<count).map { 1_700_000_000_000_000 + Int64($0) * 3_600_000_000 }
    let season: [Double] = [0, -2, -4, -4, -2, 0, 2, 6, 10, 12, 12, 10, 10, 12, 12, 10, 8, 6, 6, 4, 4, 2, 2, 0]
    var values: [Double] = []
    for row in 0..<count {
      let trend = 50 + 0.02 * Double(row)
      values.append(trend + season[row % 24] + 0.5 * random.normal())
    }
    var table = cut("series", .forecasting, [("moment", Column(.timestamp(moments)))], .values(values))
    table.columns = ["moment"]
    return table
  }

  private static func cut(_ name: String, _ task: Task, _ columns: [(String, Column)], _ target: Target) -> CheckTable {
    guard let frame = try? Frame(columns) else { preconditionFailure("columns of equal length") }
    let train = Array(0..<trainCount)
    let test = Array(trainCount..<(trainCount + testCount))
    return CheckTable(
      name: name, task: task, train: frame.gathered(train), trainTarget: target.gathered(train),
      test: frame.gathered(test), testTarget: target.gathered(test))
  }
}
