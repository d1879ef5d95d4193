import Basics

/// Hashes of rows by what they hold: splits, folds and duplicates depend on them, never on position.
public enum RowKeys {
  /// One 64-bit hash a row.
  ///
  /// A cell counts with the name of its column, so the order of columns does not matter. Numbers are compared by value:
  /// `1` in an integer column and `1.0` in a number column hash alike. Categories and texts are compared by their text,
  /// booleans as `true` and `false`. A missing cell differs from every value.
  ///
  /// - Shape: `[rowCount]`.
  /// - Complexity: O(rows · columns); the text of a category is hashed once a level.
  public static func hashes(_ frame: Frame, excluding excluded: Set<String> = []) -> [UInt64] {
    var sums = [UInt64](repeating: 0, count: frame.rowCount)
    for (field, column) in zip(frame.schema.fields, frame.columns) where !excluded.contains(field.name) {
      add(column, name: StableHash.hash(field.name), to: &sums)
    }
    for row in sums.indices { sums[row] = StableHash.mix(sums[row]) }
    return sums
  }

  /// How often the same hash came before: 0 for the first row of its kind, 1 for the second, …
  public static func occurrences(_ hashes: [UInt64]) -> [Int] {
    var seen: [UInt64: Int] = Dictionary(minimumCapacity: hashes.count)
    return hashes.map { hash in
      let count = seen[hash, default: 0]
      seen[hash] = count + 1
      return count
    }
  }

  private static let missing: UInt64 = 0x6D69_7373_696E_6721

  private static func add(_ column: Column, name: UInt64, to sums: inout [UInt64]) {
    func accumulate(_ hash: (Int) -> UInt64) {
      for row in sums.indices {
        let value = column.isPresent(row) ? hash(row) : missing
        sums[row] = sums[row] &+ StableHash.combine(name, value)
      }
    }
    switch column.storage {
    case .number(let values): accumulate { StableHash.hash(values[$0]) }
    case .integer(let values): accumulate { hash(values[$0]) }
    case .boolean(let values):
      let texts = [StableHash.hash("false"), StableHash.hash("true")]
      accumulate { texts[values[$0] ? 1 : 0] }
    case .category(let codes, let levels):
      let texts = levels.map { StableHash.hash($0) }
      accumulate { texts[Int(codes[$0])] }
    case .text(let values): accumulate { StableHash.hash(values[$0]) }
    case .timestamp(let values):
      accumulate { StableHash.mix(UInt64(bitPattern: values[$0]) ^ 0x7469_6D65_7374_616D) }
    case .vector(let matrix): accumulate { hash(matrix, row: $0) }
    }
  }

  private static func hash(_ value: Int64) -> UInt64 {
    if let number = Double(exactly: value) { return StableHash.hash(number) }
    return StableHash.mix(UInt64(bitPattern: value) ^ 0x696E_7465_6765_7221)
  }

  private static func hash(_ matrix: SparseMatrix, row: Int) -> UInt64 {
    var state: UInt64 = 0
    for index in matrix.offsets[row]..<matrix.offsets[row + 1] where matrix.values[index] != 0 {
      let position = StableHash.mix(UInt64(matrix.indices[index]) &+ 1)
      state = state &+ StableHash.combine(position, StableHash.hash(matrix.values[index]))
    }
    return StableHash.mix(state)
  }
}
