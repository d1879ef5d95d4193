/// Cells of a category column: one for each of the commonest known levels, one for the rarer known ones, one for levels
/// that the reference never had. A class for the same reason as `NumericGrid`.
package final class LevelGrid: Sendable {
  /// Levels that get a cell of their own.
  package static let cellLimit = 256

  /// Known levels in contract order.
  package let names: [String]
  /// Cell of each known level; rarer ones share cell `ownCellCount`.
  package let cells: [Int32]
  /// Cells of a single level.
  package let ownCellCount: Int
  /// Levels that the reference has exactly once; their share of its rows is the chance that the next row brings a
  /// new level (Good and Turing).
  package let singletonCount: Int
  private let positions: [String: Int32]

  /// Length of the counts: own cells, rarer known levels, new levels.
  package var slotCount: Int { ownCellCount + 2 }
  /// Slot of levels that the reference does not know.
  package var newSlot: Int { ownCellCount + 1 }
  /// Slot of known levels without a cell of their own.
  package var rareSlot: Int { ownCellCount }

  /// A grid over `names` that the reference has `counts` times.
  convenience init(names: [String], counts: [Int64]) {
    var cells = (0..<Int32(names.count)).map { $0 }
    if names.count > Self.cellLimit {
      let ranked = names.indices.sorted { counts[$0] != counts[$1] ? counts[$0] > counts[$1] : names[$0] < names[$1] }
      let chosen = Set(ranked.prefix(Self.cellLimit))
      var next: Int32 = 0
      for index in cells.indices {
        cells[index] = chosen.contains(index) ? next : Int32(Self.cellLimit)
        if chosen.contains(index) { next += 1 }
      }
    }
    self.init(names: names, cells: cells, singletonCount: counts.count { $0 == 1 })
  }

  private init(names: [String], cells: [Int32], singletonCount: Int) {
    self.names = names
    self.cells = cells
    self.singletonCount = singletonCount
    ownCellCount = min(names.count, Self.cellLimit)
    positions = Self.positions(names)
  }

  private static func positions(_ names: [String]) -> [String: Int32] {
    var positions: [String: Int32] = [:]
    positions.reserveCapacity(names.count)
    for (index, name) in names.enumerated() { positions[name] = Int32(index) }
    return positions
  }

  /// Slot of the level called `name`, which the batch has under `code`.
  func slot(of name: String, code: Int) -> Int {
    if code < names.count, names[code] == name { return Int(cells[code]) }
    guard let position = positions[name] else { return newSlot }
    return Int(cells[Int(position)])
  }

  /// Name of slot `index`, for own cells of a grid without rare levels.
  func name(ofCell index: Int) -> String? {
    if names.count == ownCellCount { return names.indices.contains(index) ? names[index] : nil }
    return cells.firstIndex(of: Int32(index)).map { names[$0] }.flatMap { index < ownCellCount ? $0 : nil }
  }

  /// Adds every code to `slots`, new names to `sketch`.
  func count(_ codes: [Int32], levels: [String], into slots: inout [Int64], sketch: inout NameSketch) {
    if codes.count * 4 < levels.count {
      for code in codes { add(levels[Int(code)], code: Int(code), rows: 1, into: &slots, sketch: &sketch) }
      return
    }
    var perLevel = [Int64](repeating: 0, count: levels.count)
    var cells = perLevel.mutableSpan
    for code in codes { cells[Int(code)] &+= 1 }
    for (code, rows) in perLevel.enumerated() where rows > 0 {
      add(levels[code], code: code, rows: rows, into: &slots, sketch: &sketch)
    }
  }

  private func add(_ name: String, code: Int, rows: Int64, into slots: inout [Int64], sketch: inout NameSketch) {
    let slot = slot(of: name, code: code)
    slots[slot] += rows
    if slot == newSlot { sketch.add(name, count: rows) }
  }
}

extension LevelGrid: Hashable {
  /// Same levels in the same cells.
  package static func == (a: LevelGrid, b: LevelGrid) -> Bool {
    a === b || (a.names == b.names && a.cells == b.cells && a.singletonCount == b.singletonCount)
  }

  /// Hashes the levels.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(names)
    hasher.combine(cells)
  }
}

extension LevelGrid: Codable {
  enum CodingKeys: String, CodingKey { case names, cells, singletons }

  /// Names, and their cells when some share one.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(names, forKey: .names)
    if ownCellCount < names.count { try container.encode(cells, forKey: .cells) }
    try container.encode(singletonCount, forKey: .singletons)
  }

  /// Refuses duplicate names and cells outside the grid.
  package convenience init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let names = try container.decode([String].self, forKey: .names)
    let singletons = try container.decode(Int.self, forKey: .singletons)
    let cells = try container.decodeIfPresent([Int32].self, forKey: .cells) ?? (0..<Int32(names.count)).map { $0 }
    let own = min(names.count, Self.cellLimit)
    guard Set(names).count == names.count, cells.count == names.count, 0...names.count ~= singletons,
      cells.allSatisfy({ 0...own ~= Int($0) })
    else { throw ProfileError.corrupt("levels and cells do not fit together") }
    self.init(names: names, cells: cells, singletonCount: singletons)
  }
}
