/// Cells of a category column: one for each of the commonest known levels, one for the rarer known ones, one for levels
/// that the reference never had.
package struct LevelGrid: Sendable, Hashable {
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
  init(names: [String], counts: [Int64]) {
    var cells = [Int32](repeating: 0, count: names.count)
    if names.count <= Self.cellLimit {
      for index in cells.indices { cells[index] = Int32(index) }
      ownCellCount = names.count
    } else {
      let ranked = names.indices.sorted { counts[$0] != counts[$1] ? counts[$0] > counts[$1] : names[$0] < names[$1] }
      let chosen = Set(ranked.prefix(Self.cellLimit))
      var next: Int32 = 0
      for index in cells.indices {
        cells[index] = chosen.contains(index) ? next : Int32(Self.cellLimit)
        if chosen.contains(index) { next += 1 }
      }
      ownCellCount = Self.cellLimit
    }
    self.names = names
    self.cells = cells
    singletonCount = counts.count { $0 == 1 }
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

  /// Adds every present code to `slots`, new names to `sketch`; returns how many.
  func count(
    _ codes: Span<Int32>, levels: [String], present: (Int) -> Bool, into slots: inout [Int64],
    sketch: inout NameSketch
  ) -> Int {
    if codes.count * 4 < levels.count {
      return countFew(codes, levels: levels, present: present, into: &slots, sketch: &sketch)
    }
    var perLevel = [Int64](repeating: 0, count: levels.count)
    var counted = 0
    var cells = perLevel.mutableSpan
    for row in codes.indices where present(row) {
      cells[Int(codes[row])] &+= 1
      counted &+= 1
    }
    for (code, rows) in perLevel.enumerated() where rows > 0 {
      add(levels[code], code: code, rows: rows, into: &slots, sketch: &sketch)
    }
    return counted
  }

  private func countFew(
    _ codes: Span<Int32>, levels: [String], present: (Int) -> Bool, into slots: inout [Int64],
    sketch: inout NameSketch
  ) -> Int {
    var counted = 0
    for row in codes.indices where present(row) {
      let code = Int(codes[row])
      add(levels[code], code: code, rows: 1, into: &slots, sketch: &sketch)
      counted += 1
    }
    return counted
  }

  private func add(_ name: String, code: Int, rows: Int64, into slots: inout [Int64], sketch: inout NameSketch) {
    let slot = slot(of: name, code: code)
    slots[slot] += rows
    if slot == newSlot { sketch.add(name, count: rows) }
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
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    names = try container.decode([String].self, forKey: .names)
    singletonCount = try container.decode(Int.self, forKey: .singletons)
    let cells = try container.decodeIfPresent([Int32].self, forKey: .cells) ?? (0..<Int32(names.count)).map { $0 }
    let own = min(names.count, Self.cellLimit)
    ownCellCount = own
    positions = Self.positions(names)
    self.cells = cells
    guard positions.count == names.count, cells.count == names.count, singletonCount >= 0,
      cells.allSatisfy({ 0...own ~= Int($0) })
    else { throw ProfileError.corrupt("levels and cells do not fit together") }
  }
}
