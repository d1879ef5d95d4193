import Basics
import Frames
import Modeling

/// A batch of rows as online learners read it: checked before anything is learnt from it.
struct StochasticRows {
  let rowCount: Int
  let columns: [LinearColumn]
  let widths: [Int]
  /// Class codes, or the numbers.
  let target: Target
  let weights: [Double]?

  /// - Throws: `.schemaMismatch` for other columns, widths or classes than the model's; `.invalidData` for missing,
  ///   infinite or huge cells.
  init(_ data: TrainingData, schema: Schema, widths expected: [Int]?, classes: [String]?, owner: String) throws {
    columns = try schema.fields.map { field in
      let column = try LinearColumn(data.frame.column(field.name), name: field.name, owner: owner)
      let values: [Double] =
        switch column {
        case .dense(let values): values
        case .sparse(let matrix): matrix.values
        }
      guard values.allSatisfy({ abs($0) <= 1e140 }) else {
        throw MLError(
          .invalidData, "\(owner): column '\(field.name)' must hold moderate numbers; its squares overflow.",
          hint: "Divide '\(field.name)' by a large constant.", field: field.name)
      }
      return column
    }
    widths = columns.map { if case .sparse(let matrix) = $0 { matrix.width } else { 1 } }
    target = data.target
    weights = data.weights
    rowCount = data.frame.rowCount
    if let expected, expected != widths {
      throw MLError(.schemaMismatch, "\(owner): vector columns must be as wide as in training.")
    }
    if let classes, classes != data.target.classNames {
      throw MLError(
        .schemaMismatch, "\(owner): further rows must have the target of the model (\(classes.count) classes).")
    }
    if case .values(let values) = data.target, !values.allSatisfy({ abs($0) <= 1e140 }) {
      throw MLError(.invalidData, "\(owner): target must hold moderate numbers; its squares overflow.")
    }
  }
}

/// Running weighted mean and variance of one feature.
///
/// - Source: West, *Updating mean and variance estimates*, Commun. ACM 22(9), 1979.
struct RunningMoments: Sendable, Hashable {
  var weight = 0.0
  var mean = 0.0
  var squares = 0.0

  /// Takes `value` in.
  mutating func add(_ value: Double, weight added: Double) {
    guard added > 0 else { return }
    weight += added
    let step = value - mean
    mean += step * added / weight
    squares += added * step * (value - mean)
  }

  /// Standard deviation; 0 where nothing varies.
  var deviation: Double {
    let value = weight > 0 ? (squares / weight).squareRoot() : 0
    return value > 1e-12 * abs(mean) ? value : 0
  }
}
