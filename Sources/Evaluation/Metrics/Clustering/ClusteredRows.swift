public import Basics
public import Frames

/// Rows as points, the cluster of each, and what they are judged against.
public struct ClusteredRows: Sendable {
  /// Row-major `[rowCount, width]`; empty where only groupings are compared.
  public let points: [Double]
  /// Numbers a point has.
  public let width: Int
  /// Cluster of every row, below 0 for noise, which takes no part except in comparisons of groupings.
  public let clusters: [Int32]
  /// Another grouping of the same rows, such as known classes.
  public let truth: [Int32]?
  /// Row weights; weight 2 is the row twice.
  public let weights: [Double]

  /// - Throws: `.shapeMismatch` when counts differ, `.invalidData` for a number that is not finite or a bad weight.
  public init(
    points: [Double] = [], width: Int = 0, clusters: [Int32], truth: [Int32]? = nil, weights: [Double]? = nil
  ) throws {
    guard width >= 0, points.isEmpty || points.count == width * clusters.count,
      truth.map({ $0.count == clusters.count }) ?? true
    else {
      throw MLError(
        .shapeMismatch,
        "clustering: points, clusters and truth must have the same rows; got \(points.count) numbers of width \(width) "
          + "for \(clusters.count) clusters.")
    }
    guard points.allSatisfy(\.isFinite) else {
      throw MLError(.invalidData, "clustering: points must be finite.", hint: "Fill in missing values first.")
    }
    self.points = points
    self.width = width
    self.clusters = clusters
    self.truth = truth
    self.weights = try RowWeights.checked(weights, rowCount: clusters.count, owner: "clustering")
  }

  /// The columns of `frame` as points: numbers, booleans and vectors as they are, categories as one indicator a level,
  /// a missing number as the mean of its column; text and timestamps are left out. Scaling is the caller's.
  ///
  /// - Throws: as the other initialiser.
  public init(_ frame: Frame, clusters: [Int32], truth: [Int32]? = nil, weights: [Double]? = nil) throws {
    let parts = frame.columns.compactMap { Self.numbers($0) }
    let width = parts.reduce(0) { $0 + $1.width }
    var points = [Double](repeating: 0, count: width * frame.rowCount)
    var start = 0
    for part in parts {
      for row in 0..<frame.rowCount {
        for k in 0..<part.width { points[row * width + start + k] = part.values[row * part.width + k] }
      }
      start += part.width
    }
    try self.init(points: points, width: width, clusters: clusters, truth: truth, weights: weights)
  }

  private static func numbers(_ column: Column) -> (values: [Double], width: Int)? {
    switch column.storage {
    case .number, .integer, .boolean:
      let values = column.doubles ?? []
      let known = values.filter { !$0.isNaN }
      let mean = known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
      return (values.map { $0.isNaN ? mean : $0 }, 1)
    case .category(let codes, let levels):
      var out = [Double](repeating: 0, count: codes.count * levels.count)
      for row in codes.indices where column.isPresent(row) { out[row * levels.count + Int(codes[row])] = 1 }
      return (out, levels.count)
    case .vector(let matrix):
      var out = [Double](repeating: 0, count: matrix.rowCount * matrix.width)
      for row in 0..<matrix.rowCount {
        for place in matrix.offsets[row]..<matrix.offsets[row + 1] {
          out[row * matrix.width + Int(matrix.indices[place])] = matrix.values[place]
        }
      }
      return (out, matrix.width)
    case .text, .timestamp: return nil
    }
  }

  /// Rows in a cluster with weight, and clusters renumbered from 0 in order of their code.
  func members() -> (rows: [Int], clusters: [Int], count: Int) {
    let rows = clusters.indices.filter { clusters[$0] >= 0 && weights[$0] > 0 }
    let codes = Set(rows.map { clusters[$0] }).sorted()
    let places = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
    return (rows, rows.map { places[clusters[$0]] ?? 0 }, codes.count)
  }

  /// Means of the clusters, row-major, and their weights.
  func centres(_ rows: [Int], _ codes: [Int], _ count: Int) -> (points: [Double], weights: [Double]) {
    var sums = [Double](repeating: 0, count: count * width)
    var totals = [Double](repeating: 0, count: count)
    for (place, row) in rows.enumerated() {
      totals[codes[place]] += weights[row]
      for k in 0..<width { sums[codes[place] * width + k] += weights[row] * points[row * width + k] }
    }
    for code in 0..<count { for k in 0..<width { sums[code * width + k] /= totals[code] } }
    return (sums, totals)
  }

  /// Squared distance of row `row` to `centre` of `centres`.
  func squaredDistance(_ row: Int, _ centres: [Double], _ centre: Int) -> Double {
    var sum = 0.0
    for k in 0..<width {
      let gap = points[row * width + k] - centres[centre * width + k]
      sum += gap * gap
    }
    return sum
  }
}

/// A number that judges a clustering; `nil` where it is not defined.
public protocol ClusteringMetric: Described, Sendable {
  /// Whether more is better.
  static var higherIsBetter: Bool { get }
  /// The defaults.
  init()
  /// Value on `rows`.
  func value(_ rows: ClusteredRows) -> Double?
}
