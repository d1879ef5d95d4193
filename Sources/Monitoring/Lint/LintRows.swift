import Basics
import Frames
import Modeling

/// Questions about whole columns and rows.
enum LintRows {
  /// Hash of each row, target included: equal rows have equal keys.
  static func keys(_ frame: Frame, _ target: Target?) -> [UInt64] {
    var keys = [UInt64](repeating: 0x243F_6A88_85A3_08D3, count: frame.rowCount)
    for column in frame.columns {
      let cells = hashes(column)
      for row in keys.indices {
        keys[row] = StableHash.combine(keys[row], column.isPresent(row) ? cells[row] : 0x1319_8A2E_0370_7344)
      }
    }
    if let target {
      let values = target.doubles
      for row in keys.indices { keys[row] = StableHash.combine(keys[row], StableHash.hash(values[row])) }
    }
    return keys
  }

  static func hashes(_ column: Column) -> [UInt64] {
    switch column.storage {
    case .number(let values): return values.map { StableHash.hash($0) }
    case .integer(let values), .timestamp(let values): return values.map { StableHash.mix(UInt64(bitPattern: $0)) }
    case .boolean(let values): return values.map { $0 ? 1 : 2 }
    case .category(let codes, let levels):
      let hashed = levels.map { StableHash.hash($0) }
      return codes.map { hashed.isEmpty ? 0 : hashed[Int($0)] }
    case .text(let values): return values.map { StableHash.hash($0) }
    case .vector(let matrix): return [UInt64](repeating: 0, count: matrix.rowCount)
    }
  }

  /// Whether all rows, none missing, have one value.
  static func isConstant(_ column: Column) -> Bool {
    switch column.storage {
    case .number(let values): return values.allSatisfy { $0 == values[0] }
    case .integer(let values), .timestamp(let values): return values.allSatisfy { $0 == values[0] }
    case .boolean(let values): return values.allSatisfy { $0 == values[0] }
    case .category(let codes, _): return codes.allSatisfy { $0 == codes[0] }
    case .text(let values): return values.allSatisfy { $0 == values[0] }
    case .vector: return false
    }
  }

  private static let nameParts: Set<String> = [
    "id", "ids", "uuid", "guid", "key", "index", "rowid", "number", "no", "nr",
  ]

  /// Whether a column names rows rather than describing them: nearly all values differ, and they are words without
  /// spaces, or whole numbers that run on or are called so.
  static func isIdentifier(_ name: String, _ column: Column) -> Bool {
    let present = column.count - column.missingCount
    guard present >= 20, [.integer, .category, .text].contains(column.kind) else { return false }
    let cells = hashes(column)
    let distinct = Set(cells.indices.filter { column.isPresent($0) }.map { cells[$0] }).count
    guard Double(distinct) >= 0.98 * Double(present) else { return false }
    switch column.storage {
    case .category: return true
    case .text(let values): return values.allSatisfy { $0.utf8.count <= 64 && !$0.utf8.contains(32) }
    case .integer(let values):
      if !nameParts.isDisjoint(with: parts(name)) { return true }
      let kept = values.indices.filter { column.isPresent($0) }.map { values[$0] }
      guard distinct == present, let low = kept.min(), let high = kept.max() else { return false }
      return Double(high) - Double(low) < 1.1 * Double(present)
    case .number, .boolean, .timestamp, .vector: return false
    }
  }

  /// Words of a name: cut at other characters and where lower case turns to upper.
  private static func parts(_ name: String) -> Set<String> {
    var parts: [String] = [""]
    var wasLower = false
    for character in name {
      if !character.isLetter && !character.isNumber || character.isUppercase && wasLower { parts.append("") }
      if character.isLetter || character.isNumber { parts[parts.count - 1].append(contentsOf: character.lowercased()) }
      wasLower = character.isLowercase
    }
    return Set(parts)
  }
}
