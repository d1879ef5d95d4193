import Basics
public import Modeling

/// What one row costs, for comparing rows with one another.
public enum RowLoss: String, Sendable, Hashable, Codable, CaseIterable {
  /// `−ln p(true class)`.
  case logLoss = "log-loss"
  /// 1 where decided wrongly.
  case error
  /// Distance of prediction and truth.
  case absoluteError = "absolute-error"
  /// Squared distance of prediction and truth.
  case squaredError = "squared-error"

  /// What suits the predictions: `logLoss` for classes, `absoluteError` for numbers.
  public static func suggested(for predictions: Predictions) -> RowLoss {
    predictions.values == nil ? .logLoss : .absoluteError
  }

  /// Loss of every row.
  ///
  /// - Throws: `.invalidData` for another task, `.shapeMismatch`.
  public func values(_ predictions: Predictions, _ target: Target) throws -> [Double] {
    switch self {
    case .logLoss:
      let rows = try ClassRows(predictions, target, owner: rawValue)
      return rows.truth.indices.map { row in
        let p = rows.probabilities[row * rows.classCount + Int(rows.truth[row])]
        return -Mathematics.log(min(max(p, Double.ulpOfOne), 1 - Double.ulpOfOne))
      }
    case .error:
      let rows = try DecidedRows(predictions, target, owner: rawValue)
      let width = Int32(rows.classes.count)
      return rows.cells.map { $0 / width == $0 % width ? 0 : 1 }
    case .absoluteError, .squaredError:
      let rows = try NumberRows(predictions, target, owner: rawValue)
      let errors = zip(rows.predicted, rows.truth).map { abs($0 - $1) }
      return self == .absoluteError ? errors : errors.map { $0 * $0 }
    }
  }
}
