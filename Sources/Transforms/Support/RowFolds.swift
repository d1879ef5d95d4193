import Basics
import Frames

/// A fold for every row, from what the row holds and never from where it stands.
enum RowFolds {
  /// Folds `0 ..< count`.
  ///
  /// Rows that are alike in every cell go round the folds, ordered by target, so that a table with few distinct rows
  /// still has rows of each kind in each fold.
  static func folds(_ frame: Frame, target: [Double], count: Int, seed: Seed) -> [Int] {
    let keys = hashes(frame, seed: seed)
    let order = keys.indices.sorted { (keys[$0], target[$0]) < (keys[$1], target[$1]) }
    var folds = [Int](repeating: 0, count: keys.count)
    var rank = 0
    for (position, row) in order.enumerated() {
      rank = position > 0 && keys[order[position - 1]] == keys[row] ? rank + 1 : 0
      folds[row] = Int((keys[row] % UInt64(count) + UInt64(rank)) % UInt64(count))
    }
    return folds
  }

  /// A hash of each row's cells, column by column in schema order.
  static func hashes(_ frame: Frame, seed: Seed) -> [UInt64] {
    var keys = [UInt64](repeating: StableHash.mix(seed.value), count: frame.rowCount)
    for column in frame.columns {
      switch column.storage {
      case .category(let codes, let levels):
        let hashed = levels.map(StableHash.hash)
        mix(column, into: &keys) { hashed[Int(codes[$0])] }
      case .text(let values): mix(column, into: &keys) { StableHash.hash(values[$0]) }
      case .number(let values): mix(column, into: &keys) { StableHash.hash(values[$0]) }
      case .integer(let values): mix(column, into: &keys) { StableHash.hash(Double(values[$0])) }
      case .timestamp(let values): mix(column, into: &keys) { StableHash.mix(UInt64(bitPattern: values[$0])) }
      case .boolean(let values): mix(column, into: &keys) { values[$0] ? 3 : 5 }
      case .vector(let matrix):
        mix(column, into: &keys) { row in
          (matrix.offsets[row]..<matrix.offsets[row + 1]).reduce(7) {
            StableHash.combine($0 ^ UInt64(matrix.indices[$1]), StableHash.hash(matrix.values[$1]))
          }
        }
      }
    }
    return keys
  }

  private static func mix(_ column: Column, into keys: inout [UInt64], _ hash: (Int) -> UInt64) {
    for row in keys.indices { keys[row] = StableHash.combine(keys[row], column.isPresent(row) ? hash(row) : 1) }
  }
}
