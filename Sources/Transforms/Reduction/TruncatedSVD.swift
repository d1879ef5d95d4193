public import Basics
public import Frames
public import Modeling

/// Replaces sparse vector columns, such as weighted terms of texts, by a few numbers that keep most of them (latent
/// semantic analysis). Columns are not centered. All vector columns are taken together, side by side.
///
/// - Source: Deerwester et al., *Indexing by latent semantic analysis*, 1990; Halko, Martinsson and Tropp 2011;
///   singular values agree with scikit-learn TruncatedSVD.
public struct TruncatedSVD: Transform {
  /// Name, settings and source.
  public static let card = Card(
    name: "truncated-svd", summary: "Replaces sparse vector columns by the few numbers that keep most of them.",
    hyperparameters: [
      .init("columns", "Vector columns to reduce; empty: all.", .texts),
      .init(
        "component_count", "Numbers kept.", .integer(1...1000, logarithmic: true),
        search: .integer(10...300, logarithmic: true)),
    ], source: "Deerwester et al. 1990; scikit-learn TruncatedSVD")

  /// Vector columns to reduce; empty: all.
  public var columns: [String] = []
  /// Numbers kept.
  public var componentCount = 100

  enum CodingKeys: String, CodingKey {
    case columns
    case componentCount = "component_count"
  }

  /// A hundred numbers for all vector columns.
  public init() {}

  /// Learns the leading singular vectors.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedTruncatedSVD {
    try context.checkCancellation()
    let step = Self.card.name
    let fields = try ColumnChoice.fields(columns, in: frame.schema, kinds: [.vector], step: step)
    let matrix = try FittedTruncatedSVD.matrix(frame, fields.map { ($0.name, nil) })
    var values: [Double] = []
    var vectors: [[Double]] = []
    if matrix.width > 0, matrix.rowCount > 0 {
      let rows = SparseRows(matrix: matrix, order: Self.order(matrix), workers: context.workers)
      let count = min(componentCount, matrix.width, matrix.rowCount)
      let found = try Subspace(rows, count: count, seed: context.seed.derived(step)) {
        try context.checkCancellation()
      }
      let useful = found.values.prefix { $0 > 1e-8 * found.values[0] && $0 > 0 }.count
      values = Array(found.values.prefix(useful))
      vectors = Array(found.vectors.prefix(useful))
    }
    let widths = try fields.map { field in try FittedTruncatedSVD.matrix(frame, [(field.name, nil)]).width }
    return try FittedTruncatedSVD(fields, widths: widths, vectors: vectors, values: values, beside: frame.schema)
  }

  /// Rows in an order that depends on their cells only.
  private static func order(_ matrix: SparseMatrix) -> [Int] {
    (0..<matrix.rowCount).map { row -> (hash: UInt64, row: Int) in
      var hash: UInt64 = 0
      for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
        hash = StableHash.combine(hash, UInt64(matrix.indices[entry]))
        hash = StableHash.combine(hash, StableHash.hash(matrix.values[entry]))
      }
      return (hash, row)
    }.sorted { ($0.hash, $0.row) < ($1.hash, $1.row) }.map(\.row)
  }
}

/// Singular vectors learnt by `TruncatedSVD`.
public struct FittedTruncatedSVD: FittedTransform {
  /// Columns it reads.
  public let input: Schema
  /// `topic_1`, `topic_2`, ….
  public let output: Schema
  let widths: [Int]
  /// `[component][feature]`, features of all columns side by side.
  package let vectors: [[Double]]
  /// Singular values, descending.
  package let values: [Double]

  enum CodingKeys: String, CodingKey { case input, output, widths, vectors, values }

  init(_ fields: [Field], widths: [Int], vectors: [[Double]], values: [Double], beside schema: Schema) throws {
    input = try Schema(fields)
    output = try Schema(ReducedColumns.fields("topic", vectors.count, beside: schema))
    self.widths = widths
    self.vectors = vectors
    self.values = values
  }

  /// Products of every row with the singular vectors.
  public func transform(_ frame: Frame) throws -> Frame {
    let matrix = try Self.matrix(frame, zip(input.names, widths).map { ($0, $1) })
    let count = vectors.count
    var out = [Double](repeating: 0, count: frame.rowCount * count)
    for k in 0..<count {
      for row in 0..<frame.rowCount {
        var sum = 0.0
        for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
          sum += matrix.values[entry] * vectors[k][Int(matrix.indices[entry])]
        }
        out[row * count + k] = sum.isNaN ? 0 : sum
      }
    }
    return try frame.replacing(input, with: output, ReducedColumns.columns(out, count: count))
  }

  /// Vector columns side by side.
  ///
  /// - Throws: `.schemaMismatch` for a lacking column, one of another kind or width; `.invalidData` for infinite cells.
  static func matrix(_ frame: Frame, _ columns: [(name: String, width: Int?)]) throws -> SparseMatrix {
    let step = TruncatedSVD.card.name
    let parts = try columns.map { name, width in
      guard case .vector(let part) = try frame.column(name).storage, width ?? part.width == part.width else {
        throw MLError(
          .schemaMismatch, "\(step): column '\(name)' must be a vector\(width.map { " \($0) wide" } ?? "").",
          field: name)
      }
      guard part.values.allSatisfy({ abs($0) < 1e100 }) else {
        throw MLError(.invalidData, "\(step): column '\(name)' must hold moderate numbers.", field: name)
      }
      return part
    }
    if parts.count == 1 { return parts[0] }
    var offsets = [0]
    var indices: [Int32] = []
    var values: [Double] = []
    for row in 0..<frame.rowCount {
      var start: Int32 = 0
      for part in parts {
        for entry in part.offsets[row]..<part.offsets[row + 1] {
          indices.append(start + part.indices[entry])
          values.append(part.values[entry])
        }
        start += Int32(part.width)
      }
      offsets.append(indices.count)
    }
    return SparseMatrix(
      width: parts.reduce(0) { $0 + $1.width }, offsets: offsets, indices: indices, values: values)
  }
}
