public import Basics
public import Frames
public import Modeling

/// Mergeable sums of multinomial and Bernoulli naive Bayes: rows of each class, and of each class and feature.
public struct CountNaiveBayesModel: UpdatableModel {
  enum Kind: Sendable, Hashable {
    case multinomial
    case bernoulli(threshold: Double)
  }

  /// The columns it needs.
  public let schema: Schema
  /// Class names.
  public let classes: [String]
  let kind: Kind
  let widths: [Int]
  let smoothing: Double
  /// What each schema field is counted from: 0, or the negative least value of a number column in training.
  let origins: [Double]
  /// Weighted rows of each class.
  private(set) var totals: [Double]
  /// Sums (multinomial) or weighted rows that have the feature (Bernoulli), `[class][feature]`.
  private(set) var counts: [Double]

  private var width: Int { widths.reduce(0, +) }
  private var owner: String {
    kind == .multinomial ? MultinomialNaiveBayes.card.name : BernoulliNaiveBayes.card.name
  }

  init(_ data: TrainingData, kind: Kind, smoothing: Double, in context: FitContext) throws {
    try context.checkCancellation()
    let owner = kind == .multinomial ? MultinomialNaiveBayes.card.name : BernoulliNaiveBayes.card.name
    let rows = try BayesRows(data, owner: owner)
    try rows.requireTwoClasses(rows.classTotals, owner: owner)
    schema = rows.schema
    classes = rows.names
    widths = rows.widths
    self.kind = kind
    self.smoothing = smoothing
    origins = rows.columns.map { kind == .multinomial ? Self.origin($0, data.weights) : 0 }
    totals = [Double](repeating: 0, count: rows.names.count)
    counts = [Double](repeating: 0, count: rows.names.count * rows.widths.reduce(0, +))
    try add(rows)
  }

  /// Adds the counts of further rows.
  ///
  /// - Throws: `.schemaMismatch` for other classes or columns; `.invalidData` for negative (multinomial), missing or
  ///   infinite cells.
  public mutating func update(with data: TrainingData, in context: FitContext) throws {
    try context.checkCancellation()
    let rows = try BayesRows(data, owner: owner, schema: schema)
    try BayesUpdate.check(rows, classes: classes, widths: widths, owner: owner)
    var copy = self
    try copy.add(rows)
    self = copy
  }

  private mutating func add(_ rows: BayesRows) throws {
    let width = width
    var first = 0
    for (position, column) in rows.columns.enumerated() {
      let (field, own) = (schema.fields[position], widths[position])
      let entries = entries(column, origins[position])
      if kind == .multinomial, entries.values.contains(where: { $0 < 0 }) {
        throw MLError(
          .invalidData, "\(owner): column '\(field.name)' must not hold negative numbers.",
          hint: "Use gaussian-naive-bayes, or counts.", field: field.name)
      }
      for row in rows.codes.indices {
        let base = Int(rows.codes[row]) * width + first
        let weight = rows.weights?[row] ?? 1
        for entry in entries.range(row) {
          let value = amount(entries.values[entry])
          if value != 0 { counts[base + Int(entries.indices[entry])] += weight * value }
        }
      }
      guard counts.allSatisfy(\.isFinite) else {
        throw MLError(
          .invalidData, "\(owner): column '\(field.name)' must hold moderate numbers; its sums overflow.",
          field: field.name)
      }
      first += own
    }
    for (k, total) in rows.classTotals.enumerated() { totals[k] += total }
  }

  private static func origin(_ column: LinearColumn, _ weights: [Double]?) -> Double {
    guard case .dense(let values) = column else { return 0 }
    return values.indices.reduce(0) { (weights?[$1] ?? 1) > 0 ? min($0, values[$1]) : $0 }
  }

  /// A column as entries by row, numbers counted from `origin`.
  private func entries(_ column: LinearColumn, _ origin: Double) -> SparseMatrix {
    switch column {
    case .sparse(let matrix): return matrix
    case .dense(let values):
      let counted =
        origin < 0 ? values.map { max(0, $0 - origin) } : kind == .multinomial ? values.map { max(0, $0) } : values
      return SparseMatrix(
        width: 1, offsets: Array(0...values.count), indices: [Int32](repeating: 0, count: values.count), values: counted
      )
    }
  }

