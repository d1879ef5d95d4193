import Basics
import Frames
import Modeling

/// How well one column alone tells the target: cells are given the commonest class, or the mean, of one half of the
/// rows and judged on the other half, so that learning rows by heart does not count.
struct SingleColumnPower {
  /// Share of the way from guessing to perfect, at most 1: of wrong guesses avoided (classes) or of variance (numbers).
  /// `nil` where the target does not vary.
  private(set) var explained: Double?
  /// The largest cell of a level column that is all of one rare class.
  private(set) var pureLevel: (rowCount: Int, classShare: Double)?

  /// Rows a pure level needs, and the share its class may have at most.
  static let pureRows = 20
  static let pureClassShare = 0.2

  init(_ column: Column, _ target: Target, _ keys: [UInt64]) {
    let (cells, cellCount) = Self.cells(column)
    guard cellCount > 1 else { return }
    switch target {
    case .classes(let codes, let names) where names.count > 1:
      var tables = [[Int]](repeating: [Int](repeating: 0, count: cellCount * names.count), count: 2)
      for row in cells.indices { tables[Int(keys[row] & 1)][cells[row] * names.count + Int(codes[row])] += 1 }
      explained = Self.avoided(tables, classCount: names.count, cellCount: cellCount)
      if cellCount <= 66, column.kind != .number {
        pureLevel = Self.pure(tables, classCount: names.count, cellCount: cellCount)
      }
    case .classes: return
    case .values(let values): explained = Self.varianceExplained(cells, cellCount, values, keys)
    }
  }

  /// Cell of each row and how many there are; a missing value is a cell.
  private static func cells(_ column: Column) -> ([Int], Int) {
    let cells: [Int]
    let count: Int
    switch ColumnProfile(name: "", of: column).grid {
    case .numeric(let grid):
      cells = ColumnCounts.numbers(of: column).map { grid.slot(of: $0) + 1 }
      count = grid.slotCount + 1
    case .levels(let grid):
      count = grid.names.count + 2
      switch column.storage {
      case .category(let codes, _): cells = codes.map { Int($0) + 1 }
      case .boolean(let values): cells = values.map { $0 ? 2 : 1 }
      case .number, .integer, .text, .timestamp, .vector: return ([], 0)
      }
    }
    return (cells.indices.map { column.isPresent($0) ? cells[$0] : 0 }, count)
  }

  // MARK: Classes

  private static func avoided(_ tables: [[Int]], classCount: Int, cellCount: Int) -> Double? {
    var (right, guessed, total) = (0, 0, 0)
    for half in 0..<2 {
      let (seen, judged) = (tables[1 - half], tables[half])
      let sums = (0..<classCount).map { k in
        stride(from: k, to: seen.count, by: classCount).reduce(0) { $0 + seen[$1] }
      }
      let common = best(sums[...])
      var near = common
      for cell in 0..<cellCount {
        let range = cell * classCount..<(cell + 1) * classCount
        let rows = judged[range]
        // A cell the other half has no row in is guessed as the cell before it.
        if seen[range].contains(where: { $0 > 0 }) { near = best(seen[range]) }
        right += rows[range.lowerBound + near]
        guessed += rows[range.lowerBound + common]
        total += rows.reduce(0, +)
      }
    }
    return total > guessed ? Double(right - guessed) / Double(total - guessed) : nil
  }

  /// Position of the largest count, the first of equals.
  private static func best(_ counts: ArraySlice<Int>) -> Int {
    var best = counts.startIndex
    for index in counts.indices where counts[index] > counts[best] { best = index }
    return best - counts.startIndex
  }

  private static func pure(_ tables: [[Int]], classCount: Int, cellCount: Int) -> (rowCount: Int, classShare: Double)? {
    let counts = zip(tables[0], tables[1]).map(+)
    let total = Double(counts.reduce(0, +))
    var found: (rowCount: Int, classShare: Double)?
    for cell in 1..<cellCount {
      let rows = counts[cell * classCount..<(cell + 1) * classCount]
      let sum = rows.reduce(0, +)
      guard sum >= pureRows, sum > found?.rowCount ?? 0, let k = rows.firstIndex(of: sum) else { continue }
      let inClass = stride(from: k - rows.startIndex, to: counts.count, by: classCount).reduce(0) { $0 + counts[$1] }
      let share = Double(inClass) / total
      if share <= pureClassShare { found = (sum, share) }
    }
    return found
  }

  // MARK: Numbers

  private static func varianceExplained(
    _ cells: [Int], _ cellCount: Int, _ values: [Double], _ keys: [UInt64]
  ) -> Double? {
    var sums = [Double](repeating: 0, count: 2 * cellCount)
    var counts = [Double](repeating: 0, count: 2 * cellCount)
    let mean = values.reduce(0, +) / Double(values.count)
    for row in cells.indices {
      let place = Int(keys[row] & 1) * cellCount + cells[row]
      sums[place] += values[row] - mean
      counts[place] += 1
    }
    // A cell one half has no row in is guessed as the cell before it.
    var guesses = [Double](repeating: 0, count: 2 * cellCount)
    for half in 0..<2 {
      var near = 0.0
      for place in (half * cellCount)..<((half + 1) * cellCount) {
        if counts[place] > 0 { near = sums[place] / counts[place] }
        guesses[place] = near
      }
    }
    var (left, all) = (0.0, 0.0)
    for row in cells.indices {
      let guess = guesses[Int(1 - keys[row] & 1) * cellCount + cells[row]]
      let value = values[row] - mean
      left += (value - guess) * (value - guess)
      all += value * value
    }
    let share = 1 - left / all
    return all > 0 && share.isFinite ? share : nil
  }
}
