public import Basics
public import Frames
import Kernels
public import Modeling

/// How many robust standard deviations a row is from the middle of each column.
///
/// `zⱼ = (xⱼ − median) / (1.4826 · median |xⱼ − median|)`; where more than half the values are equal the mean
/// absolute deviation (· 1.2533) takes its place, and a column that never varied gives 0 or, for any other value, the
/// limit of 10⁶ that all distances are held to. A missing cell counts as the median. The score is the largest `|zⱼ|`,
/// their root mean square, or with `mahalanobis` the root of `zᵀ·R⁻¹·z / columns`, where `R` is the correlation of
/// distances held to ±3: it sees rows that break the way columns go together.
///
/// - Source: Iglewicz and Hoaglin, *How to detect and handle outliers*, 1993; Rousseeuw and Leroy, *Robust regression
///   and outlier detection*, 1987.
public struct RobustZScore: Estimator {
  /// How columns are combined.
  public enum Combination: String, Sendable, Hashable, Codable, CaseIterable {
    /// Largest distance of any column.
    case maximum
    /// Root of the mean squared distance.
    case meanSquare = "mean-square"
    /// As `meanSquare`, correlations taken out.
    case mahalanobis
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "robust-z-score", summary: "Distance from the median in robust standard deviations: the first thing to try.",
    tasks: [.anomaly], capabilities: [.handlesMissing, .weights],
    hyperparameters: [
      .init("combination", "How columns are combined.", .choice(Combination.allCases.map(\.rawValue))),
      .init(
        "contamination", "Share of training rows that count as anomalous.", .real(0...0.5, logarithmic: false),
        search: .real(0.001...0.1, logarithmic: true)),
    ], source: "Iglewicz and Hoaglin, How to detect and handle outliers, 1993")

  /// How columns are combined.
  public var combination = Combination.maximum
  /// Share of training rows that count as anomalous.
  public var contamination = 0.02

  enum CodingKeys: String, CodingKey { case combination, contamination }

  /// The largest distance.
  public init() {}

  /// Measures the middle and spread of each column.
  ///
  /// - Throws: `.schemaMismatch` for columns without numbers, `.invalidData` without rows or columns, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> RobustZScoreModel {
    try context.checkCancellation()
    try Configuration.validate(self)
    let owner = Self.card.name
    let rows = try RobustColumns.rows(data, owner: owner)
    let weights = data.weights.map { all in rows.map { all[$0] } }
    let frame = data.frame.gathered(rows)
    let columns = try RobustColumns.values(frame, data.frame.schema, owner: owner)
    let measures = try context.workers.map(columns.count) { index -> (center: Double, spread: Double) in
      try context.checkCancellation()
      return Self.measure(columns[index], weights)
    }
    var model = RobustZScoreModel(
      schema: data.frame.schema, combination: combination, centers: measures.map(\.center),
      spreads: measures.map(\.spread), threshold: 0, precision: [])
    if combination == .mahalanobis { model.precision = try precision(model, columns, weights, context.workers) }
    model.threshold = RobustColumns.quantile(model.scores(columns), weights, 1 - contamination)
    return model
  }

  private static func measure(_ values: [Double], _ weights: [Double]?) -> (center: Double, spread: Double) {
    let center = RobustColumns.quantile(values, weights, 0.5)
    let distances = values.map { abs($0 - center) }
    let median = RobustColumns.quantile(distances, weights, 0.5)
    if median > 0 { return (center, min(1.4826 * median, .greatestFiniteMagnitude)) }
    let finite = distances.indices.filter { distances[$0].isFinite }
    let total = finite.reduce(0.0) { $0 + (weights?[$1] ?? 1) }
    let mean = finite.reduce(0.0) { $0 + distances[$1] * ((weights?[$1] ?? 1) / total) }
    return (center, mean.isFinite ? 1.2533 * mean : 0)
  }

  /// Inverse correlation of the held distances, row-major.
  private func precision(
    _ model: RobustZScoreModel, _ columns: [[Double]], _ weights: [Double]?, _ workers: Workers
  ) throws -> [Double] {
    let n = columns.count
    let held = columns.indices.map { j in columns[j].map { min(3, max(-3, model.distance($0, j))) } }
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        for row in held[i].indices { matrix[i * n + j] += (weights?[row] ?? 1) * held[i][row] * held[j][row] }
      }
    }
    let sizes = (0..<n).map { max(matrix[$0 * n + $0], 1e-300).squareRoot() }
    for i in 0..<n {
      for j in 0...i { matrix[i * n + j] = i == j ? 1.001 : matrix[i * n + j] / sizes[i] / sizes[j] }
    }
    guard SymmetricInverse.invert(&matrix, count: n, workers: workers) else {
      throw MLError(.invalidData, "robust-z-score: correlations have no inverse.", hint: "Use 'maximum'.")
    }
    for i in 0..<n { for j in 0..<i { matrix[j * n + i] = matrix[i * n + j] } }
    return matrix
  }
}

