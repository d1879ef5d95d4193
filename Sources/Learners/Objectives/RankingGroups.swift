/// Which rows are ranked against each other: the documents of one query, the offers of one visit.
public struct RankingGroups: Sendable, Hashable {
  /// Rows, group after group, in row order inside a group.
  let rows: [Int32]
  /// First place of each group in `rows`, and the end.
  let starts: [Int]

  /// Groups.
  public var count: Int { starts.count - 1 }

  /// Groups of rows with equal names, in order of first appearance; rows of a group need not be adjacent.
  public init(_ names: [String]) {
    var places: [String: Int] = [:]
    var groups: [Int] = []
    groups.reserveCapacity(names.count)
    for name in names {
      let next = places.count
      groups.append(places[name, default: next])
      if groups[groups.count - 1] == next { places[name] = next }
    }
    var starts = [Int](repeating: 0, count: places.count + 1)
    for group in groups { starts[group + 1] += 1 }
    for group in 0..<places.count { starts[group + 1] += starts[group] }
    var next = starts
    var rows = [Int32](repeating: 0, count: names.count)
    for (row, group) in groups.enumerated() {
      rows[next[group]] = Int32(row)
      next[group] += 1
    }
    self.rows = rows
    self.starts = starts
  }

  private init(rows: [Int32], starts: [Int]) {
    self.rows = rows
    self.starts = starts
  }

  /// The same groups with the rows of each in ascending order of `keys`, one a row.
  func ordered(by keys: [UInt64]) -> RankingGroups {
    let ordered = (0..<count).flatMap { group in
      members(group).sorted { (keys[Int($0)], $0) < (keys[Int($1)], $1) }
    }
    return RankingGroups(rows: ordered, starts: starts)
  }

  /// Rows of a group.
  func members(_ group: Int) -> ArraySlice<Int32> { rows[starts[group]..<starts[group + 1]] }
}
