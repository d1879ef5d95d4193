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
  /// Whether the negative values of a schema field's number column are a feature of their own.
  let isSplit: [Bool]
  /// Weighted rows of each class.
  private(set) var totals: [Double]
  /// Sums (multinomial) or weighted rows that have the feature (Bernoulli), `[class][feature]`.
  private(set) var counts: [Double]
  /// Score of a row without any feature, by class.
  private var start: [Double] = []
  /// What each feature adds, `[feature][class]`.
  private var shares: [Double] = []

  /// Features of each schema field.
  private var spans: [Int] { zip(widths, isSplit).map { $1 ? 2 : $0 } }
  private var width: Int { spans.reduce(0, +) }
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
    isSplit = rows.columns.map { kind == .multinomial && Self.hasNegatives($0, data.weights) }
    totals = [Double](repeating: 0, count: rows.names.count)
    let width = zip(rows.widths, isSplit).reduce(0) { $0 + ($1.1 ? 2 : $1.0) }
    counts = [Double](repeating: 0, count: rows.names.count * width)
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
      let (field, own) = (schema.fields[position], spans[position])
      let entries = entries(column, isSplit: isSplit[position])
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
    takeLogarithms()
  }

  private static func hasNegatives(_ column: LinearColumn, _ weights: [Double]?) -> Bool {
    guard case .dense(let values) = column else { return false }
    return values.indices.contains { values[$0] < 0 && (weights?[$0] ?? 1) > 0 }
  }

  /// A column as entries by row; of a split one, feature 0 holds what is above 0 and feature 1 what is below.
  private func entries(_ column: LinearColumn, isSplit: Bool) -> SparseMatrix {
    switch column {
    case .sparse(let matrix): return matrix
    case .dense(let values):
      let isPlain = kind != .multinomial
      return SparseMatrix(
        width: isSplit ? 2 : 1, offsets: Array(0...values.count), indices: values.map { isSplit && $0 < 0 ? 1 : 0 },
        values: isPlain ? values : values.map { isSplit ? abs($0) : max(0, $0) })
    }
  }

  private func amount(_ value: Double) -> Double {
    if case .bernoulli(let threshold) = kind { value > threshold ? 1 : 0 } else { value }
  }

  /// Turns counts into scores, once for all predictions.
  private mutating func takeLogarithms() {
    let (width, count) = (width, classes.count)
    start = BayesScores.priors(totals)
    shares = [Double](repeating: 0, count: counts.count)
    for k in classes.indices {
      switch kind {
      case .multinomial:
        var sum = 0.0
        for feature in 0..<width { sum += counts[k * width + feature] + smoothing }
        let logarithm = Mathematics.log(sum)
        for feature in 0..<width {
          shares[feature * count + k] = Mathematics.log(counts[k * width + feature] + smoothing) - logarithm
        }
      case .bernoulli:
        let logarithm = Mathematics.log(totals[k] + 2 * smoothing)
        for feature in 0..<width {
          let present = Mathematics.log(counts[k * width + feature] + smoothing) - logarithm
          let absent = Mathematics.log(max(0, totals[k] - counts[k * width + feature]) + smoothing) - logarithm
          start[k] += absent
          shares[feature * count + k] = present - absent
        }
      }
    }
  }

  /// Probabilities.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another width, `.invalidData` for missing cells.
  public func predict(_ frame: Frame) throws -> Predictions {
    let count = classes.count
    var scores: [Double] = []
    scores.reserveCapacity(frame.rowCount * count)
    for _ in 0..<frame.rowCount { scores += start }
    var first = 0
    for (position, column) in try BayesUpdate.columns(frame, schema: schema, widths: widths).enumerated() {
      let (entries, own) = (entries(column, isSplit: isSplit[position]), spans[position])
      for row in 0..<frame.rowCount {
        for entry in entries.range(row) {
          let value = amount(entries.values[entry])
          if value == 0 { continue }
          let base = (first + Int(entries.indices[entry])) * count
          for k in 0..<count { scores[row * count + k] += value * shares[base + k] }
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
    archive.add("splits", int32s: isSplit.map { $0 ? 1 : 0 })
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
    let splits = try archive.int32s("splits")
    isSplit = splits.map { $0 == 1 }
    let name = try archive.string("kind")
    widths = try BayesUpdate.widths(archive, schema: schema, limit: counts.count)
    let width = widths.reduce(0, +) + isSplit.count(where: { $0 })
    guard ["multinomial", "bernoulli"].contains(name), settings.count == 2, settings.allSatisfy(\.isFinite),
      settings[0] > 0, settings[1] >= 0, classes.count > 1, totals.count == classes.count,
      counts.count == classes.count * width, totals.allSatisfy({ $0.isFinite && $0 >= 0 }),
      totals.contains(where: { $0 > 0 }), splits.count == schema.count,
      zip(splits, schema.fields).allSatisfy({ $0 == 0 || ($0 == 1 && $1.kind != .vector) }),
      counts.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { throw archive.corrupt("holds a naive Bayes model whose parts do not fit together") }
    kind = name == "multinomial" ? .multinomial : .bernoulli(threshold: settings[1])
    smoothing = settings[0]
    takeLogarithms()
  }
}
