import Basics
import Frames
import Modeling

/// Number columns as rows, centered and, if so set, of variance 1.
///
/// A missing cell counts as the mean of its column; an infinite one as the nearest finite value seen in training. A
/// constant column becomes 0.
struct NumberCells: Sendable, Hashable, Codable {
  /// What is known of one column.
  struct Cell: Sendable, Hashable, Codable {
    var name: String
    var center: Double
    var factor: Double
    var lowest: Double
    var highest: Double

    enum CodingKeys: String, CodingKey { case name, center, factor, lowest, highest }
  }

  let cells: [Cell]

  enum CodingKeys: String, CodingKey { case cells }

  /// Numbers of a row.
  var width: Int { cells.count }

  /// - Throws: `.invalidData` naming a column whose squares overflow where columns are not standardised.
  init(_ fields: [Field], in frame: Frame, standardise: Bool, step: String, workers: Workers) throws {
    cells = try workers.map(fields.count) { index in
      let name = fields[index].name
      let finite = try frame.numbers(name, step: step).filter(\.isFinite)
      guard let lowest = finite.min(), let highest = finite.max() else {
        return Cell(name: name, center: 0, factor: 0, lowest: 0, highest: 0)
      }
      let (mean, deviation) = Scale.moments(finite)
      guard standardise || (deviation < 1e140 && abs(mean) < 1e140) else {
        throw MLError(
          .invalidData, "\(step): column '\(name)' must hold moderate numbers; its squares overflow.",
          hint: "Set 'standardise' to true.", field: name)
      }
      let isConstant = lowest == highest || !(deviation > 1e-300)
      let factor = isConstant ? 0 : standardise ? 1 / deviation : 1
      return Cell(name: name, center: mean, factor: factor.isFinite ? factor : 0, lowest: lowest, highest: highest)
    }
  }

  /// Row-major `[rowCount, width]`, finite.
  func rows(_ frame: Frame, step: String) throws -> [Double] {
    var out = [Double](repeating: 0, count: frame.rowCount * width)
    for (d, cell) in cells.enumerated() {
      let values = try frame.numbers(cell.name, step: step)
      var place = d
      for value in values {
        if !value.isNaN {
          let held = value.isInfinite ? (value > 0 ? cell.highest : cell.lowest) : value
          out[place] = max(-1e150, min(1e150, (held - cell.center) * cell.factor))
        }
        place += width
      }
    }
    return out
  }

  /// Rows in an order that depends on their cells only, so that sums over them do not depend on the order of the table.
  func sortedRows(_ frame: Frame, step: String) throws -> [Double] {
    let rows = try self.rows(frame, step: step)
    guard width > 0 else { return rows }
    let order = Self.order(rows, width: width).map(\.row)
    var out: [Double] = []
    out.reserveCapacity(rows.count)
    for row in order { out.append(contentsOf: rows[(row * width)..<((row + 1) * width)]) }
    return out
  }

  /// Rows with a hash of their cells, ascending.
  static func order(_ rows: [Double], width: Int) -> [(hash: UInt64, row: Int)] {
    stride(from: 0, to: rows.count, by: width).map { first in
      var hash: UInt64 = 0
      for place in first..<(first + width) { hash = StableHash.combine(hash, StableHash.hash(rows[place])) }
      return (hash, first / width)
    }.sorted { ($0.hash, $0.row) < ($1.hash, $1.row) }
  }
}

/// Names of the columns a reduction makes: `stem_1`, `stem_2`, …, free in the frame.
enum ReducedColumns {
  static func fields(_ stem: String, _ count: Int, beside schema: Schema) -> [Field] {
    var taken: Set<String> = []
    return (0..<count).map { index in
      Field(ColumnChoice.freeName("\(stem)_\(index + 1)", in: schema, taken: &taken), .number, mayBeMissing: false)
    }
  }

  /// Columns of row-major values.
  static func columns(_ values: [Double], count: Int) -> [Column] {
    let rowCount = count > 0 ? values.count / count : 0
    return (0..<count).map { k in
      Column(.number((0..<rowCount).map { max(-1e300, min(1e300, values[$0 * count + k])) }))
    }
  }
}