  private func amount(_ value: Double) -> Double {
    if case .bernoulli(let threshold) = kind { value > threshold ? 1 : 0 } else { value }
  }

  /// Score of a row without any feature, and what each feature adds, `[class][feature]`.
  private func logarithms() -> (start: [Double], features: [Double]) {
    let width = width
    var start = BayesScores.priors(totals)
    var features = counts
    for k in classes.indices {
      switch kind {
      case .multinomial:
        var sum = 0.0
        for feature in 0..<width { sum += counts[k * width + feature] + smoothing }
        let logarithm = Mathematics.log(sum)
        for feature in 0..<width {
          features[k * width + feature] = Mathematics.log(counts[k * width + feature] + smoothing) - logarithm
        }
      case .bernoulli:
        let logarithm = Mathematics.log(totals[k] + 2 * smoothing)
        for feature in 0..<width {
          let present = Mathematics.log(counts[k * width + feature] + smoothing) - logarithm
          let absent = Mathematics.log(max(0, totals[k] - counts[k * width + feature]) + smoothing) - logarithm
          start[k] += absent
          features[k * width + feature] = present - absent
        }
      }
    }
    return (start, features)
  }

  /// Probabilities.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another width, `.invalidData` for missing cells.
  public func predict(_ frame: Frame) throws -> Predictions {
    let (start, features) = logarithms()
    let (width, count) = (width, classes.count)
    var scores: [Double] = []
    scores.reserveCapacity(frame.rowCount * count)
    for _ in 0..<frame.rowCount { scores += start }
    var first = 0
    for (position, column) in try BayesUpdate.columns(frame, schema: schema, widths: widths).enumerated() {
      let (entries, own) = (entries(column, origins[position]), widths[position])
      for row in 0..<frame.rowCount {
        for entry in entries.range(row) {
          let value = amount(entries.values[entry])
          if value == 0 { continue }
          let base = first + Int(entries.indices[entry])
          for k in 0..<count { scores[row * count + k] += value * features[k * width + base] }
        }
      }
      first += own
    }
    return BayesScores.probabilities(scores.map { $0.isNaN ? -.infinity : $0 }, classes: classes)
  }
}

extension SparseMatrix {
  /// Entries of a row.
  func range(_ row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }
}

extension CountNaiveBayesModel {
  /// Adds schema, classes, kind and sums.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("widths", .array(widths.map { .integer(Int64($0)) }))
    archive.set("kind", .string(kind == .multinomial ? "multinomial" : "bernoulli"))
    archive.add("classes", strings: classes)
    var threshold = 0.0
    if case .bernoulli(let value) = kind { threshold = value }
    archive.add("settings", doubles: [smoothing, threshold])
    archive.add("origins", doubles: origins)
    archive.add("totals", doubles: totals)
    archive.add("counts", doubles: counts)
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    classes = try archive.strings("classes")
    totals = try archive.doubles("totals")
    counts = try archive.doubles("counts")
    let settings = try archive.doubles("settings")
    origins = try archive.doubles("origins")
    let name = try archive.string("kind")
    widths = try BayesUpdate.widths(archive, schema: schema, limit: counts.count)
    guard ["multinomial", "bernoulli"].contains(name), settings.count == 2, settings.allSatisfy(\.isFinite),
      settings[0] > 0, settings[1] >= 0, classes.count > 1, totals.count == classes.count,
      counts.count == classes.count * widths.reduce(0, +), totals.allSatisfy({ $0.isFinite && $0 >= 0 }),
      totals.contains(where: { $0 > 0 }), origins.count == schema.count,
      origins.allSatisfy({ $0.isFinite && $0 <= 0 }), counts.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { throw archive.corrupt("holds a naive Bayes model whose parts do not fit together") }
    kind = name == "multinomial" ? .multinomial : .bernoulli(threshold: settings[1])
    smoothing = settings[0]
  }
}
