import Basics

/// Checks of row weights.
package enum RowWeights {
  /// `weights`, or ones.
  ///
  /// - Throws: `.shapeMismatch` for a wrong count, `.invalidData` for a weight that is negative or not finite.
  package static func checked(_ weights: [Double]?, rowCount: Int, owner: String) throws -> [Double] {
    guard let weights else { return [Double](repeating: 1, count: rowCount) }
    guard weights.count == rowCount else {
      throw MLError(.shapeMismatch, "\(owner): weights must have \(rowCount) rows; got \(weights.count).")
    }
    if let row = weights.firstIndex(where: { !$0.isFinite || $0 < 0 }) {
      throw MLError(.invalidData, "\(owner): weights must be finite and not negative; row \(row + 1) is not.")
    }
    return weights
  }
}
