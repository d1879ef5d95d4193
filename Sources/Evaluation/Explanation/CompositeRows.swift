import Basics
import Frames
import Modeling

/// Rows put together from the cells of others: column `j` of a new row comes from row `sources[j]` of a pool.
struct CompositeRows: Sendable {
  /// The rows that cells are taken from.
  let pool: Frame

  /// A frame whose column `j` holds the cells of `rows[j]`.
  func frame(_ rows: [[Int]]) throws -> Frame {
    try Frame(
      pool.schema, zip(pool.columns, rows).map { $0.gathered($1) }, rowCount: rows.first?.count ?? 0)
  }

  /// One row of every column that holds each of its different values, by rising value: numbers by size, categories by
  /// level; at most `limit`, evenly chosen.
  ///
  /// - Parameter among: rows to look at.
  static func distinct(_ column: Column, among rows: [Int], limit: Int) -> [Int] {
    let present = rows.filter { column.isPresent($0) }
    let ordered: [Int]
    switch column.storage {
    case .category(let codes, _): ordered = firsts(present) { Double(codes[$0]) }
    case .number, .integer, .boolean, .timestamp:
      let values = column.doubles ?? []
      ordered = firsts(present) { values[$0] }
    case .text, .vector: ordered = present
    }
    if case .category = column.storage { return Array(ordered.prefix(limit)) }
    return Curves.thinned(ordered, to: limit)
  }

  private static func firsts(_ rows: [Int], _ value: (Int) -> Double) -> [Int] {
    let sorted = rows.sorted { (value($0), $0) < (value($1), $1) }
    var out: [Int] = []
    for row in sorted where out.last.map({ value($0) != value(row) }) ?? true { out.append(row) }
    return out
  }
}

/// What a model says, as numbers by row and output.
struct ModelOutputs: Sendable {
  /// Class names; one empty name for numbers.
  let names: [String]
  /// Row-major `[rowCount, names.count]`.
  let values: [Double]

  init(_ predictions: Predictions) {
    switch predictions.storage {
    case .values(let values): (names, self.values) = ([""], values)
    case .probabilities(let values, let classes): (names, self.values) = (classes, values)
    }
  }

  /// Position of the output called `name`; without a name the positive class of two, the only number, or the first.
  ///
  /// - Throws: `.invalidParameter` for an unknown name.
  func index(of name: String?, owner: String) throws -> Int {
    guard let name else { return names.count == 2 ? 1 : 0 }
    guard let index = names.firstIndex(of: name) else {
      throw MLError.unknown("class", name, among: names, in: owner, code: .invalidParameter)
    }
    return index
  }

  /// One output of every row.
  func column(_ index: Int) -> [Double] {
    stride(from: index, to: values.count, by: names.count).map { values[$0] }
  }
}
