public import Basics
public import Frames
public import Modeling

/// Naive Bayes with a normal distribution for each feature in each class.
///
/// For class `k` with share `πₖ`, mean `μₖⱼ` and variance `vₖⱼ` (plus `variance_smoothing` times the largest variance
/// of any feature over all rows): `p(k | x) ∝ πₖ Πⱼ N(xⱼ; μₖⱼ, vₖⱼ)`. Elements of vector columns are features too,
/// zeros included.
///
/// - Source: Chan, Golub and LeVeque, *Updating formulae …*, 1979, for merging; agrees with scikit-learn GaussianNB.
public struct GaussianNaiveBayes: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "gaussian-naive-bayes", summary: "Quick classifier for numbers that are roughly normal in each class.",
    tasks: [.classification], capabilities: [.handlesVectors, .multiclass, .weights],
    hyperparameters: [
      .init(
        "variance_smoothing", "Share of the largest variance that joins every variance.",
        .real(0...1, logarithmic: false), search: .real(1e-12...0.1, logarithmic: true))
    ], source: "Chan, Golub and LeVeque 1979; scikit-learn GaussianNB")

  /// Share of the largest variance that joins every variance.
  public var varianceSmoothing: Double

  enum CodingKeys: String, CodingKey { case varianceSmoothing = "variance_smoothing" }

  /// Smoothing 1e-9.
  public init() { self.init(varianceSmoothing: 1e-9) }

  /// With smoothing.
  public init(varianceSmoothing: Double) { self.varianceSmoothing = varianceSmoothing }

  /// Sums.
  ///
  /// - Throws: `.invalidData` for numbers as target, fewer than two classes with rows, missing or infinite cells,
  ///   squares that overflow; `.schemaMismatch` for categories or texts.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> GaussianNaiveBayesModel {
    try context.checkCancellation()
    let rows = try BayesRows(data, owner: Self.card.name)
    try rows.requireTwoClasses(rows.classTotals, owner: Self.card.name)
    var model = GaussianNaiveBayesModel(
      schema: rows.schema, classes: rows.names, widths: rows.widths, smoothing: varianceSmoothing)
    try model.add(rows)
    return model
  }
}

/// Mergeable sums of `GaussianNaiveBayes`: rows, means and sums of squared distances of each class and feature.
public struct GaussianNaiveBayesModel: UpdatableModel {
  /// The columns it needs.
  public let schema: Schema
  /// Class names.
  public let classes: [String]
  /// Features of each schema field.
  let widths: [Int]
  let smoothing: Double
  /// Weighted rows of each class.
  private(set) var totals: [Double]
  /// `[class][feature]`.
  private(set) var means: [Double]
  /// Weighted sums of squared distances from the mean, `[class][feature]`.
  private(set) var squares: [Double]

  private var width: Int { widths.reduce(0, +) }

  init(schema: Schema, classes: [String], widths: [Int], smoothing: Double) {
    self.schema = schema
    self.classes = classes
    self.widths = widths
    self.smoothing = smoothing
    totals = [Double](repeating: 0, count: classes.count)
    means = [Double](repeating: 0, count: classes.count * widths.reduce(0, +))
    squares = means
  }

  /// Adds the sums of further rows; row order matters in the last bits only.
  ///
  /// - Throws: `.schemaMismatch` for other classes or columns; `.invalidData` for missing or infinite cells.
  public mutating func update(with data: TrainingData, in context: FitContext) throws {
    try context.checkCancellation()
    let rows = try BayesRows(data, owner: GaussianNaiveBayes.card.name, schema: schema)
    try BayesUpdate.check(rows, classes: classes, widths: widths, owner: GaussianNaiveBayes.card.name)
    var copy = self
    try copy.add(rows)
    self = copy
  }

