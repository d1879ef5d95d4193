import Basics
import Frames

/// Maps values of a window back onto the distribution of training.
struct Restoration {
  let profile: ColumnProfile
  private let seed: Seed
  private var stream: RandomStream

  init(_ profile: ColumnProfile, seed: Seed) {
    self.profile = profile
    self.seed = seed
    stream = seed.generator
  }

  /// The column as training would have had it; `nil` where that cannot be said.
  func restored(_ column: Column) -> Column? {
    var copy = self
    guard profile.counts.presentCount > 0, column.count > 0 else { return nil }
    switch (profile.grid, column.storage) {
    case (.numeric(let grid), .number(let values)):
      return copy.numbers(values, column, grid).map { Column(.number($0.values), validity: $0.validity) }
    case (.numeric(let grid), .integer(let values)):
      return copy.numbers(values.map(Double.init), column, grid).map {
        Column(.integer($0.values.map { Int64(max(-9e18, min(9e18, $0.rounded()))) }), validity: $0.validity)
      }
    case (.levels(let grid), .category(let codes, let levels)): return copy.levels(codes, levels, column, grid)
    case (.levels(let grid), .boolean(let values)):
      let mapped = copy.levels(values.map { $0 ? 1 : 0 }, ["false", "true"], column, grid)
      guard case .category(let codes, _) = mapped.storage else { return nil }
      return Column(.boolean(codes.map { $0 == 1 }), validity: mapped.validity)
    default: return nil
    }
  }

  /// Which rows have a value once the missing share is that of training.
  private func presence(_ column: Column) -> Validity {
    let wanted = profile.counts.rowCount > 0 ? Double(profile.counts.missingCount) / Double(profile.counts.rowCount) : 0
    let now = Double(column.missingCount) / Double(max(1, column.count))
    var stream = seed.derived("presence").generator
    return Validity(
      (0..<column.count).map { row in
        let chance = stream.uniform()
        if column.isPresent(row) { return now >= wanted || chance >= (wanted - now) / max(1 - now, 0x1p-53) }
        return now > wanted && chance < (now - wanted) / now
      })
  }

  // MARK: Numbers

  private mutating func numbers(
    _ values: [Double], _ column: Column, _ grid: NumericGrid
  ) -> (values: [Double], validity: Validity)? {
    guard grid.cellCount > 0 else { return nil }
    let rows = values.indices.filter { column.isPresent($0) }
      .sorted { values[$0] != values[$1] ? values[$0] < values[$1] : $0 < $1 }
    let validity = presence(column)
    let quantiles = Quantiles(grid, profile.counts)
    var out = values
    var start = 0
    while start < rows.count {
      var end = start + 1
      while end < rows.count, values[rows[end]] == values[rows[start]] { end += 1 }
      for place in start..<end {
        let rank = (Double(start) + stream.uniform() * Double(end - start)) / Double(rows.count)
        out[rows[place]] = quantiles.value(rank)
      }
      start = end
    }
    for row in out.indices where !column.isPresent(row) { out[row] = quantiles.value(stream.uniform()) }
    return (out, validity)
  }

  /// Values of training by rank.
  private struct Quantiles {
    let grid: NumericGrid
    let sums: [Double]

    init(_ grid: NumericGrid, _ counts: ColumnCounts) {
      self.grid = grid
      var sum = 0.0
      sums = (0..<grid.cellCount).map { cell in
        sum += Double(counts.slots[cell + 1])
        return sum
      }
    }

    /// Value at `rank`, `0 ..< 1`; evenly spread inside a cell.
    func value(_ rank: Double) -> Double {
      let wanted = rank * (sums.last ?? 0)
      var (low, high) = (0, sums.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] > wanted { high = middle } else { low = middle + 1 }
      }
      if grid.isSingle(low) { return grid.bounds[low] }
      let before = low == 0 ? 0 : sums[low - 1]
      let share = (wanted - before) / max(sums[low] - before, 0x1p-52)
      let start = grid.lower(low)
      return start + min(1, max(0, share)) * (grid.bounds[low] - start)
    }
  }

  // MARK: Levels

  /// Keeps as many rows as training had of their level, moves the others to levels that are short of rows.
  private mutating func levels(_ codes: [Int32], _ levels: [String], _ column: Column, _ grid: LevelGrid) -> Column {
    let (reference, window) = shares(codes, levels, column, grid)
    var short: [(level: Int, share: Double)] = []
    for slot in 0..<grid.ownCellCount where reference[slot] > window[slot] {
      short.append((slot, reference[slot] - window[slot]))
    }
    let all = (0..<grid.ownCellCount).map { ($0, reference[$0]) }
    var known = Dictionary(grid.names.enumerated().map { ($1, Int32($0)) }) { first, _ in first }
    var names = grid.names
    var out = codes
    for row in codes.indices {
      let isPresent = column.isPresent(row)
      let name = levels[Int(codes[row])]
      let slot = grid.slot(of: name, code: Int(codes[row]))
      let keep = window[slot] > 0 ? min(1, reference[slot] / window[slot]) : 0
      let chance = stream.uniform()
      if isPresent, chance < keep || short.isEmpty, let code = known[name] {
        out[row] = code
      } else if let slot = drawn(isPresent ? short : all), let name = grid.name(ofCell: slot), let code = known[name] {
        out[row] = code
      } else {
        let code = known[name] ?? Int32(names.count)
        out[row] = code
        if known.updateValue(code, forKey: name) == nil { names.append(name) }
      }
    }
    return Column(.category(codes: out, levels: names), validity: presence(column))
  }

  private func shares(
    _ codes: [Int32], _ levels: [String], _ column: Column, _ grid: LevelGrid
  ) -> (reference: [Double], window: [Double]) {
    var window = [Double](repeating: 0, count: grid.slotCount)
    var total = 0.0
    for row in codes.indices where column.isPresent(row) {
      window[grid.slot(of: levels[Int(codes[row])], code: Int(codes[row]))] += 1
      total += 1
    }
    let present = Double(profile.counts.presentCount)
    return (profile.counts.slots.map { Double($0) / present }, window.map { $0 / max(1, total) })
  }

  private mutating func drawn(_ choices: [(level: Int, share: Double)]) -> Int? {
    var left = stream.uniform() * choices.reduce(0) { $0 + $1.share }
    for choice in choices {
      left -= choice.share
      if left < 0 { return choice.level }
    }
    return choices.last?.level
  }
}
