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

  /// Deals the rows of each class into `count` folds in order of the hash of their keys: every fold has its share of every
  /// class, and neither row order nor threads matter. Number targets are dealt within fifths of their range.
  ///
  /// A class with fewer rows than folds is held out in as many folds as it has rows; a single row of a class is trained on
  /// in every fold, since a model cannot be asked for a class it never saw. Equal keys stay together as in
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
        .invalidData, "folds: \(rowKeys.count) rows are too few or too alike to hold some out.", hint: "Give more rows.")
    }
    return Folds(assignment: assignment, count: foldCount, isChronological: false)
  }

  /// Cuts rows into `count + 1` stretches of time; fold `k` is trained on the stretches before it. Rows of the same
  /// instant stay together; rows without a time are trained on in every fold.
  ///
  /// - Throws: `.invalidParameter`, `.invalidData` for too few instants.
  public static func chronological(times: [Double?], count: Int) throws -> Folds {
    guard count >= 1 else {
      throw MLError(.invalidParameter, "folds: must be at least 1; got \(count).", field: "folds")
    }
    let known = times.compactMap { $0 }.filter(\.isFinite).sorted()
    guard Set(known).count > count else {
      throw MLError(.invalidData, "folds: \(count) folds in time need more than \(count) different instants.")
    }
    let bounds = (1...count).map { known[$0 * known.count / (count + 1)] }
    let assignment = times.map { time in time.map { t in bounds.reduce(-1) { $0 + (t >= $1 ? 1 : 0) } } ?? -1 }
    return Folds(assignment: assignment, count: count, isChronological: true)
  }

  /// Rows to learn from when `fold` is held out, ascending.
  public func training(_ fold: Int) -> [Int] {
    assignment.indices.filter { isChronological ? assignment[$0] < fold : assignment[$0] != fold }
  }

  /// Rows held out as `fold`, ascending.
  public func validation(_ fold: Int) -> [Int] { assignment.indices.filter { assignment[$0] == fold } }

  /// How many folds, how often: few rows make one round of folds a matter of luck, so small sets take several rounds with
  /// different seeds; large ones need fewer folds.
  public static func suggested(rowCount: Int) -> (count: Int, repeats: Int) {
    switch rowCount {
    case ..<300: (5, 4)
    case ..<1000: (5, 2)
    case ..<100_000: (5, 1)
    default: (3, 1)
    }
  }
}
