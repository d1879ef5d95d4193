public import Basics
public import Frames
public import Modeling

/// Replaces number columns by the few directions in which rows differ most.
///
/// Exact, by eigenvectors of the covariance matrix, for up to 2,000 columns; by subspace iteration beyond, where at
/// most 500 components are kept. `component_count` 0 keeps as many as hold `explained_share` of the variance. Columns
/// are put on one scale first unless told otherwise; a missing cell counts as the mean. The sign of a component makes
/// its largest loading positive.
///
/// - Source: Hotelling 1933; agrees with scikit-learn PCA.
public struct PrincipalComponents: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "principal-components", summary: "Replaces number columns by the few directions in which rows differ most.",
    hyperparameters: [
      .init("columns", "Columns to reduce; empty: all it applies to.", .texts),
      .init(
        "component_count", "Components kept; 0: by explained_share.", .integer(0...10_000, logarithmic: false),
        search: .integer(2...50, logarithmic: true)),
      .init("explained_share", "Share of the variance to keep.", .real(0...1, logarithmic: false)),
      .init("whiten", "Whether components get variance 1.", .boolean),
      .init("standardise", "Whether columns are put on one scale first.", .boolean),
    ], source: "Hotelling 1933; scikit-learn PCA")

  /// Columns to reduce; empty: all it applies to.
  public var columns: [String] = []
  /// Components kept; 0: by `explainedShare`.
  public var componentCount = 0
  /// Share of the variance to keep.
  public var explainedShare = 0.95
  /// Whether components get variance 1.
  public var whiten = false
  /// Whether columns are put on one scale first.
  public var standardise = true

  static let exactLimit = 2000

  enum CodingKeys: String, CodingKey {
    case columns, whiten, standardise
    case componentCount = "component_count"
    case explainedShare = "explained_share"
  }

  /// Keeps 95 % of the variance of all number columns.
  public init() {}

  /// Learns means and directions.
  ///
  /// - Throws: `.invalidData` for columns whose squares overflow, `.schemaMismatch` for lacking ones.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedPrincipalComponents {
    try context.checkCancellation()
    let step = Self.card.name
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: [.number, .integer, .boolean], step: step)
    let cells = try NumberCells(fields, in: frame, standardise: standardise, step: step, workers: context.workers)
    let rows = try cells.sortedRows(frame, step: step)
    let width = cells.width
    let rowCount = frame.rowCount
    let divisor = Double(max(1, rowCount - 1))
    let most = min(width, max(0, rowCount - 1), componentCount > 0 ? componentCount : width)
    var variances: [Double] = []
    var directions: [[Double]] = []
    let total = rows.reduce(0) { $0 + $1 * $1 } / divisor
    if width > 0, most > 0 {
      if width <= Self.exactLimit {
        let eigen = SymmetricEigen(try Self.covariance(rows, width, divisor, context), width)
        variances = eigen.values.prefix(most).map { max(0, $0) }
        directions = variances.indices.map { Array(eigen.vectors[($0 * width)..<(($0 + 1) * width)]) }
      } else {
        let dense = DenseRows(values: rows, width: width, workers: context.workers)
        let found = try Subspace(dense, count: min(most, 500), seed: context.seed.derived(step)) {
          try context.checkCancellation()
        }
        variances = found.values.map { $0 * $0 / divisor }
        directions = found.vectors
      }
    }
    let kept = keptCount(variances, total)
    return try FittedPrincipalComponents(
      fields, cells: cells, directions: Array(directions.prefix(kept)), variances: Array(variances.prefix(kept)),
      totalVariance: total, whiten: whiten, beside: frame.schema)
  }

  private func keptCount(_ variances: [Double], _ total: Double) -> Int {
    let useful = variances.prefix { $0 > 1e-14 * total && $0 > 0 }.count
    guard componentCount == 0 else { return useful }
    var sum = 0.0
    for (index, variance) in variances.prefix(useful).enumerated() {
      sum += variance
      if sum >= explainedShare * total * (1 - 1e-12) { return index + 1 }
    }
    return useful
  }

  /// Row-major covariances of centered rows, in fixed blocks.
  private static func covariance(
    _ rows: [Double], _ width: Int, _ divisor: Double, _ context: FitContext
  ) throws -> [Double] {
    let rowCount = rows.count / width
    let most = max(1, min(32, (32 << 20) / (width * width)))
    let blocks = Workers.blocks(rowCount, minimum: 512, maximumCount: most)
    let parts = try context.workers.map(blocks.count) { block in
      try context.checkCancellation()
      var out = [Double](repeating: 0, count: width * width)
      var sums = out.mutableSpan
      let cells = rows.span
      for row in blocks[block] {
        let base = row * width
        for i in 0..<width {
          let value = cells[base + i]
          if value == 0 { continue }
          let line = i * width
          for j in 0...i { sums[line + j] += value * cells[base + j] }
        }
      }
      return out
    }
    var total = parts.joinedSums(count: width * width)
    for i in 0..<width {
      for j in 0...i {
        let value = total[i * width + j] / divisor
        total[i * width + j] = value
        total[j * width + i] = value
      }
    }
    guard total.allSatisfy(\.isFinite) else {
      throw MLError(
        .invalidData, "\(card.name): columns must hold moderate numbers; their squares overflow.",
        hint: "Set 'standardise' to true.")
    }
    return total
  }
}

/// Directions learnt by `PrincipalComponents`.
public struct FittedPrincipalComponents: FittedTransform {
  /// Columns it reads.
  public let input: Schema
  /// `component_1`, `component_2`, ….
  public let output: Schema
  let cells: NumberCells
  /// `[component][column]`, length 1.
  package let directions: [[Double]]
  /// Variance of each component (divisor: rows − 1).
  package let variances: [Double]
  /// Variance of all columns together.
  package let totalVariance: Double
  let whiten: Bool

  enum CodingKeys: String, CodingKey {
    case input, output, cells, directions, variances, whiten
    case totalVariance = "total_variance"
  }

  /// Share of the variance in each component.
  package var explainedShares: [Double] { variances.map { totalVariance > 0 ? $0 / totalVariance : 0 } }

  init(
    _ fields: [Field], cells: NumberCells, directions: [[Double]], variances: [Double], totalVariance: Double,
    whiten: Bool, beside schema: Schema
  ) throws {
    input = try Schema(fields)
    output = try Schema(ReducedColumns.fields("component", directions.count, beside: schema))
    self.cells = cells
    self.directions = directions
    self.variances = variances
    self.totalVariance = totalVariance
    self.whiten = whiten
  }

  /// Coordinates of every row along the directions.
  public func transform(_ frame: Frame) throws -> Frame {
    let rows = try cells.rows(frame, step: PrincipalComponents.card.name)
    let (width, count) = (cells.width, directions.count)
    let factors = variances.map { whiten ? 1 / $0.squareRoot() : 1 }
    var out = [Double](repeating: 0, count: frame.rowCount * count)
    let values = rows.span
    for k in 0..<count {
      let direction = directions[k]
      let loadings = direction.span
      for row in 0..<frame.rowCount {
        var sum = 0.0
        for d in 0..<width { sum += values[row * width + d] * loadings[d] }
        out[row * count + k] = sum * factors[k]
      }
    }
    return try frame.replacing(input, with: output, ReducedColumns.columns(out, count: count))
  }
}
