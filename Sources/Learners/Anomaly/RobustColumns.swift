import Basics
import Frames
import Modeling

/// Number columns for detectors, and order statistics with weights.
enum RobustColumns {
  /// The columns of `frame` as numbers, infinite and missing cells as they are (NaN).
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one without numbers.
  static func values(_ frame: Frame, _ schema: Schema, owner: String) throws -> [[Double]] {
    try schema.fields.map { field in
      let column = try frame.column(field.name)
      guard let values = column.doubles, column.kind != .timestamp else {
        throw MLError(
          .schemaMismatch, "\(owner): column '\(field.name)' must hold numbers; got \(column.kind.rawValue).",
          hint: "Encode it first, for instance with ordinal.", field: field.name)
      }
      return values
    }
  }

  /// Rows of positive weight, or all.
  static func rows(_ data: TrainingData, owner: String) throws -> [Int] {
    let rows = (0..<data.frame.rowCount).filter { data.weights?[$0] != 0 }
    guard !rows.isEmpty, data.frame.schema.count > 0 else {
      throw MLError(.invalidData, "\(owner): needs at least one row and one number column; got none.")
    }
    return rows
  }

  /// Smallest value with at least `share` of the weight at or below it; half-way to the next when exactly that much
  /// is.
  static func quantile(_ values: [Double], _ weights: [Double]?, _ share: Double) -> Double {
    let order = values.indices.filter { values[$0].isFinite && weights?[$0] != 0 }.sorted { values[$0] < values[$1] }
    let total = order.reduce(0.0) { $0 + (weights?[$1] ?? 1) }
    var below = 0.0
    for (place, row) in order.enumerated() {
      below += weights?[row] ?? 1
      if below > share * total { return values[row] }
      if below == share * total, place + 1 < order.count { return values[row] / 2 + values[order[place + 1]] / 2 }
    }
    return order.last.map { values[$0] } ?? 0
  }
}
