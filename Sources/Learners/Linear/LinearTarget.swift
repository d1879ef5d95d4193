import Basics
import Frames
import Modeling

/// What the estimators of the family ask of their data, and how they make a model of a solution.
enum LinearTarget {
  /// The numbers to predict.
  ///
  /// - Throws: `.invalidData` for classes or no rows.
  static func numbers(_ data: TrainingData, owner: String) throws -> [Double] {
    guard case .values(let target) = data.target else {
      throw MLError(
        .invalidData, "\(owner): target must be numbers; got classes.", hint: "Use logistic-regression or linear-svc.")
    }
    guard !target.isEmpty else { throw MLError(.invalidData, "\(owner): needs at least one row; got none.") }
    return target
  }

  /// Weighted mean of `target` and what is left without it.
  ///
  /// - Throws: `.invalidData` when squares overflow.
  static func centered(
    _ target: [Double], _ weights: [Double]?, owner: String
  ) throws -> (values: [Double], mean: Double, totalWeight: Double) {
    let total = weights?.reduce(0, +) ?? Double(target.count)
    var mean = 0.0
    for row in target.indices { mean += target[row] / total * (weights?[row] ?? 1) }
    let values = target.map { $0 - mean }
    guard mean.isFinite, values.allSatisfy({ ($0 * $0).isFinite }) else {
      throw MLError(
        .invalidData, "\(owner): target must hold moderate numbers; its squares overflow.",
        hint: "Divide the target by a large constant.")
    }
    return (values, mean, total)
  }

  /// The model of `solution` `[score][feature]` in standardised units.
  ///
  /// - Throws: `.invalidData` when a weight of a raw column overflows.
  static func model(
    _ solution: [Double], _ matrix: DesignMatrix, _ data: TrainingData, owner: String, offset: Double = 0,
    isLog: Bool = false
  ) throws -> LinearModel {
    let (coefficients, intercept) = matrix.raw(solution[...])
    let scores = LinearScores(coefficients: [coefficients], intercepts: [intercept + offset])
    guard scores.isFinite else { throw overflow(owner) }
    return LinearModel(
      schema: data.frame.schema, classes: [], scores: scores, statistics: matrix.statistics(data.weights), isLog: isLog)
  }

  /// Codes and names of the target, and which classes have rows of weight.
  ///
  /// - Throws: `.invalidData` for numbers, or fewer than two classes with rows.
  static func classes(
    _ data: TrainingData, owner: String
  ) throws -> (codes: [Int32], names: [String], present: [Int]) {
    guard case .classes(let codes, let names) = data.target else {
      throw MLError(.invalidData, "\(owner): target must be classes; got numbers.", hint: "Use ridge.")
    }
    var shares = [Double](repeating: 0, count: names.count)
    for row in codes.indices { shares[Int(codes[row])] += data.weights?[row] ?? 1 }
    let present = names.indices.filter { shares[$0] > 0 }
    guard present.count >= 2 else {
      throw MLError(
        .invalidData, "\(owner): target must have two classes with rows; got \(present.count).",
        hint: "Add rows of another class, or check the target column.")
    }
    return (codes, names, present)
  }

  /// The model of scores of the classes with rows: one for two of them, else one each. Others get next to nothing.
  static func model(
    of fitted: [(coefficients: [[Double]], intercept: Double)], present: [Int], _ matrix: DesignMatrix,
    _ data: TrainingData, owner: String
  ) throws -> LinearModel {
    let names = data.target.classNames
    var coefficients = fitted.map(\.coefficients)
    var intercepts = fitted.map(\.intercept)
    if names.count > present.count {
      let none = coefficients[0].map { [Double](repeating: 0, count: $0.count) }
      if fitted.count == 1 {
        coefficients.insert(none, at: 0)
        intercepts.insert(0, at: 0)
      }
      let absent = (intercepts.min() ?? 0) - 40
      let order = names.indices.map { present.firstIndex(of: $0) }
      coefficients = order.map { $0.map { coefficients[$0] } ?? none }
      intercepts = order.map { $0.map { intercepts[$0] } ?? absent }
    }
    let scores = LinearScores(coefficients: coefficients, intercepts: intercepts)
    guard scores.isFinite else { throw overflow(owner) }
    return LinearModel(
      schema: data.frame.schema, classes: names, scores: scores, statistics: matrix.statistics(data.weights))
  }

  /// Says that weights of raw columns are not finite.
  static func overflow(_ owner: String) -> MLError {
    MLError(.invalidData, "\(owner): weights overflow.", hint: "Scale the columns, or raise 'penalty'.")
  }
}
