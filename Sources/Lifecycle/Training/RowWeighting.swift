import Basics
import Frames
import Modeling

/// Row weights from a column, and weights that make classes count alike.
enum RowWeighting {
  /// Weights of a column; a missing one counts as the mean of the others.
  ///
  /// - Throws: `.invalidData` unless all are finite numbers of at least 0 and some are above.
  static func weights(_ column: Column, named name: String) throws -> (weights: [Double], sentences: [String]) {
    guard [.number, .integer, .boolean].contains(column.kind), let values = column.doubles else {
      throw MLError(
        .invalidData, "weights: '\(name)' must be a number; got \(column.kind.rawValue).", hint: "Name another column.",
        field: name)
    }
    let known = (0..<column.count).filter { column.isPresent($0) }
    let bad = known.count { !(values[$0].isFinite && values[$0] >= 0) }
    guard bad == 0 else {
      throw MLError(
        .invalidData, "weights: '\(name)' must be finite and at least 0; \(bad) of \(column.count) rows are not.",
        hint: "Correct those rows; a weight of 0 leaves a row out.", field: name)
    }
    let total = known.reduce(0) { $0 + values[$1] }
    guard total > 0 else {
      throw MLError(
        .invalidData, "weights: '\(name)' must be above 0 in some rows; got none of \(column.count).",
        hint: "Name another column.", field: name)
    }
    let mean = total / Double(known.count)
    var sentences = ["Rows count by '\(name)' in fitting and in metrics."]
    if known.count < column.count {
      sentences.append("\(column.count - known.count) rows without '\(name)' count as an average row.")
    }
    return ((0..<column.count).map { column.isPresent($0) ? values[$0] : mean }, sentences)
  }

  /// Rows to learn from and rows that decide when to stop. Balanced classes count alike among the rows learnt from, and
  /// by the same factors among the others, so that both measure one thing.
  static func data(
    _ training: TrainingTable.Part, validation: TrainingTable.Part? = nil, classWeight: ClassWeight
  ) throws -> TrainingData {
    let factors = classWeight == .balanced ? factors(training) : nil
    let stop = validation.map {
      TrainingData.Validation(frame: $0.features, target: $0.target, weights: weighed($0, factors))
    }
    return try TrainingData(
      frame: training.features, target: training.target, weights: weighed(training, factors), validation: stop)
  }

  /// `rows / (classes present · rows of the class)`, rows counted by weight; `nil` for numbers.
  ///
  /// - Source: King and Zeng, *Logistic regression in rare events data*, Political Analysis 9(2), 2001.
  private static func factors(_ part: TrainingTable.Part) -> [Double]? {
    guard case .classes(let codes, let names) = part.target, !names.isEmpty else { return nil }
    var sums = [Double](repeating: 0, count: names.count)
    for (row, code) in codes.enumerated() { sums[Int(code)] += part.weights?[row] ?? 1 }
    let total = sums.reduce(0, +)
    let present = Double(sums.count { $0 > 0 })
    return sums.map { $0 > 0 ? total / (present * $0) : 0 }
  }

  private static func weighed(_ part: TrainingTable.Part, _ factors: [Double]?) -> [Double]? {
    guard let factors, case .classes(let codes, _) = part.target else { return part.weights }
    return codes.indices.map { (part.weights?[$0] ?? 1) * factors[Int(codes[$0])] }
  }
}
