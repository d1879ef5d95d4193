public import Basics
public import Frames
public import Modeling

/// Replaces number columns by random cosines whose products approximate the kernel `exp(−gamma |x − z|²)`, so that a
/// linear learner does on large tables what a support vector machine does on small ones.
///
/// Columns are standardised; a missing cell counts as the mean.
///
/// - Source: Rahimi and Recht, *Random features for large-scale kernel machines*, NIPS 2007; scikit-learn RBFSampler.
public struct RandomFourierFeatures: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "random-fourier-features", summary: "Random cosines that let linear learners see as a radial kernel does.",
    hyperparameters: KernelFeatures.hyperparameters("Cosines made."), source: "Rahimi and Recht 2007")

  /// Columns to replace; empty: all it applies to.
  public var columns: [String] = []
  /// Cosines made.
  public var componentCount = 256
  /// Steepness of the kernel; 0: one over the number of columns.
  public var gamma = 0.0

  enum CodingKeys: String, CodingKey {
    case columns, gamma
    case componentCount = "component_count"
  }

  /// 256 cosines of all number columns.
  public init() {}

  /// Draws frequencies and phases.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedKernelFeatures {
    try context.checkCancellation()
    let step = Self.card.name
    let (fields, cells) = try KernelFeatures.cells(columns, frame, step, context)
    let width = cells.width
    let steepness = gamma > 0 ? gamma : 1 / Double(max(1, width))
    let count = width > 0 ? componentCount : 0
    var random = context.seed.derived(step).generator
    let spread = (2 * steepness).squareRoot()
    let points = (0..<count).map { _ in (0..<width).map { _ in spread * random.normal() } }
    let phases = (0..<count).map { _ in 2 * Double.pi * random.uniform() }
    return try FittedKernelFeatures(
      fields, cells: cells, kind: .fourier, points: points, mixing: [phases], gamma: steepness, beside: frame.schema)
  }
}

/// Replaces number columns by kernel values to some training rows, turned so that their products approximate the kernel
/// `exp(−gamma |x − z|²)`; better than random cosines where rows lie in few directions.
///
/// The rows are chosen by a hash of their cells and the seed. Columns are standardised; a missing cell counts as the
/// mean.
///
/// - Source: Williams and Seeger, *Using the Nyström method to speed up kernel machines*, NIPS 2000; agrees with
///   scikit-learn Nystroem on the same rows.
public struct NystroemFeatures: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "nystroem-features", summary: "Kernel values to some training rows, for linear learners on large tables.",
    hyperparameters: KernelFeatures.hyperparameters("Training rows compared with."),
    source: "Williams and Seeger 2000; scikit-learn Nystroem")

  /// Columns to replace; empty: all it applies to.
  public var columns: [String] = []
  /// Training rows compared with.
  public var componentCount = 100
  /// Steepness of the kernel; 0: one over the number of columns.
  public var gamma = 0.0

  enum CodingKeys: String, CodingKey {
    case columns, gamma
    case componentCount = "component_count"
  }

  /// A hundred rows, all number columns.
  public init() {}

  /// Chooses rows and turns their kernel matrix.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedKernelFeatures {
    try context.checkCancellation()
    let step = Self.card.name
    let (fields, cells) = try KernelFeatures.cells(columns, frame, step, context)
    let width = cells.width
    let steepness = gamma > 0 ? gamma : 1 / Double(max(1, width))
    let points = width > 0 ? chosen(try cells.rows(frame, step: step), width, context.seed.derived(step)) : []
    let count = points.count
    var kernel = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<count {
        let other = points[j]
        kernel[i * count + j] = KernelFeatures.radial(points[i], other.span, steepness)
      }
    }
    try context.checkCancellation()
    let eigen = SymmetricEigen(kernel, count)
    let roots = eigen.values.map { 1 / max($0, 1e-12).squareRoot() }
    let mixing = (0..<count).map { i in
      (0..<count).map { j in
        (0..<count).reduce(0.0) {
          $0 + eigen.vectors[$1 * count + i] * roots[$1] * eigen.vectors[$1 * count + j]
        }
      }
    }
    return try FittedKernelFeatures(
      fields, cells: cells, kind: .rows, points: points, mixing: mixing, gamma: steepness, beside: frame.schema)
  }

  /// Rows of the smallest hashes, no two the same.
  private func chosen(_ rows: [Double], _ width: Int, _ seed: Seed) -> [[Double]] {
    let keyed = NumberCells.order(rows, width: width).map { (StableHash.combine($0.hash, seed.value), $0.row) }
    var out: [[Double]] = []
    var last: UInt64?
    for (hash, row) in keyed.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) where hash != last {
      if out.count == componentCount { break }
      out.append(Array(rows[(row * width)..<((row + 1) * width)]))
      last = hash
    }
    return out
  }
}

