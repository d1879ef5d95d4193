package import Frames

/// What the training rows look like in one column: the cells, and how many rows fell into each.
package struct ColumnProfile: Sendable, Hashable, Codable {
  /// What the column is to the model.
  package enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    /// Something the model reads.
    case feature
    /// What the model says: the decided class, or the number.
    case prediction
    /// Probability of one class.
    case probability
  }

  /// How values are divided into cells.
  package enum Grid: Sendable, Hashable, Codable {
    /// Numbers, integers, timestamps (microseconds), lengths of texts (bytes).
    case numeric(NumericGrid)
    /// Categories and booleans.
    case levels(LevelGrid)

    /// Length of the counts.
    package var slotCount: Int {
      switch self {
      case .numeric(let grid): grid.slotCount
      case .levels(let grid): grid.slotCount
      }
    }

    enum CodingKeys: String, CodingKey { case numeric, levels }

    /// `{"numeric": …}` or `{"levels": …}`.
    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      switch self {
      case .numeric(let grid): try container.encode(grid, forKey: .numeric)
      case .levels(let grid): try container.encode(grid, forKey: .levels)
      }
    }

    /// Reads what `encode` wrote.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if let grid = try container.decodeIfPresent(NumericGrid.self, forKey: .numeric) {
        self = .numeric(grid)
      } else {
        self = .levels(try container.decode(LevelGrid.self, forKey: .levels))
      }
    }
  }

  /// Column name.
  package let name: String
  /// What it holds.
  package let kind: ColumnKind
  /// What it is to the model.
  package let role: Role
  /// How values are divided into cells.
  package let grid: Grid
  /// The training rows.
  package let counts: ColumnCounts

  /// Kind as reports show it: the column kind for features, else the role.
  package var shownKind: String { role == .feature ? kind.rawValue : role.rawValue }
  /// Mean; `nil` where there is none.
  package var mean: Double? { mean(of: counts) }
  /// Variance with divisor `count − 1`; `nil` where there is none.
  package var variance: Double? { variance(of: counts) }

  /// Mean of `counts` taken on this grid.
  package func mean(of counts: ColumnCounts) -> Double? {
    guard case .numeric(let grid) = grid else { return nil }
    return counts.moments?.mean(on: grid.scale)
  }

  /// Variance of `counts` taken on this grid.
  package func variance(of counts: ColumnCounts) -> Double? {
    guard case .numeric(let grid) = grid else { return nil }
    return counts.moments?.variance(on: grid.scale)
  }

  init(name: String, role: Role = .feature, of column: Column) {
    self.name = name
    self.role = role
    kind = column.kind
    (grid, counts) = Self.measured(column)
  }

  enum CodingKeys: String, CodingKey { case name, kind, role, grid, counts }

  /// Refuses counts that do not fit the grid.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    kind = try container.decode(ColumnKind.self, forKey: .kind)
    role = try container.decode(Role.self, forKey: .role)
    grid = try container.decode(Grid.self, forKey: .grid)
    counts = try container.decode(ColumnCounts.self, forKey: .counts)
    guard counts.fits(self) else { throw ProfileError.corrupt("counts of column '\(name)' do not fit its grid") }
  }
}

extension ColumnProfile {
  private static func measured(_ column: Column) -> (Grid, ColumnCounts) {
    switch column.storage {
    case .category(_, let levels): return measured(column, levels: levels)
    case .boolean: return measured(column, levels: ["false", "true"])
    case .number, .integer, .text, .timestamp, .vector:
      let numbers = ColumnCounts.present(ColumnCounts.numbers(of: column), in: column)
      let sorted = RadixSort.sorted(numbers.allSatisfy(\.isFinite) ? numbers : numbers.filter(\.isFinite))
      let (grid, counted) = NumericGrid.covering(sorted: sorted, wholeNumbers: column.kind != .number)
      var counts = ColumnCounts(kind: column.kind, grid: .numeric(grid))
      counts.addSorted(column, numbers, counted: counted, on: grid)
      return (.numeric(grid), counts)
    }
  }

  private static func measured(_ column: Column, levels: [String]) -> (Grid, ColumnCounts) {
    var perLevel = [Int64](repeating: 0, count: levels.count)
    switch column.storage {
    case .category(let codes, _):
      for row in codes.indices where column.isPresent(row) { perLevel[Int(codes[row])] += 1 }
    case .boolean(let values):
      for row in values.indices where column.isPresent(row) { perLevel[values[row] ? 1 : 0] += 1 }
    case .number, .integer, .text, .timestamp, .vector: break
    }
    let grid = Grid.levels(LevelGrid(names: levels, counts: perLevel))
    var counts = ColumnCounts(kind: column.kind, grid: grid)
    counts.add(column, on: grid)
    return (grid, counts)
  }
}
