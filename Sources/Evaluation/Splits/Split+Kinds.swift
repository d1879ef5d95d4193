public import Basics
public import Frames

extension Split {
  /// Sets rows aside by their own hash alone, whatever their class: the share is met on average, and a row stays on its
  /// side for ever.
  ///
  /// - Throws: as `sealed`.
  public static func random(rowKeys: [UInt64], fraction: Double, seed: Seed) throws -> Split {
    guard fraction > 0, fraction < 1 else {
      throw MLError(.invalidParameter, "split: 'test' must be above 0 and below 1; got \(fraction).", field: "test")
    }
    try check(rowKeys, nil)
    let salt = seed.derived("sealed").value
    return try Split(
      rowKeys.map { StableHash.fraction(StableHash.combine($0, salt)) < fraction }, method: .random,
      together: true)
  }

  /// Sets whole groups aside: no value of `column` (a customer, a patient) has rows on both sides. Rows without a value
  /// are groups of their own.
  ///
  /// - Throws: as `sealed`.
  public static func grouped(
    by column: Column, rowKeys: [UInt64], fraction: Double, seed: Seed
  ) throws -> Split {
    let groups = try GroupKeys.keys(column, rowKeys: rowKeys)
    guard Set(groups).count >= 2 else {
      throw MLError(.invalidData, "split: all rows are of one group.", hint: "Choose another column.", field: "by")
    }
    var split = try sealed(rowKeys: groups, fraction: fraction, seed: seed, grouped: true)
    split.method = .group
    return split
  }
}

/// Keys of groups, for `Split.sealed` and `Folds.make` with `grouped`.
public enum GroupKeys {
  /// Hash of each row's value; rows without one get their row key.
  ///
  /// - Throws: `.shapeMismatch`; `.invalidParameter` for a vector column.
  public static func keys(_ column: Column, rowKeys: [UInt64]) throws -> [UInt64] {
    guard column.count == rowKeys.count else {
      throw MLError(.shapeMismatch, "groups: column must have \(rowKeys.count) rows; got \(column.count).")
    }
    guard column.kind != .vector else {
      throw MLError(.invalidParameter, "groups: a vector column has no groups.", field: "by")
    }
    return rowKeys.indices.map { row in
      column.text(at: row).map { StableHash.hash($0) } ?? StableHash.mix(rowKeys[row] ^ 0x67_726F_7570)
    }
  }
}
