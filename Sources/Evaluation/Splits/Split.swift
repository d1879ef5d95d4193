public import Basics
public import Modeling

/// Rows to learn from and rows set aside.
public struct Split: Sendable, Hashable {
  /// How rows were told apart.
  public enum Method: String, Sendable, Hashable, Codable {
    /// A row's own hash decides: it stays on its side for ever, whatever rows join.
    case threshold
    /// Within each class the rows with the lowest hashes: exact shares for small data.
    case stratified
    /// The latest rows.
    case time
    /// A row's own hash decides, whatever its class.
    case random
    /// Whole groups, by the hash of their name.
    case group
  }

  /// Rows to learn from, ascending.
  public var training: [Int]
  /// Rows set aside, ascending.
  public var test: [Int]
  /// How rows were told apart.
  public var method: Method
  /// Whether rows with equal keys were kept on one side.
  public var keepsEqualKeysTogether: Bool

  /// Below this many rows, or with a class below `rareCount`, shares are made exact within each class.
  static let smallCount = 5000
  static let rareCount = 100

  /// Sets rows aside for the sealed test, by hash of their key and never by position, so that shuffling a file, adding
  /// rows to it or reading it in shards leaves a row on its side, and a row that comes back in new data cannot move
  /// from the test into training.
  ///
  /// Up to 5,000 rows, or with a class of fewer than 100, a plain hash leaves shares to chance; there the rows with
  /// the lowest hashes of each class (or of each fifth of a number target) are taken. A row near the border may then
  /// change sides when rows join.
  ///
  /// Rows with equal keys fall on the same side when most keys are distinct; otherwise repeats count as different rows.
  ///
  /// - Parameters:
  ///   - rowKeys: one content key a row.
  ///   - fraction: share of rows to set aside, above 0 and below 1.
  ///   - grouped: keys name groups (a customer, a patient) that must not be torn apart, however often they repeat; up
  ///     to 5,000 groups, shares are made exact.
  ///   - isExact: shares are made exact within each class, however many rows there are.
  /// - Throws: `.invalidParameter` for a fraction out of range, `.shapeMismatch`, `.invalidData` for fewer than two
  ///   rows or when one side would be empty.
  public static func sealed(
    rowKeys: [UInt64], fraction: Double, seed: Seed, target: Target? = nil, grouped: Bool = false,
    isExact: Bool = false
  ) throws -> Split {
    guard fraction > 0, fraction < 1 else {
      throw MLError(
        .invalidParameter, "split: 'test' must be above 0 and below 1; got \(fraction).",
        hint: "Use 0.2 for a fifth of the rows.", field: "test")
    }
    try check(rowKeys, target)
    let together = grouped || Strata.keepsTogether(rowKeys)
    let strata = Strata(
      rowKeys: rowKeys, target: grouped ? nil : target, seed: seed.derived("sealed"), keepsTogether: together)
    let count = grouped ? strata.groups.reduce(0) { $0 + $1.count } : rowKeys.count
    let isSmall =
      isExact || count <= smallCount
      || target.map { !$0.classNames.isEmpty && strata.groups.contains { $0.count < rareCount } } ?? false
    var isTest = [Bool](repeating: false, count: rowKeys.count)
    for groups in strata.groups {
      let chosen = isSmall ? lowest(groups, fraction) : groups.filter { StableHash.fraction($0.hash) < fraction }
      for group in chosen { for row in group.rows { isTest[row] = true } }
    }
    return try Split(isTest, method: isSmall ? .stratified : .threshold, together: together)
  }

  /// Sets the latest rows aside: a model that predicts the future must be judged on a future it has not seen. Rows of
  /// the same instant stay together; rows without a time are trained on.
  /// - Parameters:
  ///   - times: one instant a row in any unit, `nil` when missing.
  ///   - purge: how far past its time a row's target looks, in the unit of `times`: rows nearer to the test than that
  ///     already know part of it and are left out of training.
  ///   - embargo: further distance kept free, for features that echo the past.
  /// - Throws: as `sealed`; `.invalidParameter` for a negative distance.
  /// - Source: López de Prado, *Advances in financial machine learning*, ch. 7, 2018.
  public static func latest(
    times: [Double?], fraction: Double, purge: Double = 0, embargo: Double = 0
  ) throws -> Split {
    try checkGap(purge, embargo)
    guard fraction > 0, fraction < 1 else {
      throw MLError(.invalidParameter, "split: 'test' must be above 0 and below 1; got \(fraction).", field: "test")
    }
    let known = times.compactMap { $0 }.filter(\.isFinite).sorted()
    guard known.count >= 2 else {
      throw MLError(.invalidData, "split: needs at least 2 rows with a time; got \(known.count).")
    }
    let cut = known[min(known.count - 1, max(1, Int((Double(known.count) * (1 - fraction)).rounded())))]
    var split = try Split(times.map { $0.map { $0 >= cut } ?? false }, method: .time, together: true)
    if purge + embargo > 0 {
      split.training.removeAll { row in times[row].map { $0 + purge + embargo >= cut } ?? false }
      guard !split.training.isEmpty else {
        throw MLError(
          .invalidData, "split: purge and embargo leave nothing to train on.", hint: "Lower one of them.",
          field: "embargo")
      }
    }
    return split
  }

  static func checkGap(_ purge: Double, _ embargo: Double) throws {
    for (name, value) in [("purge", purge), ("embargo", embargo)] where !(value >= 0 && value.isFinite) {
      throw MLError(
        .invalidParameter, "split: '\(name)' must be a finite number of at least 0; got \(value).", field: name)
    }
  }

  init(_ isTest: [Bool], method: Method, together: Bool) throws {
    training = isTest.indices.filter { !isTest[$0] }
    test = isTest.indices.filter { isTest[$0] }
    self.method = method
    keepsEqualKeysTogether = together
    guard !training.isEmpty, !test.isEmpty else {
      throw MLError(
        .invalidData, "split: \(isTest.count) rows leave nothing \(test.isEmpty ? "to test on" : "to train on").",
        hint: "Give more rows, or a test file of their own.")
    }
  }

  /// The groups with the lowest hashes that hold about `fraction` of the rows.
  private static func lowest(_ groups: [Strata.Group], _ fraction: Double) -> [Strata.Group] {
    let total = groups.reduce(0) { $0 + $1.rows.count }
    let wanted = (fraction * Double(total)).rounded()
    var taken = 0
    return groups.filter { group in
      let after = taken + group.rows.count
      let isCloser = Double(after) - wanted <= wanted - Double(taken)
      if isCloser, after < total { taken = after }
      return isCloser && taken == after
    }
  }

  static func check(_ rowKeys: [UInt64], _ target: Target?) throws {
    if let target, target.count != rowKeys.count {
      throw MLError(.shapeMismatch, "split: target must have \(rowKeys.count) rows; got \(target.count).")
    }
    guard rowKeys.count >= 2 else {
      throw MLError(.invalidData, "split: needs at least 2 rows; got \(rowKeys.count).", hint: "Give more rows.")
    }
  }
}
