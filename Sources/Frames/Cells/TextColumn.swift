import Basics
import Kernels

/// A column as texts, each distinct one once: where typed columns come from.
struct TextColumn {
  /// Positions in `levels`; -1 where the cell is empty.
  var codes: [Int32]
  /// Distinct texts.
  var levels: CSVLevels

  /// Bytes of a level.
  func span(_ index: Int) -> Range<Int> { (index == 0 ? 0 : levels.ends[index - 1])..<levels.ends[index] }

  /// How many rows hold each level.
  func counts() -> [Int] {
    var counts = [Int](repeating: 0, count: levels.count)
    for code in codes where code >= 0 { counts[Int(code)] += 1 }
    return counts
  }

  /// Rows with a value, when the levels with `false` count as missing; `nil` when all have one.
  func validity(keeping isValue: [Bool]) -> Validity? {
    var missing = [UInt64](repeating: 0, count: (codes.count + 63) / 64)
    var found = false
    for row in codes.indices {
      let code = codes[row]
      if code < 0 || !isValue[Int(code)] {
        missing[row >> 6] |= 1 << UInt64(row & 63)
        found = true
      }
    }
    return found ? Validity(count: codes.count, missing: missing) : nil
  }

  /// `values[code]` for every row, `zero` where there is no code.
  func spread<T>(_ values: [T], _ zero: T) -> [T] {
    var out = [T](repeating: zero, count: codes.count)
    for row in codes.indices where codes[row] >= 0 { out[row] = values[Int(codes[row])] }
    return out
  }

  /// The levels as strings; those that are not UTF-8 are read as Latin-1 and their positions returned.
  func strings() -> (texts: [String], latin1: [Int]) {
    var texts: [String] = []
    var latin1: [Int] = []
    texts.reserveCapacity(levels.count)
    for index in 0..<levels.count {
      if let text = String(validating: levels[index], as: UTF8.self) {
        texts.append(text)
      } else {
        latin1.append(index)
        texts.append(CellParser.latin1(levels[index]))
      }
    }
    return (texts, latin1)
  }
}
