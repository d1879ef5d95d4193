extension NumericGrid {
  /// A grid over finite, ascending `sorted`, and the count of each slot (below, cells, above).
  ///
  /// Up to `cellCount` different values get a cell each. Otherwise a cell closes once it holds its share of the rows,
  /// and a value that alone has a full share gets a cell of its own.
  ///
  /// - Complexity: O(n).
  static func covering(
    sorted: [Double], wholeNumbers: Bool, cellCount: Int = standardCellCount
  ) -> (grid: NumericGrid, counts: [Int64]) {
    guard let first = sorted.first else { return (.empty, [0, 0]) }
    var builder = Builder(wholeNumbers: wholeNumbers)
    let share = hasFewValues(sorted, limit: cellCount) ? 1 : max(1, (sorted.count + cellCount - 1) / cellCount)
    var start = 0
    while start < sorted.count {
      var end = start + 1
      while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
      builder.add(sorted[start], rows: end - start, share: share)
      start = end
    }
    builder.close()
    return (NumericGrid(minimum: first, bounds: builder.bounds, isOpen: builder.isOpen), [0] + builder.counts + [0])
  }

  private static func hasFewValues(_ sorted: [Double], limit: Int) -> Bool {
    var distinct = 1
    for index in sorted.indices.dropFirst() where sorted[index] != sorted[index - 1] {
      distinct += 1
      if distinct > limit { return false }
    }
    return true
  }

  private struct Builder {
    let wholeNumbers: Bool
    var bounds: [Double] = []
    var isOpen: [Bool] = []
    var counts: [Int64] = []
    private var pending: Int64 = 0
    private var last: Double?

    init(wholeNumbers: Bool) { self.wholeNumbers = wholeNumbers }

    mutating func add(_ value: Double, rows: Int, share: Int) {
      if rows >= share {
        closeBefore(value)
        append(value, open: false, rows: Int64(rows))
      } else {
        pending += Int64(rows)
        if pending >= share { append(value, open: false, rows: pending) }
      }
      last = value
    }

    /// Ends what is pending in an open cell below a single value; an empty one where other values could fall between.
    private mutating func closeBefore(_ value: Double) {
      guard let last else { return }
      let adjacent = last.nextUp >= value || (wholeNumbers && value - last <= 1)
      if pending == 0, adjacent { return }
      if pending > 0, adjacent {
        append(last, open: false, rows: pending)
      } else {
        append(value, open: true, rows: pending)
      }
    }

    mutating func close() {
      if pending > 0, let last { append(last, open: false, rows: pending) }
    }

    private mutating func append(_ bound: Double, open: Bool, rows: Int64) {
      bounds.append(bound)
      isOpen.append(open)
      counts.append(rows)
      pending = 0
    }
  }
}
