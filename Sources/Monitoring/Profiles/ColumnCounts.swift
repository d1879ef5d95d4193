import Frames

/// How many rows of one column fell into each cell of a reference grid; parts merge by adding integers.
package struct ColumnCounts: Sendable, Hashable, Codable {
  /// Shares of characters that a text column is watched by.
  package enum CharacterClass: Int, Sendable, Hashable, CaseIterable {
    /// ASCII letters.
    case letter
    /// ASCII digits.
    case digit
    /// Spaces, tabs, line breaks and other control characters.
    case space
    /// ASCII punctuation.
    case punctuation
    /// Bytes of characters outside ASCII.
    case other
  }

  /// Rows seen.
  package private(set) var rowCount: Int64 = 0
  /// Rows without a value.
  package private(set) var missingCount: Int64 = 0
  /// Rows a slot. Numeric grids: below, cells, above. Levels: own cells, rarer known levels, new levels.
  package private(set) var slots: [Int64]
  /// Exact sums of numbers; `nil` for levels.
  package private(set) var moments: Moments?
  /// Levels the reference does not know; `nil` for numbers.
  package private(set) var newNames: NameSketch?
  /// Bytes by character class; `nil` unless text.
  package private(set) var characters: [Int64]?

  /// Rows with a value.
  package var presentCount: Int64 { rowCount - missingCount }

  init(kind: ColumnKind, grid: ColumnProfile.Grid) {
    slots = [Int64](repeating: 0, count: grid.slotCount)
    switch grid {
    case .numeric: moments = Moments()
    case .levels: newNames = NameSketch()
    }
    if kind == .text { characters = [Int64](repeating: 0, count: CharacterClass.allCases.count) }
  }

  /// Counts beyond this are damage: sums of any number of them do not overflow in practice.
  private static let limit: Int64 = 1 << 53

  func fits(_ profile: ColumnProfile) -> Bool {
    let isNumeric = if case .numeric = profile.grid { true } else { false }
    return slots.count == profile.grid.slotCount && (moments != nil) == isNumeric && (newNames == nil) == isNumeric
      && (characters != nil) == (profile.kind == .text) && characters?.count ?? 5 == CharacterClass.allCases.count
      && slots.allSatisfy { 0...Self.limit ~= $0 } && 0...Self.limit ~= rowCount && 0...Self.limit ~= missingCount
      && slots.reduce(0, &+) == rowCount - missingCount
  }

  /// Adds what another one counted on the same grid.
  mutating func merge(_ other: ColumnCounts) {
    precondition(slots.count == other.slots.count, "counts of one grid")
    rowCount &+= other.rowCount
    missingCount &+= other.missingCount
    for index in slots.indices { slots[index] &+= other.slots[index] }
    if let added = other.moments { moments?.merge(added) }
    if let added = other.newNames { newNames?.merge(added) }
    if let added = other.characters, var sums = characters {
      for index in sums.indices { sums[index] &+= added[index] }
      characters = sums
    }
  }

  /// Adds every row of `column`, which is of a kind the grid takes.
  mutating func add(_ column: Column, on grid: ColumnProfile.Grid) {
    rowCount &+= Int64(column.count)
    missingCount &+= Int64(column.missingCount)
    switch grid {
    case .numeric(let grid): addNumbers(column, on: grid)
    case .levels(let grid): addLevels(column, on: grid)
    }
    if case .text(let values) = column.storage { addCharacters(values) }
  }

  private mutating func addNumbers(_ column: Column, on grid: NumericGrid) {
    let numbers = Self.present(Self.numbers(of: column), in: column)
    grid.count(numbers, into: &slots)
    moments?.add(numbers, on: grid.scale)
  }

  /// Adds a column whose slots are known already, from sorting it.
  mutating func addSorted(_ column: Column, _ numbers: [Double], counted: [Int64], on grid: NumericGrid) {
    rowCount &+= Int64(column.count)
    missingCount &+= Int64(column.missingCount)
    for index in slots.indices { slots[index] &+= counted[index] }
    for number in numbers where !number.isFinite { slots[grid.slot(of: number)] &+= 1 }
    moments?.add(numbers, on: grid.scale)
    if case .text(let values) = column.storage { addCharacters(values) }
  }

  private mutating func addLevels(_ column: Column, on grid: LevelGrid) {
    guard var sketch = newNames else { return }
    newNames = nil
    let (codes, levels) = Self.codes(of: column)
    grid.count(Self.present(codes, in: column), levels: levels, into: &slots, sketch: &sketch)
    newNames = sketch
  }

  /// The values of rows that have one.
  static func present<Value>(_ values: [Value], in column: Column) -> [Value] {
    guard let validity = column.validity else { return values }
    var kept: [Value] = []
    kept.reserveCapacity(validity.presentCount)
    for row in values.indices where validity[row] { kept.append(values[row]) }
    return kept
  }

  private mutating func addCharacters(_ values: [String]) {
    guard var sums = characters else { return }
    for value in values {
      for byte in value.utf8 { sums[Self.characterClass(byte).rawValue] += 1 }
    }
    characters = sums
  }

  private static func characterClass(_ byte: UInt8) -> CharacterClass {
    switch byte {
    case 65...90, 97...122: .letter
    case 48...57: .digit
    case 0...32, 127: .space
    case 128...255: .other
    default: .punctuation
    }
  }

  private static func codes(of column: Column) -> ([Int32], [String]) {
    switch column.storage {
    case .category(let codes, let levels): (codes, levels)
    case .boolean(let values): (values.map { $0 ? 1 : 0 }, ["false", "true"])
    case .number, .integer, .text, .timestamp, .vector: ([], [])
    }
  }

  /// Values as the numeric grid counts them: numbers, microseconds, or lengths of texts in bytes.
  static func numbers(of column: Column) -> [Double] {
    switch column.storage {
    case .number(let values): values
    case .integer(let values), .timestamp(let values): values.map(Double.init)
    case .text(let values): values.map { Double($0.utf8.count) }
    case .boolean, .category, .vector: []
    }
  }

  enum CodingKeys: String, CodingKey {
    case slots, moments, characters
    case rowCount = "rows"
    case missingCount = "missing"
    case newNames = "new"
  }
}
