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
  /// Which rows are ranked against each other.
  let groups: RankingGroups?

  /// Rows.
  var count: Int { numbers.count }

  /// Repeats rows up to this many, so that a weight of 3 is exactly the row three times on small tables.
  private static let repetitionLimit = 65_536

  /// Takes the rows of `data`.
  ///
  /// - Throws: `.invalidData` without rows.
  init(_ data: TrainingData, _ groups: [String]?, _ ranks: Ranks) throws {
    guard data.frame.rowCount > 0 else {
      throw MLError(.invalidData, "gradient-boosted-trees: must have at least one row; got none.", hint: "Add rows.")
    }
    var kept = data
    var rows: [Int]?
    var weights = data.weights
    if let given = weights, let repeated = try Self.repeated(given, ranks) {
      weights = nil
      if repeated != Array(given.indices) { rows = repeated }
    } else if let given = weights, given.contains(0) {
      rows = given.indices.filter { given[$0] > 0 }
      weights = rows?.map { given[$0] }
    }
    if let rows { kept = try TrainingData(frame: kept.frame.gathered(rows), target: kept.target.gathered(rows)) }
    frame = kept.frame
    target = kept.target
    self.groups = groups.map { names in RankingGroups(rows?.map { names[$0] } ?? names) }
    self.weights = weights
    let values = kept.target.doubles
    numbers = SharedDoubles(count: values.count)
    numbers.write(0..<values.count) { span in for row in values.indices { span[row] = values[row] } }
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