  mutating func add(_ rows: BayesRows) throws {
    let added = rows.classTotals
    var start = 0
    for (column, field) in zip(rows.columns, schema.fields) {
      switch column {
      case .dense(let values): addDense(values, rows, added, feature: start)
      case .sparse(let matrix): addSparse(matrix, rows, added, from: start)
      }
      let end = start + (widths[schema.index(of: field.name) ?? 0])
      for k in classes.indices {
        guard means[(k * width + start)..<(k * width + end)].allSatisfy(\.isFinite),
          squares[(k * width + start)..<(k * width + end)].allSatisfy(\.isFinite)
        else {
          throw MLError(
            .invalidData,
            "gaussian-naive-bayes: column '\(field.name)' must hold moderate numbers; its squares overflow.",
            hint: "Divide '\(field.name)' by a large constant.", field: field.name)
        }
      }
      start = end
    }
    for k in classes.indices { totals[k] += added[k] }
  }

  private mutating func addDense(_ values: [Double], _ rows: BayesRows, _ added: [Double], feature: Int) {
    var sums = [Double](repeating: 0, count: classes.count)
    for row in values.indices {
      let k = Int(rows.codes[row])
      if added[k] > 0 { sums[k] += (rows.weights?[row] ?? 1) / added[k] * values[row] }
    }
    var distances = [Double](repeating: 0, count: classes.count)
    for row in values.indices {
      let k = Int(rows.codes[row])
      let distance = values[row] - sums[k]
      distances[k] += (rows.weights?[row] ?? 1) * distance * distance
    }
    for k in classes.indices { merge(k, feature, added[k], mean: sums[k], squares: distances[k]) }
  }

  private mutating func addSparse(_ matrix: SparseMatrix, _ rows: BayesRows, _ added: [Double], from start: Int) {
    var sums = [Double](repeating: 0, count: classes.count * matrix.width)
    for row in 0..<matrix.rowCount {
      let k = Int(rows.codes[row])
      if added[k] == 0 { continue }
      let share = (rows.weights?[row] ?? 1) / added[k]
      for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
        sums[k * matrix.width + Int(matrix.indices[entry])] += share * matrix.values[entry]
      }
    }
    // Every row starts as a row of zeros at distance `mean`; stored values change that.
    var distances = [Double](repeating: 0, count: sums.count)
    for k in classes.indices {
      for feature in 0..<matrix.width {
        let mean = sums[k * matrix.width + feature]
        distances[k * matrix.width + feature] = added[k] * mean * mean
      }
    }
    for row in 0..<matrix.rowCount {
      let k = Int(rows.codes[row])
      let weight = rows.weights?[row] ?? 1
      for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
        let place = k * matrix.width + Int(matrix.indices[entry])
        let value = matrix.values[entry]
        distances[place] += weight * value * (value - 2 * sums[place])
      }
    }
    for k in classes.indices {
      for feature in 0..<matrix.width {
        let place = k * matrix.width + feature
        merge(k, start + feature, added[k], mean: sums[place], squares: max(0, distances[place]))
      }
    }
  }

  private mutating func merge(_ k: Int, _ feature: Int, _ added: Double, mean: Double, squares other: Double) {
    guard added > 0 else { return }
    let place = k * width + feature
    let total = totals[k] + added
    let step = mean - means[place]
    means[place] += step * added / total
    squares[place] += other + step * step * totals[k] / total * added
  }

  /// Variances `[class][feature]` with the smoothing; never 0.
  private func variances() -> [Double] {
    let width = width
    let rows = totals.reduce(0, +)
    var largest = 0.0
    for feature in 0..<width {
      var mean = 0.0
      for k in classes.indices { mean += totals[k] / rows * means[k * width + feature] }
      var sum = 0.0
      for k in classes.indices {
        let distance = means[k * width + feature] - mean
        sum += squares[k * width + feature] / rows + totals[k] / rows * distance * distance
      }
      largest = max(largest, sum)
    }
    let least = max(smoothing * largest, 1e-280)
    return squares.indices.map { place in
      let total = totals[place / max(1, width)]
      return (total > 0 ? squares[place] / total : 0) + least
    }
  }

  /// Probabilities.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another width, `.invalidData` for missing cells.
  public func predict(_ frame: Frame) throws -> Predictions {
    let (width, count) = (width, classes.count)
    let variances = variances()
    var scores: [Double] = []
    scores.reserveCapacity(frame.rowCount * count)
    // Starting with every feature at 0 where columns are sparse.
    let columns = try BayesUpdate.columns(frame, schema: schema, widths: widths)
    var start = BayesScores.priors(totals)
    var first = 0
    for (column, own) in zip(columns, widths) {
      for k in 0..<count {
        for feature in first..<(first + own) {
          let place = k * width + feature
          start[k] -= 0.5 * Mathematics.log(2 * Double.pi * variances[place])
          if case .sparse = column { start[k] -= 0.5 * means[place] * means[place] / variances[place] }
        }
      }
      first += own
    }
    for _ in 0..<frame.rowCount { scores += start }
    first = 0
    for (column, own) in zip(columns, widths) {
      switch column {
      case .dense(let values):
        for row in values.indices {
          for k in 0..<count {
            let place = k * width + first
            let distance = values[row] - means[place]
            scores[row * count + k] -= 0.5 * (distance * distance / variances[place])
          }
        }
      case .sparse(let matrix):
        for row in 0..<matrix.rowCount {
          for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
            let value = matrix.values[entry]
            for k in 0..<count {
              let place = k * width + first + Int(matrix.indices[entry])
              scores[row * count + k] -= 0.5 * value * (value - 2 * means[place]) / variances[place]
            }
          }
        }
      }
      first += own
    }
    return BayesScores.probabilities(scores.map { $0.isNaN ? -.infinity : $0 }, classes: classes)
  }
}

