import Basics
import Frames
import Kernels

/// The values of one column as a model that was fitted on `field` reads them.
enum FeatureValues {
  /// Numbers; NaN is missing.
  case numbers([Double])
  /// Level of the field's categories, −1 unknown, −2 missing.
  case levels([Int32])
  /// Elements of a vector.
  case vector(SparseMatrix)

  /// Level that stands for a category the field does not know.
  static let unknown: Int32 = -1
  /// Level that stands for no value.
  static let missing: Int32 = -2

  /// Reads column `field.name` of `frame`.
  ///
  /// - Throws: `.schemaMismatch` when it is lacking or of a kind that does not fit.
  init(_ frame: Frame, _ field: Field) throws {
    guard let index = frame.schema.index(of: field.name) else {
      throw MLError.unknown(
        "column", field.name, among: frame.schema.names, in: "trees", code: .schemaMismatch)
    }
    try self.init(frame.columns[index], field)
  }

  private init(_ column: Column, _ field: Field) throws {
    switch (field.kind, column.storage) {
    case (.category, .category(let codes, let levels)): self = .levels(Self.translated(codes, levels, column, field))
    case (.category, .text(let texts)): self = .levels(Self.looked(texts, column, field))
    case (.vector, .vector(let matrix)):
      if !field.categories.isEmpty, field.categories.count != matrix.width { fallthrough }
      self = .vector(matrix)
    default:
      let isNumber = field.kind != .category && field.kind != .vector && field.kind != .text
      guard isNumber, (field.kind == .timestamp) == (column.kind == .timestamp), let numbers = column.doubles else {
        throw MLError(
          .schemaMismatch,
          "trees: column '\(field.name)' must be \(field.kind.rawValue); got \(column.kind.rawValue).",
          hint: "Read the table with the types the model was trained on.", field: field.name)
      }
      self = .numbers(numbers)
    }
  }

  private static func translated(_ codes: [Int32], _ levels: [String], _ column: Column, _ field: Field) -> [Int32] {
    if levels == field.categories {
      return column.validity == nil ? codes : codes.indices.map { column.isPresent($0) ? codes[$0] : missing }
    }
    if levels.count > codes.count { return looked(codes.map { levels[Int($0)] }, column, field) }
    let positions = positions(field)
    let table = levels.map { positions[$0] ?? unknown }
    return codes.indices.map { column.isPresent($0) ? table[Int(codes[$0])] : missing }
  }

  private static func looked(_ texts: [String], _ column: Column, _ field: Field) -> [Int32] {
    if texts.count == 1 {
      guard column.isPresent(0) else { return [missing] }
      return [field.categories.firstIndex(of: texts[0]).map(Int32.init) ?? unknown]
    }
    let positions = positions(field)
    return texts.indices.map { column.isPresent($0) ? positions[texts[$0]] ?? unknown : missing }
  }

  private static func positions(_ field: Field) -> [String: Int32] {
    Dictionary(field.categories.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// Code of a level: 0 missing, 1 other or unknown, else its own.
  static func code(_ level: Int32, _ table: [Int32]) -> Int32 {
    level == missing ? 0 : level < 0 || Int(level) >= table.count ? 1 : table[Int(level)]
  }

  /// Writes the codes of `feature` into `binned`.
  func fill(_ binned: BinnedColumns, _ feature: TreeFeature, _ place: HistogramFeature) {
    switch (self, feature.coding) {
    case (.numbers(let values), .numbers(let bounds)):
      binned.fill(narrow: place.column, start: 0, values: values.span, bounds: QuantileBins.padded(bounds))
    case (.levels(let levels), .categories(let table, _)):
      if place.isWide {
        binned.set(wide: place.column, levels.map { UInt16(Self.code($0, table)) })
      } else {
        binned.set(narrow: place.column, levels.map { UInt8(Self.code($0, table)) })
      }
    case (.vector(let matrix), .numbers(let bounds)):
      let values = matrix.dense(element: feature.element ?? 0)
      binned.fill(narrow: place.column, start: 0, values: values.span, bounds: QuantileBins.padded(bounds))
    default: preconditionFailure("coding fits the kind of column")
    }
  }
}

extension SparseMatrix {
  /// One element of every row; 0 where nothing is stored.
  func dense(element: Int) -> [Double] {
    var out = [Double](repeating: 0, count: rowCount)
    for row in 0..<rowCount {
      var low = offsets[row]
      var high = offsets[row + 1]
      while low < high {
        let middle = (low + high) / 2
        if Int(indices[middle]) < element { low = middle + 1 } else { high = middle }
      }
      if low < offsets[row + 1], Int(indices[low]) == element { out[row] = values[low] }
    }
    return out
  }
}
