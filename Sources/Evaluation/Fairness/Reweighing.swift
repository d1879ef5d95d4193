import Basics
public import Modeling

/// Mitigation before training.
public enum Reweighing {
  /// Row weights under which group and class are independent: `P(group)·P(class) / P(group, class)` times the weight
  /// that was there. A learner that heeds weights then sees every group with the same share of every class.
  ///
  /// - Throws: `.shapeMismatch`; `.invalidData` unless the target is of classes.
  /// - Source: Kamiran and Calders, *Data preprocessing techniques for classification without discrimination*, KAIS 33,
  ///   2012.
  public static func weights(
    _ groups: ProtectedGroups, _ target: Target, weights: [Double]? = nil
  ) throws -> [Double] {
    guard case .classes(let codes, let names) = target, !names.isEmpty else {
      throw MLError(.invalidData, "reweighing: needs a class target.", hint: "Cut the numbers into classes first.")
    }
    guard codes.count == groups.rowCount else {
      throw MLError(.shapeMismatch, "reweighing: target must have \(groups.rowCount) rows; got \(codes.count).")
    }
    let ones = try RowWeights.checked(weights, rowCount: codes.count, owner: "reweighing")
    let groupOf = groups.groupOf
    let width = names.count
    var cells = [Double](repeating: 0, count: groups.groups.count * width)
    for row in codes.indices { cells[groupOf[row] * width + Int(codes[row])] += ones[row] }
    let total = cells.reduce(0, +)
    let byGroup = groups.groups.indices.map { cells[($0 * width)..<(($0 + 1) * width)].reduce(0, +) }
    let byClass = (0..<width).map { k in groups.groups.indices.reduce(0) { $0 + cells[$1 * width + k] } }
    return codes.indices.map { row in
      let cell = cells[groupOf[row] * width + Int(codes[row])]
      return cell > 0 ? ones[row] * byGroup[groupOf[row]] * byClass[Int(codes[row])] / (total * cell) : ones[row]
    }
  }
}
