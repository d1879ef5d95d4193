public import Basics
public import Frames
public import Modeling

/// A small generated table with something to learn in it, cut into training and test rows.
public struct CheckTable: Sendable, CustomStringConvertible {
  /// What the name says: `binary`, `multiclass`, `regression`, `clusters`, `outliers`, `ratings`, `series`.
  public let name: String
  /// Kind of problem.
  public let task: Task
  /// Rows to learn from.
  public let train: Frame
  /// Their truth.
  public let trainTarget: Target
  /// Rows to judge by.
  public let test: Frame
  /// Their truth.
  public let testTarget: Target
  /// Truth of test rows that no learner is shown: cluster numbers, or 1 for anomalies.
  public var hiddenTruth: [Int32] = []
  /// Columns that every learner of the task takes; `nil`: by what its card promises.
  public var columns: [String]?

  /// The name.
  public var description: String { name }

  /// The training rows as learners take them.
  public func trainingData(weights: [Double]? = nil) throws -> TrainingData {
    try TrainingData(frame: train, target: trainTarget, weights: weights)
  }

  /// The same table with other frames, for instance with fewer columns.
  public func mapFrames(_ change: (Frame) throws -> Frame) rethrows -> CheckTable {
    try with(name: name, train: change(train), test: change(test))
  }

  /// The same table with other rows or columns under another name.
  public func with(
    name: String, train: Frame? = nil, trainTarget: Target? = nil, test: Frame? = nil
  ) -> CheckTable {
    CheckTable(
      name: name, task: task, train: train ?? self.train, trainTarget: trainTarget ?? self.trainTarget,
      test: test ?? self.test, testTarget: testTarget, hiddenTruth: hiddenTruth, columns: columns)
  }

  /// The same table with another target.
  public func settingTargets(_ train: Target, _ test: Target) -> CheckTable {
    CheckTable(
      name: name, task: task, train: self.train, trainTarget: train, test: self.test, testTarget: test)
  }
}

/// The tables every entry is checked on.
public enum CheckTables {
  /// Columns that every learner takes: numbers, integers and booleans without missing cells.
  public static let plainColumns = ["signal", "curve", "count", "flag", "noise"]
  /// Columns with missing cells.
  public static let missingColumns = ["gaps"]
  /// Category columns.
  public static let categoryColumns = ["color"]
  /// Columns for transforms only.
  public static let rawColumns = ["moment", "remark", "constant", "serial"]

  /// All of them.
  public static let all: [CheckTable] = [binary, multiclass, regression, clusters, outliers, ratings, series]

  /// Two classes, `no` and `yes`.
  public static let binary = table("binary", .classification, seed: 11) { score, chance in
    score + 0.5 * chance > 0.3 ? 1 : 0
  }

  /// Three classes.
  public static let multiclass = table("multiclass", .classification, seed: 12) { score, chance in
    let noisy = score + 0.4 * chance
    return noisy < -0.6 ? 0 : noisy < 0.8 ? 1 : 2
  }

  /// A number with some noise.
  public static let regression = table("regression", .regression, seed: 13) { score, chance in
    40 + 10 * score + 2 * chance
  }

  /// Tables of `task`.
  public static func tables(for tasks: Set<Task>) -> [CheckTable] { all.filter { tasks.contains($0.task) } }

  static let trainCount = 360
  static let testCount = 140
  static let colors = ["red", "green", "blue", "grey"]

  private static func table(
    _ name: String, _ task: Task, seed: UInt64, outcome: (Double, Double) -> Double
  ) -> CheckTable {
    var rows = RowMaker(seed: seed)
    let count = trainCount + testCount
    for _ in 0..<count { rows.add(outcome) }
    let target: Target
    switch name {
    case "binary": target = .classes(codes: rows.outcomes.map { Int32($0) }, names: ["no", "yes"])
    case "multiclass": target = .classes(codes: rows.outcomes.map { Int32($0) }, names: ["low", "middle", "high"])
    default: target = .values(rows.outcomes)
    }
    guard let frame = try? rows.frame() else { preconditionFailure("columns of equal length") }
    let train = Array(0..<trainCount)
    let test = Array(trainCount..<count)
    return CheckTable(
      name: name, task: task, train: frame.gathered(train), trainTarget: target.gathered(train),
      test: frame.gathered(test), testTarget: target.gathered(test))
  }
}

/// Draws rows; every column is there for a reason named in `frame`.
private struct RowMaker {
  var random: RandomStream
  var signal: [Double] = []
  var curve: [Double] = []
  var noise: [Double] = []
  var gaps: [Double] = []
  var counts: [Int64] = []
  var flags: [Bool] = []
  var colors: [String?] = []
  var moments: [Int64] = []
  var remarks: [String] = []
  var outcomes: [Double] = []

  init(seed: UInt64) { random = Seed(seed).generator }

  mutating func add(_ outcome: (Double, Double) -> Double) {
    signal.append(random.normal())
    curve.append(4 * random.uniform() - 2)
    noise.append(random.normal())
    counts.append(Int64(random.index(below: 10)))
    flags.append(random.uniform() < 0.4)
    let color = random.index(below: CheckTables.colors.count)
    let hidden = random.normal()
    gaps.append(random.uniform() < 0.15 ? .nan : hidden)
    colors.append(random.uniform() < 0.05 ? nil : CheckTables.colors[color])
    moments.append(1_700_000_000_000_000 + Int64(outcomes.count) * 3_600_000_000)
    let row = outcomes.count
    var score = signal[row] + 0.5 * curve[row] * curve[row] - 1.1
    score += 0.1 * Double(counts[row]) + 0.3 * hidden
    score += flags[row] ? 0.5 : -0.3
    score += color == 0 ? 0.6 : 0.0
    remarks.append(score > 0 ? "fine and warm, visit \(row % 7)" : "cold, windy; visit \(row % 5)")
    outcomes.append(outcome(score, random.normal()))
  }

  func frame() throws -> Frame {
    try Frame([
      ("signal", Column(numbers: signal)),  // linear
      ("curve", Column(numbers: curve)),  // needs a tree or a product
      ("count", Column(.integer(counts))),
      ("flag", Column(.boolean(flags))),
      ("noise", Column(numbers: noise)),
      ("gaps", Column(numbers: gaps)),  // one in seven missing
      ("color", Column(categories: colors, levels: CheckTables.colors)),  // one in twenty missing
      ("moment", Column(.timestamp(moments))),
      ("remark", Column(.text(remarks))),
      ("constant", Column(.number(Array(repeating: 3, count: signal.count)))),
      ("serial", Column(.integer((0..<Int64(signal.count)).map { 1000 + $0 }))),
    ])
  }
}