extension GaussianNaiveBayesModel {
  /// Adds schema, classes and sums.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("widths", .array(widths.map { .integer(Int64($0)) }))
    archive.add("classes", strings: classes)
    archive.add("smoothing", doubles: [smoothing])
    archive.add("totals", doubles: totals)
    archive.add("means", doubles: means)
    archive.add("squares", doubles: squares)
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    classes = try archive.strings("classes")
    totals = try archive.doubles("totals")
    means = try archive.doubles("means")
    squares = try archive.doubles("squares")
    let factor = try archive.doubles("smoothing")
    widths = try BayesUpdate.widths(archive, schema: schema, limit: means.count)
    guard factor.count == 1, factor[0] >= 0, factor[0] <= 1, classes.count > 1, totals.count == classes.count,
      means.count == classes.count * widths.reduce(0, +), squares.count == means.count,
      totals.allSatisfy({ $0.isFinite && $0 >= 0 }), totals.contains(where: { $0 > 0 }), means.allSatisfy(\.isFinite),
      squares.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { throw archive.corrupt("holds a naive Bayes model whose parts do not fit together") }
    smoothing = factor[0]
  }
}

/// What the naive Bayes models share when they read rows and archives.
enum BayesUpdate {
  /// Throws when further rows have other classes or widths than the model.
  static func check(_ rows: BayesRows, classes: [String], widths: [Int], owner: String) throws {
    guard rows.names == classes else {
      throw MLError(
        .schemaMismatch, "\(owner): further rows must have the classes of the model (\(classes.count)); got others.")
    }
    guard rows.widths == widths else {
      throw MLError(.schemaMismatch, "\(owner): vector columns must be as wide as in training.")
    }
  }

  /// Columns of `frame` as the model needs them.
  static func columns(_ frame: Frame, schema: Schema, widths: [Int]) throws -> [LinearColumn] {
    try zip(schema.fields, widths).map { field, width in
      let column = try LinearColumn(frame.column(field.name), name: field.name, owner: "naive Bayes")
      var isFitting = field.kind != .vector
      if case .sparse(let matrix) = column { isFitting = field.kind == .vector && matrix.width == width }
      guard isFitting else {
        throw MLError(
          .schemaMismatch,
          "naive Bayes: column '\(field.name)' must be \(field.kind == .vector ? "a vector \(width) wide" : "numbers").",
          field: field.name)
      }
      return column
    }
  }

  /// Widths of the schema's fields, checked against how many numbers there are.
  static func widths(_ archive: ArchiveReader, schema: Schema, limit: Int) throws -> [Int] {
    let widths = try archive.value("widths").arrayValue?.compactMap(\.integerValue) ?? []
    guard widths.count == schema.count, widths.allSatisfy({ $0 >= 0 && $0 <= Int64(limit) }),
      zip(widths, schema.fields).allSatisfy({ $1.kind == .vector || $0 == 1 })
    else { throw archive.corrupt("holds a naive Bayes model whose widths do not fit its columns") }
    return widths.map { Int($0) }
  }
}
