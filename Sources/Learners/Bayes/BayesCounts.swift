import Basics
import Frames
import Modeling

/// Class codes, names and columns of rows that a naive Bayes learner takes.
struct BayesRows {
  let codes: [Int32]
  let names: [String]
  let weights: [Double]?
  let schema: Schema
  /// In schema order.
  let columns: [LinearColumn]
  /// Features of each column.
  var widths: [Int] { columns.map { if case .sparse(let matrix) = $0 { matrix.width } else { 1 } } }

  /// - Throws: `.invalidData` for numbers as target, missing or infinite cells; `.schemaMismatch` for categories or
  ///   texts.
  init(_ data: TrainingData, owner: String, schema: Schema? = nil) throws {
    guard case .classes(let codes, let names) = data.target, !names.isEmpty else {
      throw MLError(.invalidData, "\(owner): target must be classes; got numbers.", hint: "Use ridge.")
    }
    guard names.count > 1 else {
      throw MLError(.invalidData, "\(owner): target must have two classes; got 1.", hint: "Check the target column.")
    }
    self.codes = codes
    self.names = names
    weights = data.weights
    self.schema = schema ?? data.frame.schema
    columns = try self.schema.fields.map {
      try LinearColumn(data.frame.column($0.name), name: $0.name, owner: owner)
    }
  }

  /// Weighted rows of each class.
  var classTotals: [Double] {
    var totals = [Double](repeating: 0, count: names.count)
    for row in codes.indices { totals[Int(codes[row])] += weights?[row] ?? 1 }
    return totals
  }

  /// Throws when fewer than two classes have rows.
  func requireTwoClasses(_ totals: [Double], owner: String) throws {
    let present = totals.count { $0 > 0 }
    guard present >= 2 else {
      throw MLError(
        .invalidData, "\(owner): target must have two classes with rows; got \(present).",
        hint: "Add rows of another class, or check the target column.")
    }
  }
}

/// Normalised probabilities from joint log-likelihoods.
enum BayesScores {
  /// Probabilities of rows `[row][class]` flat; a class whose score is -∞ gets 0.
  static func probabilities(_ scores: [Double], classes: [String]) -> Predictions {
    let count = classes.count
    var out = scores
    for row in 0..<(scores.count / max(1, count)) {
      let start = row * count
      var largest = out[start]
      for k in 1..<count { largest = max(largest, out[start + k]) }
      guard largest.isFinite else {
        for k in 0..<count { out[start + k] = 1 / Double(count) }
        continue
      }
      var total = 0.0
      for k in 0..<count {
        out[start + k] = Mathematics.exp(out[start + k] - largest)
        total += out[start + k]
      }
      for k in 0..<count { out[start + k] /= total }
    }
    return Predictions(.probabilities(out, classes: classes))
  }

  /// Logarithms of class shares; -∞ for a class without rows.
  static func priors(_ totals: [Double]) -> [Double] {
    let sum = totals.reduce(0, +)
    return totals.map { $0 > 0 ? Mathematics.log($0 / sum) : -.infinity }
  }
}