/// What both kinds of kernel features share.
enum KernelFeatures {
  static func hyperparameters(_ what: String) -> [Hyperparameter] {
    [
      .init("columns", "Columns to replace; empty: all it applies to.", .texts),
      .init(
        "component_count", what, .integer(1...5000, logarithmic: true), search: .integer(50...1000, logarithmic: true)),
      .init(
        "gamma", "Steepness of the kernel; 0: one over the number of columns.", .real(0...1e6, logarithmic: false),
        search: .real(1e-4...10, logarithmic: true)),
    ]
  }

  static func cells(
    _ columns: [String], _ frame: Frame, _ step: String, _ context: FitContext
  ) throws -> ([Field], NumberCells) {
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: [.number, .integer, .boolean], step: step)
    return (fields, try NumberCells(fields, in: frame, standardise: true, step: step, workers: context.workers))
  }

  static func radial(_ point: [Double], _ row: Span<Double>, _ gamma: Double) -> Double {
    var sum = 0.0
    for d in point.indices { sum += (row[d] - point[d]) * (row[d] - point[d]) }
    return Mathematics.exp(-gamma * sum)
  }
}

/// Kernel features learnt by `RandomFourierFeatures` or `NystroemFeatures`.
public struct FittedKernelFeatures: FittedTransform {
  enum Kind: String, Sendable, Hashable, Codable {
    case fourier, rows
  }

  /// Columns it reads.
  public let input: Schema
  /// `fourier_1`, … or `nystroem_1`, ….
  public let output: Schema
  let cells: NumberCells
  let kind: Kind
  /// Frequencies, or training rows on the scale of the cells.
  package let points: [[Double]]
  /// Phases as one row, or the inverse root of the kernel matrix.
  let mixing: [[Double]]
  let gamma: Double

  enum CodingKeys: String, CodingKey { case input, output, cells, kind, points, mixing, gamma }

  init(
    _ fields: [Field], cells: NumberCells, kind: Kind, points: [[Double]], mixing: [[Double]], gamma: Double,
    beside schema: Schema
  ) throws {
    input = try Schema(fields)
    let stem = kind == .fourier ? "fourier" : "nystroem"
    output = try Schema(ReducedColumns.fields(stem, points.count, beside: schema))
    self.cells = cells
    self.kind = kind
    self.points = points
    self.mixing = mixing
    self.gamma = gamma
  }

  /// Features of every row.
  public func transform(_ frame: Frame) throws -> Frame {
    let rows = try cells.rows(frame, step: kind == .fourier ? "random-fourier-features" : "nystroem-features")
    let (width, count) = (cells.width, points.count)
    var out = [Double](repeating: 0, count: frame.rowCount * count)
    var kernel = [Double](repeating: 0, count: count)
    let scale = (2 / Double(max(1, count))).squareRoot()
    for row in 0..<frame.rowCount {
      let own = rows.span.extracting((row * width)..<((row + 1) * width))
      switch kind {
      case .fourier:
        for k in 0..<count {
          var angle = mixing[0][k]
          for d in 0..<width { angle += own[d] * points[k][d] }
          out[row * count + k] = scale * Mathematics.cos(max(-1e15, min(1e15, angle)))
        }
      case .rows:
        for k in 0..<count { kernel[k] = KernelFeatures.radial(points[k], own, gamma) }
        for k in 0..<count {
          var sum = 0.0
          for j in 0..<count { sum += mixing[k][j] * kernel[j] }
          out[row * count + k] = sum
        }
      }
    }
    return try frame.replacing(input, with: output, ReducedColumns.columns(out, count: count))
  }
}
