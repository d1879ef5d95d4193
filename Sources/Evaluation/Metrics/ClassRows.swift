import Basics
import Modeling

/// Predicted probabilities and true classes of the same rows, in the class order of the predictions.
struct ClassRows: Sendable {
  /// Row-major `[rowCount, classCount]`.
  let probabilities: [Double]
  /// True class of every row.
  let truth: [Int32]
  /// Class names.
  let classes: [String]

  var rowCount: Int { truth.count }
  var classCount: Int { classes.count }

  /// - Throws: `.shapeMismatch` for differing counts; `.invalidData` for another task, a class the model does not know
  ///   or a probability outside 0…1.
  init(_ predictions: Predictions, _ target: Target, owner: String) throws {
    guard case .probabilities(let probabilities, let classes) = predictions.storage,
      case .classes(let codes, let names) = target, !classes.isEmpty
    else {
      throw MLError(
        .invalidData, "\(owner): needs class probabilities and a class target.",
        hint: "Use a regression metric such as rmse for numbers.")
    }
    guard predictions.rowCount == codes.count, probabilities.count == codes.count * classes.count else {
      throw MLError(
        .shapeMismatch,
        "\(owner): predictions and target must have the same rows; got \(predictions.rowCount) and \(codes.count).")
    }
    if let index = probabilities.firstIndex(where: { !($0 >= -1e-9 && $0 <= 1 + 1e-9) }) {
      throw MLError(
        .invalidData, "\(owner): probabilities must be in 0…1; row \(index / classes.count + 1) is not.")
    }
    self.probabilities = probabilities
    self.classes = classes
    self.truth =
      names == classes && codes.allSatisfy { $0 >= 0 && Int($0) < names.count }
      ? codes : try Self.aligned(codes, names, to: classes, owner)
  }

  private static func aligned(
    _ codes: [Int32], _ names: [String], to classes: [String], _ owner: String
  ) throws -> [Int32] {
    let positions = Dictionary(classes.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    let mapped = names.map { positions[$0] }
    return try codes.enumerated().map { row, code in
      guard mapped.indices.contains(Int(code)) else {
        throw MLError(.invalidData, "\(owner): row \(row + 1) has a class code without a name.")
      }
      guard let known = mapped[Int(code)] else {
        throw MLError(
          .invalidData,
          "\(owner): class '\(names[Int(code)])' in row \(row + 1) is unknown to the model "
            + "(\(classes.count) known).",
          hint: "Leave out rows of that class, or train with them.")
      }
      return known
    }
  }

  /// Probability of class `k` for every row.
  func column(_ k: Int) -> [Double] {
    classCount == 1 ? probabilities : (0..<rowCount).map { probabilities[$0 * classCount + k] }
  }
}

/// True and decided classes of the same rows.
public struct DecidedRows: Sendable {
  /// Class names.
  public let classes: [String]
  /// `truth · classCount + decided` of every row.
  let cells: [Int32]

  /// Aligns target and decisions by class name.
  ///
  /// - Throws: as `ClassRows`.
  init(_ predictions: Predictions, _ target: Target, owner: String) throws {
    let rows = try ClassRows(predictions, target, owner: owner)
    let decided = predictions.classCodes
    let width = Int32(rows.classCount)
    guard decided.count == rows.rowCount, decided.allSatisfy({ $0 >= 0 && $0 < width }) else {
      throw MLError(.shapeMismatch, "\(owner): decisions must name one known class for each row.")
    }
    classes = rows.classes
    cells = zip(rows.truth, decided).map { $0 * width + $1 }
  }

  /// Weighted counts.
  func matrix(_ weights: [Double]) -> ConfusionMatrix {
    var counts = [Double](repeating: 0, count: classes.count * classes.count)
    for row in cells.indices { counts[Int(cells[row])] += weights[row] }
    return ConfusionMatrix(classes: classes, counts: counts)
  }
}

/// Numbers predicted and true of the same rows.
struct NumberRows: Sendable {
  let predicted: [Double]
  let truth: [Double]

  /// - Throws: `.shapeMismatch` for differing counts; `.invalidData` for another task or a number that is not finite.
  init(_ predictions: Predictions, _ target: Target, owner: String) throws {
    guard let predicted = predictions.values, case .values(let truth) = target else {
      throw MLError(
        .invalidData, "\(owner): needs predicted numbers and a number target.",
        hint: "Use a classification metric such as roc_auc for classes.")
    }
    guard predicted.count == truth.count else {
      throw MLError(
        .shapeMismatch,
        "\(owner): predictions and target must have the same rows; got \(predicted.count) and \(truth.count).")
    }
    if let row = predicted.firstIndex(where: { !$0.isFinite }) ?? truth.firstIndex(where: { !$0.isFinite }) {
      throw MLError(.invalidData, "\(owner): predictions and target must be finite; row \(row + 1) is not.")
    }
    self.predicted = predicted
    self.truth = truth
  }
}
