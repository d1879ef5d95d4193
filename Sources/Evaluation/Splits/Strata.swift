import Basics
import Modeling

/// Rows grouped by key and sorted into classes, ready to be dealt out without looking at positions.
struct Strata: Sendable {
  /// Rows that must stay together, by stratum; within a stratum by hash.
  let groups: [[Group]]

  /// Rows with one key.
  struct Group: Sendable {
    let hash: UInt64
    let rows: [Int]
  }

  /// - Parameter keepsTogether: rows with equal keys form one group; otherwise each row is a group of its own.
  init(rowKeys: [UInt64], target: Target?, seed: Seed, keepsTogether: Bool) {
    let keys = keepsTogether ? rowKeys : RowIdentity.distinct(rowKeys, target: target?.doubles, rowCount: rowKeys.count)
    let codes = Self.codes(target, rowCount: rowKeys.count)
    let hashes = keys.map { StableHash.combine($0, seed.value) }
    let order = hashes.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
    var groups: [[Group]] = Array(repeating: [], count: (codes.max() ?? 0) + 1)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, hashes[order[end]] == hashes[order[start]] { end += 1 }
      let rows = Array(order[start..<end])
      let stratum = rows.reduce(Int.max) { min($0, codes[$1]) }
      groups[stratum].append(Group(hash: hashes[order[start]], rows: rows))
      start = end
    }
    self.groups = groups.filter { !$0.isEmpty }
  }

  /// Whether equal keys stay together: when at least half of the keys are distinct, a repeat is a copy of a row and its
  /// copies on both sides would leak; when most repeat, the columns are coarse and repeats are different rows.
  static func keepsTogether(_ rowKeys: [UInt64]) -> Bool { Set(rowKeys).count * 2 >= rowKeys.count }

  /// Class of each row; for numbers the fifth of the target it lies in, so small sets get the whole range on each side.
  private static func codes(_ target: Target?, rowCount: Int) -> [Int] {
    switch target {
    case nil: return [Int](repeating: 0, count: rowCount)
    case .classes(let codes, _): return codes.map { max(0, Int($0)) }
    case .values(let values):
      guard values.count >= 25, values.count < 100_000 else { return [Int](repeating: 0, count: rowCount) }
      let sorted = values.sorted()
      let bounds = (1..<5).map { sorted[$0 * sorted.count / 5] }
      return values.map { value in bounds.reduce(0) { $0 + (value >= $1 ? 1 : 0) } }
    }
  }
}
