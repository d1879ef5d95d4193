public import Basics
public import Modeling

/// Parts of the training rows that take turns at being held out.
public struct Folds: Sendable, Hashable {
  /// Fold of every row; -1 for rows that are trained on in every fold and never held out.
  public let assignment: [Int]
  /// Folds.
  public let count: Int
  /// Whether a fold is trained on earlier folds only.
  public let isChronological: Bool
  /// Rows of each fold that are neither held out nor trained on, ascending; no lists where there are none at all.
  let excluded: [[Int]]

  init(assignment: [Int], count: Int, isChronological: Bool, excluded: [[Int]] = []) {
    self.assignment = assignment
    self.count = count
    self.isChronological = isChronological
    self.excluded = excluded
  }

  /// Deals the rows of each class into `count` folds in order of the hash of their keys: every fold has its share of
  /// every class, and neither row order nor threads matter. Number targets are dealt within fifths of their range.
  ///
  /// A class with fewer rows than folds is held out in as many folds as it has rows; a single row of a class is
  /// trained on in every fold, since a model cannot be asked for a class it never saw. Equal keys stay together as in
  /// `Split.sealed`.
  ///
  /// - Parameter count: at least 2; lowered to the number of distinct rows.
  /// - Throws: `.invalidParameter`, `.shapeMismatch`, `.invalidData` for fewer than two rows.
  public static func make(
    _ rowKeys: [UInt64], count: Int, target: Target? = nil, seed: Seed = Seed(0), grouped: Bool = false
  ) throws -> Folds {
    guard count >= 2 else {
      throw MLError(.invalidParameter, "folds: must be at least 2; got \(count).", hint: "Try 5.", field: "folds")
    }
    try Split.check(rowKeys, target)
    let together = grouped || Strata.keepsTogether(rowKeys)
    let strata = Strata(
      rowKeys: rowKeys, target: grouped ? nil : target, seed: seed.derived("folds"), keepsTogether: together)
    let isClassified = target?.classNames.isEmpty == false
    var assignment = [Int](repeating: -1, count: rowKeys.count)
    var dealt = 0
    let foldCount = max(2, min(count, strata.groups.reduce(0) { $0 + $1.count }))
    for groups in strata.groups {
      if isClassified, groups.count == 1, strata.groups.count > 1 { continue }
      for group in groups {
        for row in group.rows { assignment[row] = dealt % foldCount }
        dealt += 1
      }
    }
    guard Set(assignment).subtracting([-1]).count >= 2 else {
      throw MLError(
        .invalidData, "folds: \(rowKeys.count) rows are too few or too alike to hold some out.",
        hint: "Give more rows.")
    }
    return Folds(assignment: assignment, count: foldCount, isChronological: false)
  }

  /// Cuts rows into `count + 1` stretches of time; fold `k` is trained on the stretches before it. Rows of the same
  /// instant stay together; rows without a time are trained on in every fold.
  ///
  /// - Parameters:
  ///   - purge: how far past its time a row's target looks, in the unit of `times`; rows nearer to the held-out stretch
  ///     are left out of training.
  ///   - embargo: further distance kept free.
  /// - Throws: `.invalidParameter`, `.invalidData` for too few instants.
  public static func chronological(
    times: [Double?], count: Int, purge: Double = 0, embargo: Double = 0
  ) throws -> Folds {
    try Split.checkGap(purge, embargo)
    guard count >= 1 else {
      throw MLError(.invalidParameter, "folds: must be at least 1; got \(count).", field: "folds")
    }
    let known = times.compactMap { $0 }.filter(\.isFinite).sorted()
    guard Set(known).count > count else {
      throw MLError(.invalidData, "folds: \(count) folds in time need more than \(count) different instants.")
    }
    let bounds = (1...count).map { known[$0 * known.count / (count + 1)] }
    let assignment = times.map { time in time.map { t in bounds.reduce(-1) { $0 + (t >= $1 ? 1 : 0) } } ?? -1 }
    guard purge + embargo > 0 else { return Folds(assignment: assignment, count: count, isChronological: true) }
    let excluded = (0..<count).map { fold in
      times.indices.filter { row in
        assignment[row] < fold && (times[row].map { $0 + purge + embargo >= bounds[fold] } ?? false)
      }
    }
    return Folds(assignment: assignment, count: count, isChronological: true, excluded: excluded)
  }

  /// Cuts rows into `count` stretches of time that take turns at being held out, trained on both sides: rows whose
  /// target looks into the stretch (`purge` before it) and rows that follow within `purge + embargo` are left out.
  /// Serves where data are too few to train on the past only; rows without a time are trained on in every fold.
  ///
  /// - Parameters: as `chronological`.
  /// - Throws: `.invalidParameter`, `.invalidData` for too few instants.
  /// - Source: López de Prado, *Advances in financial machine learning*, ch. 7, 2018.
  public static func purged(times: [Double?], count: Int, purge: Double = 0, embargo: Double = 0) throws -> Folds {
    try Split.checkGap(purge, embargo)
    guard count >= 2 else {
      throw MLError(.invalidParameter, "folds: must be at least 2; got \(count).", field: "folds")
    }
    let known = times.compactMap { $0 }.filter(\.isFinite).sorted()
    guard Set(known).count > count else {
      throw MLError(.invalidData, "folds: \(count) folds in time need more than \(count) different instants.")
    }
    let bounds = (1..<count).map { known[$0 * known.count / count] }
    let assignment = times.map { time in time.map { t in bounds.reduce(0) { $0 + (t >= $1 ? 1 : 0) } } ?? -1 }
    let excluded = (0..<count).map { fold -> [Int] in
      let held = times.indices.filter { assignment[$0] == fold }.compactMap { times[$0] }
      guard let first = held.min(), let last = held.max() else { return [] }
      return times.indices.filter { row in
        guard let time = times[row], assignment[row] != fold else { return false }
        return time < first ? time + purge >= first && purge > 0 : time <= last + purge + embargo && purge + embargo > 0
      }
    }
    return Folds(assignment: assignment, count: count, isChronological: false, excluded: excluded)
  }

  /// Rows to learn from when `fold` is held out, ascending.
  public func training(_ fold: Int) -> [Int] {
    let rows = assignment.indices.filter { isChronological ? assignment[$0] < fold : assignment[$0] != fold }
    guard excluded.indices.contains(fold), !excluded[fold].isEmpty else { return rows }
    let left = Set(excluded[fold])
    return rows.filter { !left.contains($0) }
  }

  /// Rows held out as `fold`, ascending.
  public func validation(_ fold: Int) -> [Int] { assignment.indices.filter { assignment[$0] == fold } }

  /// How many folds, how often: few rows make one round of folds a matter of luck, so small sets take several rounds
  /// with different seeds; of large ones the first folds alone are played, which hold out rows enough.
  public static func suggested(rowCount: Int) -> (count: Int, repeats: Int, played: Int) {
    switch rowCount {
    case ..<300: (5, 4, 20)
    case ..<1000: (5, 2, 10)
    case ..<30_000: (5, 1, 5)
    case ..<100_000: (5, 1, 3)
    default: (5, 1, 1)
    }
  }
}
