import Basics
import Frames

/// Category names a step learnt, with their positions.
struct LevelTable: Sendable, Hashable, Codable {
  /// Code of a category that was not there in training.
  static let unseen: Int32 = -1
  /// Code of a missing cell.
  static let missing: Int32 = -2

  /// Names in code order.
  let levels: [String]
  private let codes: [String: Int32]

  init(_ levels: [String]) {
    self.levels = levels
    codes = Dictionary(zip(levels, (0..<Int32(levels.count))), uniquingKeysWith: { first, _ in first })
  }

  /// Code of the only row of a category column; `nil` for other columns.
  func onlyCode(of column: Column) -> Int32? {
    guard column.count == 1, case .category(let given, let names) = column.storage else { return nil }
    return column.isPresent(0) ? code(names[Int(given[0])], guess: Int(given[0])) : Self.missing
  }

  /// Code of every row: a position in `levels`, `unseen` or `missing`.
  func codes(of column: Column) -> [Int32] {
    var out = [Int32](repeating: Self.unseen, count: column.count)
    if case .category(let given, let names) = column.storage {
      if column.count >= names.count {
        let map = names.map { codes[$0] ?? Self.unseen }
        for row in out.indices { out[row] = column.isPresent(row) ? map[Int(given[row])] : Self.missing }
      } else {
        for row in out.indices {
          let place = Int(given[row])
          out[row] = column.isPresent(row) ? code(names[place], guess: place) : Self.missing
        }
      }
    } else {
      for row in out.indices {
        out[row] = column.text(at: row).map { codes[$0] ?? Self.unseen } ?? Self.missing
      }
    }
    return out
  }

  private func code(_ name: String, guess: Int) -> Int32 {
    if guess < levels.count, levels[guess] == name { return Int32(guess) }
    return codes[name] ?? Self.unseen
  }

  static func == (a: LevelTable, b: LevelTable) -> Bool { a.levels == b.levels }
  func hash(into hasher: inout Hasher) { hasher.combine(levels) }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(levels)
  }

  init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([String].self))
  }
}

/// How often each category of a column occurs.
struct LevelCounts: Sendable {
  /// Names that occur, in ascending order of their UTF-8 bytes.
  let names: [String]
  /// Rows of each.
  let counts: [Int]
  /// Rows without a value.
  let missingCount: Int

  init(_ column: Column) {
    var counts: [String: Int] = [:]
    if case .category(let codes, let levels) = column.storage {
      var tally = [Int](repeating: 0, count: levels.count)
      if let validity = column.validity {
        for row in codes.indices where validity[row] { tally[Int(codes[row])] += 1 }
      } else {
        for code in codes { tally[Int(code)] += 1 }
      }
      for (name, count) in zip(levels, tally) where count > 0 { counts[name, default: 0] += count }
    } else {
      for row in 0..<column.count {
        if let name = column.text(at: row) { counts[name, default: 0] += 1 }
      }
    }
    let names = counts.keys.sorted { ByteOrder.precedes($0, $1) }
    self.names = names
    self.counts = names.map { counts[$0] ?? 0 }
    missingCount = column.missingCount
  }
}

/// The order of UTF-8 bytes, which is that of code points; never depends on a locale.
enum ByteOrder {
  static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