/// Middle and spread of each column.
public struct RobustZScoreModel: AnomalyModel {
  /// The columns, all numbers.
  public let schema: Schema
  /// Score at or above which the share `contamination` of the training rows lies.
  public internal(set) var threshold: Double
  let combination: RobustZScore.Combination
  let centers: [Double]
  let spreads: [Double]
  var precision: [Double]

  static let limit = 1e6

  init(
    schema: Schema, combination: RobustZScore.Combination, centers: [Double], spreads: [Double], threshold: Double,
    precision: [Double]
  ) {
    (self.schema, self.combination, self.centers, self.spreads) = (schema, combination, centers, spreads)
    (self.threshold, self.precision) = (threshold, precision)
  }

  /// One score a row, not negative.
  public func predict(_ frame: Frame) throws -> Predictions {
    Predictions(.values(scores(try RobustColumns.values(frame, schema, owner: RobustZScore.card.name))))
  }

  func distance(_ value: Double, _ column: Int) -> Double {
    if value.isNaN { return 0 }
    let distance = value - centers[column]
    if distance == 0 { return 0 }
    guard spreads[column] > 0 else { return distance > 0 ? Self.limit : -Self.limit }
    return min(Self.limit, max(-Self.limit, distance / spreads[column]))
  }

  func scores(_ columns: [[Double]]) -> [Double] {
    let n = columns.count
    return (columns.first ?? []).indices.map { row in
      let z = (0..<n).map { distance(columns[$0][row], $0) }
      switch combination {
      case .maximum: return z.reduce(0) { max($0, abs($1)) }
      case .meanSquare: return (z.reduce(0) { $0 + $1 * $1 } / Double(n)).squareRoot()
      case .mahalanobis:
        var sum = 0.0
        for i in 0..<n {
          var product = 0.0
          for j in 0..<n { product += precision[i * n + j] * z[j] }
          sum += z[i] * product
        }
        return (max(0, sum) / Double(n)).squareRoot()
      }
    }
  }

  /// Adds middles, spreads and correlations.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("combination", .string(combination.rawValue))
    archive.set("threshold", .number(threshold))
    archive.add("centers", doubles: centers)
    archive.add("spreads", doubles: spreads)
    archive.add("precision", doubles: precision)
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    guard let combination = RobustZScore.Combination(rawValue: try archive.string("combination")) else {
      throw archive.corrupt("names an unknown combination")
    }
    self.combination = combination
    threshold = try archive.double("threshold")
    centers = try archive.doubles("centers")
    spreads = try archive.doubles("spreads")
    precision = try archive.doubles("precision")
    let n = schema.count
    guard n > 0, centers.count == n, spreads.count == n, threshold.isFinite, centers.allSatisfy(\.isFinite),
      spreads.allSatisfy({ $0.isFinite && $0 >= 0 }), precision.allSatisfy(\.isFinite),
      precision.count == (combination == .mahalanobis ? n * n : 0)
    else { throw archive.corrupt("holds robust scores whose parts do not fit together") }
  }
}
