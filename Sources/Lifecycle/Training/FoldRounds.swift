import Basics
import Evaluation
import Modeling

/// Folds in one or several rounds, numbered through.
struct FoldRounds: Sendable {
  /// Rounds of folds.
  private let rounds: [Folds]
  /// Round and fold in the order in which they are played.
  private let order: [(round: Int, fold: Int)]
  /// Whether some rows are never held out, because folds follow time.
  let isChronological: Bool

  /// Folds that are there already.
  init(_ folds: Folds) {
    rounds = [folds]
    order = (0..<folds.count).map { (0, $0) }
    isChronological = folds.isChronological
  }

  /// Folds of the training rows; few rows take several rounds with different seeds, because one is a matter of luck.
  /// Groups stay whole; by time, each fold is judged after the rows it was learnt from, the latest first.
  ///
  /// - Parameter repeats: rounds at most; `nil`: as suits the number of rows.
  /// - Throws: `.invalidData` when no fold can be learnt from.
  init(
    _ part: TrainingTable.Part, folds: Int, repeats: Int? = nil, seed: Seed, split: ResolvedSplit
  ) throws {
    if split.method == .time, let times = part.times {
      let folds = try Self.chronological(part, times, folds, split)
      rounds = [folds]
      order = try Self.usable(folds, part.target)
      isChronological = true
      return
    }
    let suggested = Folds.suggested(rowCount: part.rowCount)
    let count = min(folds, suggested.count)
    rounds = try (0..<min(repeats ?? .max, suggested.repeats)).map { round in
      let roundSeed = round == 0 ? seed.derived("folds") : seed.derived("folds").derived(round)
      if split.method == .group, let groups = part.groups {
        return try Self.grouped(groups, count, part.target, roundSeed)
      }
      return try Folds.make(
        part.keys, count: count, target: split.method == .random ? nil : part.target, seed: roundSeed)
    }
    order = rounds.indices.flatMap { [rounds] round in (0..<rounds[round].count).map { (round, $0) } }
    isChronological = false
  }

  var count: Int { order.count }

  /// Folds of the first round: after them every row that can be held out has been.
  var firstRoundCount: Int { order.count { $0.round == 0 } }

  /// Rows to learn from and rows held out as fold `index`.
  func rows(_ index: Int) -> (training: [Int], heldOut: [Int]) {
    guard order.indices.contains(index) else { return ([], []) }
    let (round, fold) = order[index]
    return (rounds[round].training(fold), rounds[round].validation(fold))
  }

  // MARK: Kinds

  /// Groups dealt to folds; of several deals the first in which every fold learns and judges all classes.
  static func grouped(_ groups: [UInt64], _ count: Int, _ target: Target, _ seed: Seed) throws -> Folds {
    func deal(_ seed: Seed) throws -> Folds {
      try Folds.make(groups, count: count, target: nil, seed: seed, grouped: true)
    }
    func isWhole(_ folds: Folds) -> Bool {
      (0..<folds.count).allSatisfy {
        ClassCoverage.isWhole(target, folds.training($0)) && ClassCoverage.isWhole(target, folds.validation($0))
      }
    }
    let first = try deal(seed)
    if isWhole(first) { return first }
    for attempt in 1..<10 {
      let other = try deal(seed.derived("attempt").derived(attempt))
      if isWhole(other) { return other }
    }
    return first
  }

  private static func chronological(
    _ part: TrainingTable.Part, _ times: [Double?], _ folds: Int, _ split: ResolvedSplit
  ) throws -> Folds {
    let gap = TimeGap(split)
    let instants = Set(times.compactMap { $0 }).count
    return try Folds.chronological(
      times: gap.places(times), count: max(1, min(folds, instants - 1)), purge: gap.purge, embargo: gap.embargo)
  }

  /// Fewest rows that a fold is learnt from.
  private static let fewestRows = 10

  /// Folds that can be learnt from, the latest first; those that know all classes where there are any.
  private static func usable(_ folds: Folds, _ target: Target) throws -> [(round: Int, fold: Int)] {
    let known = (0..<folds.count).reversed().filter { fold in
      let rows = folds.training(fold)
      return rows.count >= fewestRows && !folds.validation(fold).isEmpty
        && (target.classNames.isEmpty || ClassCoverage.count(target, rows) > 1)
    }
    let whole = known.filter { ClassCoverage.isWhole(target, folds.training($0)) }
    let kept = whole.isEmpty ? known : whole
    guard !kept.isEmpty else {
      throw MLError(
        .invalidData, "split: no stretch of time can be judged: before each are too few rows, or rows of one class.",
        hint: "Lower purge and embargo, or split by something else.", field: "split")
    }
    return kept.map { (0, $0) }
  }
}
