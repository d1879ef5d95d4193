public import Basics

/// Agreement of two groupings over pairs of rows, corrected for chance; names of groups do not matter.
///
/// - Units: at most 1; 0 is chance. Noise counts as a group of its own.
/// - Missing: `nil` without a truth or for fewer than two rows.
public struct AdjustedRand: ClusteringMetric {
  /// What it is.
  public static let card = Card(
    name: "adjusted_rand", summary: "Agreement of clusters with known groups over pairs of rows; 0 is chance.",
    tasks: [.clustering], source: "Hubert and Arabie, Comparing partitions, J. Classification 2, 1985")
  /// More is better.
  public static let higherIsBetter = true
  /// Has no settings.
  public init() {}

  /// From the table of the two groupings.
  public func value(_ rows: ClusteredRows) -> Double? {
    guard let truth = rows.truth else { return nil }
    let total = rows.weights.reduce(0, +)
    guard total >= 2 else { return nil }
    let table = ContingencyTable(truth, rows.clusters, weights: rows.weights)
    let squares = table.cells.reduce(0) { $0 + $1 * $1 }
    let (byTruth, byCluster) = (table.rowSums.reduce(0) { $0 + $1 * $1 }, table.columnSums.reduce(0) { $0 + $1 * $1 })
    // Ordered pairs: together in both, in one only, in none.
    let both = squares - total
    let (onlyCluster, onlyTruth) = (byCluster - squares, byTruth - squares)
    let neither = total * total - onlyCluster - onlyTruth - squares
    if onlyCluster == 0, onlyTruth == 0 { return 1 }
    let scale = (both + onlyTruth) * (onlyTruth + neither) + (both + onlyCluster) * (onlyCluster + neither)
    return scale > 0 ? 2 * (both * neither - onlyTruth * onlyCluster) / scale : nil
  }
}

/// Weighted counts of pairs of codes.
struct ContingencyTable: Sendable {
  /// Row-major `[first, second]`, codes in ascending order.
  let cells: [Double]
  let rowSums: [Double]
  let columnSums: [Double]

  init(_ first: [Int32], _ second: [Int32], weights: [Double]? = nil) {
    let (a, b) = (Self.places(first), Self.places(second))
    var cells = [Double](repeating: 0, count: a.count * b.count)
    for row in first.indices { cells[a.codes[row] * b.count + b.codes[row]] += weights?[row] ?? 1 }
    self.cells = cells
    rowSums = (0..<a.count).map { i in (0..<b.count).reduce(0) { $0 + cells[i * b.count + $1] } }
    columnSums = (0..<b.count).map { j in (0..<a.count).reduce(0) { $0 + cells[$1 * b.count + j] } }
  }

  private static func places(_ codes: [Int32]) -> (codes: [Int], count: Int) {
    let known = Set(codes).sorted()
    let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, $0) })
    return (codes.map { places[$0] ?? 0 }, known.count)
  }

  /// Information the two share over the mean of what each holds, `0 ... 1`; 1 when both hold none.
  ///
  /// - Source: Strehl and Ghosh, *Cluster ensembles*, JMLR 3, 2002; scikit-learn's arithmetic mean.
  var normalisedMutualInformation: Double {
    let total = rowSums.reduce(0, +)
    guard total > 0 else { return 0 }
    func entropy(_ sums: [Double]) -> Double {
      sums.reduce(0) { $0 - ($1 > 0 ? $1 / total * Mathematics.log($1 / total) : 0) }
    }
    let (a, b) = (entropy(rowSums), entropy(columnSums))
    guard a > 0 || b > 0 else { return 1 }
    var shared = 0.0
    for i in rowSums.indices {
      for j in columnSums.indices {
        let cell = cells[i * columnSums.count + j]
        if cell > 0 { shared += cell / total * Mathematics.log(cell * total / (rowSums[i] * columnSums[j])) }
      }
    }
    return min(1, max(0, shared / ((a + b) / 2)))
  }
}
