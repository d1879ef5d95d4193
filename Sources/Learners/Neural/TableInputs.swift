import Basics
import Frames
import Kernels

/// A number column as a network reads it: standardised, missing as the mean, held to a few dozen deviations.
struct NumberInput: Sendable {
  /// Standardised values are held to this on either side, infinite ones included.
  static let limit = 20.0

  /// Column.
  var field: Int
  /// Values are multiplied by it first, so that squares neither overflow nor vanish; 1 for all but extreme columns.
  var factor: Double
  /// Mean of `value · factor`.
  var mean: Double
  /// 1 / its standard deviation; 0 where it does not vary.
  var inverse: Double
  /// Whether a further column says where a value was missing.
  var hasIndicator: Bool

  /// Learns from a training column; `nil` when it says nothing.
  init?(_ values: [Double], field: Int, weights: [Double]?) {
    self.field = field
    let largest = values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
    factor = largest > 1e100 || (largest > 0 && largest < 1e-100) ? 1 / largest : 1
    if !factor.isFinite { factor = 0x1p1022 }
    var total = 0.0, sum = 0.0
    for (row, value) in values.enumerated() where value.isFinite {
      let weight = weights?[row] ?? 1
      total += weight
      sum += weight * (value * factor)
    }
    let mean = total > 0 ? sum / total : 0
    var squares = 0.0
    for (row, value) in values.enumerated() where value.isFinite {
      let distance = value * factor - mean
      squares += (weights?[row] ?? 1) * distance * distance
    }
    let deviation = total > 0 ? (squares / total).squareRoot() : 0
    self.mean = mean
    inverse = deviation > 1e-12 * abs(mean) && deviation > 1e-120 ? 1 / deviation : 0
    let missingCount = values.count { $0.isNaN }
    hasIndicator = missingCount > 0 && missingCount < values.count
    if inverse == 0, !hasIndicator { return nil }
  }

  /// From an archive.
  init(field: Int, factor: Double, mean: Double, inverse: Double, hasIndicator: Bool) {
    self.field = field
    self.factor = factor
    self.mean = mean
    self.inverse = inverse
    self.hasIndicator = hasIndicator
  }

  /// Columns it becomes.
  var width: Int { hasIndicator ? 2 : 1 }

  /// Writes its columns one after the other, `values.count` numbers each.
  func write(_ values: [Double], into out: NeuralRegion) {
    let count = values.count
    out.write { out in
      for row in 0..<count {
        let value = (values[row] * factor - mean) * inverse
        let held = inverse == 0 ? 0 : min(max(value, -Self.limit), Self.limit)
        out[row] = value.isNaN ? 0 : Float(held)
        if hasIndicator { out[count + row] = values[row].isNaN ? 1 : 0 }
      }
    }
  }
}

/// A category column: each known level has a row of learnt numbers, so have missing cells and levels never seen.
struct CategoryInput: Sendable {
  /// Row of missing cells, and that of levels which are not known; known ones follow.
  static let missing: Int32 = 0
  static let unknown: Int32 = 1
  /// Levels with a row of their own at most; rarer ones share that of unknown levels.
  static let levelLimit = 65_534

  /// Column.
  var field: Int
  /// Known levels, sorted.
  var levels: [String]
  /// Numbers a row has.
  var width: Int
  private let rows: [String: Int32]

  init(field: Int, levels: [String], width: Int) {
    self.field = field
    self.levels = levels
    self.width = width
    rows = Dictionary(levels.enumerated().map { ($1, Int32($0) + 2) }, uniquingKeysWith: { first, _ in first })
  }

  /// Learns the levels; with `width` 0 it follows from their number.
  init(_ column: Column, codes: [Int32], levels: [String], field: Int, width: Int) {
    var counts = [Int](repeating: 0, count: levels.count)
    for (row, code) in codes.enumerated() where column.isPresent(row) { counts[Int(code)] += 1 }
    let present = levels.indices.filter { counts[$0] > 0 }
    let own = present.sorted { (counts[$1], levels[$0]) < (counts[$0], levels[$1]) }.prefix(Self.levelLimit)
    self.init(
      field: field, levels: own.map { levels[$0] }.sorted(),
      width: width > 0 ? width : Self.automaticWidth(own.count))
  }

  /// `1.6 · levels^0.56`, at most 50 (the rule of fastai).
  static func automaticWidth(_ levelCount: Int) -> Int {
    max(1, min(50, Int((1.6 * Mathematics.pow(Double(max(1, levelCount)), 0.56)).rounded())))
  }

  /// Rows of its table.
  var rowCount: Int { levels.count + 2 }

  /// Row of every cell.
  func codes(_ column: Column) -> [Int32]? {
    switch column.storage {
    case .category(let codes, let levels):
      if levels.count > 2 * codes.count + 64 {
        return codes.indices.map { column.isPresent($0) ? row(levels[Int(codes[$0])]) : Self.missing }
      }
      let table = levels.map(row)
      return codes.indices.map { column.isPresent($0) ? table[Int(codes[$0])] : Self.missing }
    case .text(let texts): return texts.indices.map { column.isPresent($0) ? row(texts[$0]) : Self.missing }
    default: return nil
    }
  }

  private func row(_ level: String) -> Int32 { rows[level] ?? Self.unknown }
}

/// A column of sparse vectors, each element with weights of its own in the first layer.
struct VectorInput: Sendable {
  /// Column.
  var field: Int
  /// Elements.
  var width: Int
  /// Stored values are multiplied by it: 1 / their root mean square.
  var scale: Double
}
