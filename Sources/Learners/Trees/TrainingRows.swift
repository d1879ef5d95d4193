import Basics
import Frames
import Kernels
import Modeling

/// The rows a run learns from: those of weight 0 are gone, small whole-number weights are repetitions.
struct TrainingRows: Sendable {
  /// Features.
  let frame: Frame
  /// Truth.
  let target: Target
  /// Truth as numbers.
  let numbers: SharedDoubles
  /// Weights; `nil` = 1 each.
  let weights: [Double]?

  /// Rows.
  var count: Int { numbers.count }

  /// Repeats rows up to this many, so that a weight of 3 is exactly the row three times on small tables.
  private static let repetitionLimit = 65_536

  /// Takes the rows of `data`.
  ///
  /// - Throws: `.invalidData` without rows.
  init(_ data: TrainingData, _ ranks: Ranks) throws {
    guard data.frame.rowCount > 0 else {
      throw MLError(.invalidData, "gradient-boosted-trees: must have at least one row; got none.", hint: "Add rows.")
    }
    var kept = data
    var weights = data.weights
    if let given = weights, let repeated = try Self.repeated(given, ranks) {
      weights = nil
      if repeated != Array(given.indices) { kept = try Self.gathered(data, repeated) }
    } else if let given = weights, given.contains(0) {
      let rows = given.indices.filter { given[$0] > 0 }
      kept = try Self.gathered(data, rows)
      weights = rows.map { given[$0] }
    }
    frame = kept.frame
    target = kept.target
    self.weights = weights
    let values = kept.target.doubles
    numbers = SharedDoubles(count: values.count)
    numbers.write(0..<values.count) { span in for row in values.indices { span[row] = values[row] } }
  }

  private static func gathered(_ data: TrainingData, _ rows: [Int]) throws -> TrainingData {
    try TrainingData(frame: data.frame.gathered(rows), target: data.target.gathered(rows))
  }

  /// Each row as often as its weight says; `nil` when weights are not small whole numbers.
  private static func repeated(_ weights: [Double], _ ranks: Ranks) throws -> [Int]? {
    let isWhole = weights.allSatisfy { $0 == $0.rounded(.down) && $0 <= Double(repetitionLimit) }
    let total = isWhole ? weights.reduce(0, +) : .infinity
    let isOne = weights.allSatisfy { $0 == 1 }
    let most = try ranks.joined([total, isOne ? 0 : 1])
    let totals = stride(from: 0, to: most.count, by: 2).reduce(0) { $0 + most[$1] }
    if !stride(from: 1, to: most.count, by: 2).contains(where: { most[$0] == 1 }) { return Array(weights.indices) }
    guard totals <= Double(repetitionLimit) else { return nil }
    return weights.indices.flatMap { repeatElement($0, count: Int(weights[$0])) }
  }
}

/// The rows of one iteration, chosen by what they hold.
struct RowSample: Sendable {
  /// Rows chosen, ascending; `nil` = all.
  let chosen: [UInt32]?
  /// The other rows.
  let others: [UInt32]?
  /// How many are chosen.
  let count: Int

  init(_ rows: TrainingRows, _ arena: HistogramArena, _ fraction: Double, _ seed: Seed, _ ranks: Ranks) throws {
    guard fraction < 1 else {
      chosen = nil
      others = nil
      count = rows.count
      return
    }
    var chosen: [UInt32] = []
    var others: [UInt32] = []
    for (row, hash) in arena.rowHashes.enumerated() {
      let key = StableHash.combine(StableHash.combine(hash, StableHash.hash(rows.numbers[row])), seed.value)
      if StableHash.fraction(key) < fraction { chosen.append(UInt32(row)) } else { others.append(UInt32(row)) }
    }
    let isEmpty = try ranks.sums([Int64(chosen.count)])[0] == 0
    self.chosen = isEmpty ? nil : chosen
    self.others = isEmpty ? nil : others
    count = isEmpty ? rows.count : chosen.count
  }
}

/// The features of one tree.
enum ColumnSample {
  /// Which of `count` features may split: about `fraction` of them, at least one.
  static func active(_ count: Int, _ fraction: Double, _ seed: Seed) -> [Bool] {
    guard fraction < 1, count > 1 else { return [Bool](repeating: true, count: count) }
    var stream = seed.generator
    var order = Array(0..<count)
    let wanted = max(1, Int((Double(count) * fraction).rounded()))
    var active = [Bool](repeating: false, count: count)
    for position in 0..<wanted {
      order.swapAt(position, position + stream.index(below: count - position))
      active[order[position]] = true
    }
    return active
  }
}

/// Validation rows in codes and their scores.
struct ValidationScores {
  private let columns: BinnedColumns
  private let scores: SharedDoubles
  private let target: SharedDoubles
  private let width: Int
  private let ranks: Ranks

  /// - Throws: `.invalidData` when the target is of another task or has other classes than the training target.
  init(
    _ data: TrainingData.Validation, _ features: TreeFeatures, _ baseline: [Double], _ training: Target,
    _ workers: Workers, _ ranks: Ranks
  ) throws {
    self.ranks = ranks
    guard data.target.count == data.frame.rowCount else {
      throw MLError(
        .shapeMismatch,
        "gradient-boosted-trees: validation target must have \(data.frame.rowCount) rows; got \(data.target.count).")
    }
    guard data.frame.rowCount > 0, data.target.classNames == training.classNames else {
      throw MLError(
        .invalidData, "gradient-boosted-trees: validation rows must exist and have the classes of the training rows.",
        hint: "Leave validation rows out, or take them from the same table.")
    }
    let values = data.target.doubles
    guard
      values.allSatisfy({
        $0.isFinite && (training.classNames.isEmpty || $0 >= 0 && Int($0) < training.classNames.count)
      })
    else {
      throw MLError(.invalidData, "gradient-boosted-trees: validation target must be finite and of known classes.")
    }
    width = baseline.count
    columns = try features.codes(data.frame, workers)
    scores = SharedDoubles(count: values.count * width)
    target = SharedDoubles(count: values.count)
    for row in values.indices {
      target[row] = values[row]
      for k in 0..<width { scores[row * width + k] = baseline[k] }
    }
  }

  /// Mean objective, over the rows of all ranks.
  func value(_ objective: any Objective) throws -> Double {
    let own = scores.read(0..<scores.count) { scores in
      target.read(0..<target.count) { objective.value(scores: scores, target: $0, weights: nil) }
    }
    if ranks.isAlone { return own }
    let all = try ranks.joined([own * Double(target.count), Double(target.count)])
    let sums = stride(from: 0, to: all.count, by: 2).reduce((0.0, 0.0)) { ($0.0 + all[$1], $0.1 + all[$1 + 1]) }
    return sums.0 / max(1, sums.1)
  }

  /// Adds one tree.
  func add(_ tree: GrownTree, _ values: [Double], _ k: Int, _ workers: Workers) {
    let blocks = Workers.blocks(target.count, minimum: 2048)
    workers.run(blocks.count) { [columns, scores, width] index in
      columns.route(
        tree.binned, rows: nil, range: blocks[index], leafValues: values, scores: scores, stride: width, offset: k)
    }
  }
}
