import Basics
import Evaluation
import Frames
import Modeling

/// Puts rows on the side of learning or of judging.
struct RowSides {
  let split: ResolvedSplit
  let fraction: Double
  let seed: Seed

  /// Positions to learn from and positions set aside, ascending; rows in neither are left out.
  ///
  /// - Parameters:
  ///   - rows: row of the dataset of each position.
  ///   - shards: rows of each shard: later shards do not move rows of earlier ones, except by time.
  func sides(
    _ part: TrainingTable.Part, rows: [Int], shards: [Range<Int>]
  ) throws -> (training: [Int], test: [Int]) {
    switch split.method {
    case .time:
      let times = part.times ?? []
      let gap = TimeGap(split)
      let found = try Split.latest(
        times: gap.places(times), fraction: fraction, purge: gap.purge, embargo: gap.embargo)
      return (found.training, found.test)
    case .group: return try grouped(part, rows, shards)
    case .auto, .random, .stratified: return try plain(part, rows, shards)
    }
  }

  /// Each shard is split by the hash of its own rows.
  private func plain(
    _ part: TrainingTable.Part, _ rows: [Int], _ shards: [Range<Int>]
  ) throws -> (training: [Int], test: [Int]) {
    var training: [Int] = []
    var test: [Int] = []
    for shard in shards {
      let positions = rows.indices.filter { shard.contains(rows[$0]) }
      guard positions.count >= 5 else {
        training += positions
        continue
      }
      let keys = positions.map { part.keys[$0] }
      let found =
        split.method == .random
        ? try Split.random(rowKeys: keys, fraction: fraction, seed: seed)
        : try Split.sealed(
          rowKeys: keys, fraction: fraction, seed: seed, target: part.target.gathered(positions),
          isExact: split.method == .stratified)
      training += found.training.map { positions[$0] }
      test += found.test.map { positions[$0] }
    }
    return (training.sorted(), test.sorted())
  }

  /// Groups of earlier shards keep their side; new groups of a shard are told apart among themselves.
  private func grouped(
    _ part: TrainingTable.Part, _ rows: [Int], _ shards: [Range<Int>]
  ) throws -> (training: [Int], test: [Int]) {
    let groups = part.groups ?? part.keys
    var isTest: [UInt64: Bool] = [:]
    for (index, shard) in shards.enumerated() {
      let fresh = rows.indices.filter { shard.contains(rows[$0]) && isTest[groups[$0]] == nil }
      let names = Set(fresh.map { groups[$0] })
      guard !fresh.isEmpty else { continue }
      // Few new groups join the training rows rather than make up a test of their own.
      guard index == 0 || names.count >= 5 else {
        for name in names { isTest[name] = false }
        continue
      }
      let found = try chosen(fresh.map { groups[$0] }, part.target.gathered(fresh))
      for row in found.training { isTest[groups[fresh[row]]] = false }
      for row in found.test { isTest[groups[fresh[row]]] = true }
    }
    return (
      groups.indices.filter { isTest[groups[$0]] != true }, groups.indices.filter { isTest[groups[$0]] == true }
    )
  }

  /// Whole groups; of several deals the first that leaves every class on both sides.
  private func chosen(_ groups: [UInt64], _ target: Target) throws -> Split {
    func deal(_ seed: Seed) throws -> Split {
      try Split.sealed(rowKeys: groups, fraction: fraction, seed: seed, grouped: true)
    }
    func isWhole(_ split: Split) -> Bool {
      ClassCoverage.isWhole(target, split.training) && ClassCoverage.isWhole(target, split.test)
    }
    let first = try deal(seed)
    if isWhole(first) { return first }
    for attempt in 1..<10 {
      let other = try deal(seed.derived("attempt").derived(attempt))
      if isWhole(other) { return other }
    }
    return first
  }
}

/// Which classes rows hold.
enum ClassCoverage {
  /// Classes among the chosen rows; 1 for numbers.
  static func count(_ target: Target, _ rows: [Int]) -> Int {
    guard case .classes(let codes, _) = target else { return 1 }
    return Set(rows.map { codes[$0] }).count
  }

  /// Whether the chosen rows hold every class that there is.
  static func isWhole(_ target: Target, _ rows: [Int]) -> Bool {
    guard case .classes(let codes, _) = target else { return true }
    return Set(rows.map { codes[$0] }).count == Set(codes).count
  }
}

/// Purge and embargo on the scale on which they are given: seconds, or places in order of time.
struct TimeGap: Sendable {
  let purge: Double
  let embargo: Double
  private let isRows: Bool

  init(_ split: ResolvedSplit) {
    purge = split.purge?.amount ?? 0
    embargo = split.embargo?.amount ?? 0
    isRows = split.purge?.isRows ?? split.embargo?.isRows ?? false
  }

  /// Times as they are, or the place of each row in order of time; rows of one instant share the first of their places.
  func places(_ times: [Double?]) -> [Double?] {
    guard isRows else { return times }
    let order = times.indices.filter { times[$0] != nil }.sorted { a, b in
      let (first, second) = (times[a] ?? 0, times[b] ?? 0)
      return first == second ? a < b : first < second
    }
    var out = [Double?](repeating: nil, count: times.count)
    var place = 0
    for (index, row) in order.enumerated() {
      if index > 0, times[row] != times[order[index - 1]] { place = index }
      out[row] = Double(place)
    }
    return out
  }
}
