/// Cells of two samples, joined until each holds enough rows for the smaller sample to say something.
///
/// The reference alone decides which cells join, so that chance in the window does not. Values outside the reference
/// (new levels, below, above, gaps between single values) count with their neighbours unless they are more than the
/// finite reference lets one expect (Good and Turing: as many as it has values seen just once); then they are a cell of
/// their own.
struct CoarseCells {
  /// Rows of the reference.
  private(set) var reference: [Int64] = []
  /// Rows of the window.
  private(set) var window: [Int64] = []

  static let largestCount = 32
  /// Rows that a cell should hold in the smaller sample.
  static let rowsPerCell = 25.0

  init(_ profile: ColumnProfile, _ counts: ColumnCounts) {
    let present = Double(min(profile.counts.presentCount, counts.presentCount))
    let cellCount = max(4, min(Double(Self.largestCount), present / Self.rowsPerCell))
    switch profile.grid {
    case .numeric(let grid): joinNumbers(grid, profile.counts, counts, share: 1 / cellCount)
    case .levels(let grid): joinLevels(grid, profile.counts, counts)
    }
    append(profile.counts.missingCount, counts.missingCount)
  }

  /// Two cells only: rows with a value and rows without.
  init(presenceOf first: ColumnCounts, _ second: ColumnCounts) {
    append(first.presentCount, second.presentCount)
    append(first.missingCount, second.missingCount)
  }

  private mutating func append(_ first: Int64, _ second: Int64) {
    reference.append(first)
    window.append(second)
  }

  // MARK: Numbers

  private mutating func joinNumbers(
    _ grid: NumericGrid, _ first: ColumnCounts, _ second: ColumnCounts, share: Double
  ) {
    let full = share * Double(first.presentCount)
    let cells = 1..<(grid.cellCount + 1)
    let gaps = cells.reduce(0) { $0 + (first.slots[$1] == 0 ? second.slots[$1] : 0) }
    let onceOnly = cells.count { first.slots[$0] == 1 && grid.isSingle($0 - 1) }
    let expected = Double(onceOnly + 1) / Double(first.presentCount + 1)
    let gapsStandApart = Self.exceeds(gaps, of: second.presentCount, expected: expected)
    var open: (reference: Int64, window: Int64) = (0, 0)
    for cell in cells {
      let rows = first.slots[cell]
      if Double(rows) >= full { close(&open, full: full) }
      open.reference += rows
      open.window += rows == 0 && gapsStandApart ? 0 : second.slots[cell]
      if Double(open.reference) >= full, rows > 0 {
        append(open.reference, open.window)
        open = (0, 0)
      }
    }
    close(&open, full: full)
    if open != (0, 0) { append(open.reference, open.window) }
    addOutside(first, second)
    if gapsStandApart { append(0, gaps) }
  }

  /// Ends an open cell: alone when it is half full, else with the cell before it; stays open when there is none.
  private mutating func close(_ open: inout (reference: Int64, window: Int64), full: Double) {
    if open.reference > 0, Double(open.reference) >= full / 2 {
      append(open.reference, open.window)
    } else if let last = reference.indices.last {
      reference[last] += open.reference
      window[last] += open.window
    } else {
      return
    }
    open = (0, 0)
  }

  /// Rows of the window below and above: with the outermost cells, or cells of their own when there are too many.
  private mutating func addOutside(_ first: ColumnCounts, _ second: ColumnCounts) {
    let expected = 1 / Double(first.presentCount + 1)
    let inside = reference.count
    for (slot, neighbour) in [(0, 0), (second.slots.count - 1, inside - 1)] where second.slots[slot] > 0 {
      let rows = second.slots[slot]
      if inside == 0 || Self.exceeds(rows, of: second.presentCount, expected: expected) {
        append(0, rows)
      } else {
        window[neighbour] += rows
      }
    }
  }

  // MARK: Levels

  private mutating func joinLevels(_ grid: LevelGrid, _ first: ColumnCounts, _ second: ColumnCounts) {
    let present = Double(first.presentCount)
    let smaller = Double(min(first.presentCount, second.presentCount))
    var (p, q) = (first.slots[grid.rareSlot], second.slots[grid.rareSlot])
    for cell in 0..<grid.ownCellCount {
      let (a, b) = (first.slots[cell], second.slots[cell])
      if present > 0, Double(a) / present * smaller >= 5 {
        append(a, b)
      } else {
        p += a
        q += b
      }
    }
    let new = second.slots[grid.newSlot]
    let expected = Double(grid.singletonCount + 1) / (present + 1)
    if Self.exceeds(new, of: second.presentCount, expected: expected) { append(0, new) } else { q += new }
    append(p, q)
  }

  /// Whether `rows` of `total` are more than chance makes of `expected`, three standard errors off.
  static func exceeds(_ rows: Int64, of total: Int64, expected: Double) -> Bool {
    guard rows > 0, total > 0 else { return false }
    let bound = Proportion(rows, of: total).low(3)
    return bound > min(1, 3 * expected)
  }
}
