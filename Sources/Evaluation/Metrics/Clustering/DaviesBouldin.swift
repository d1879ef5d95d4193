public import Basics

/// How wide clusters are against how far apart they lie, for the worst neighbour of each, averaged.
///
/// With mean distance `sᵢ` of a cluster's rows to its centre and distance `dᵢⱼ` of centres: the mean over `i` of
/// `max_j (sᵢ + sⱼ) / dᵢⱼ`.
///
/// - Units: at least 0; lower is better.
/// - Missing: `nil` for fewer than two clusters; pairs with one centre are left out.
public struct DaviesBouldin: ClusteringMetric {
  /// What it is.
  public static let card = Card(
    name: "davies_bouldin", summary: "How wide clusters are against how far apart they lie; lower is better.",
    tasks: [.clustering], source: "Davies and Bouldin, A cluster separation measure, IEEE PAMI 1(2), 1979")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// The mean over clusters.
  public func value(_ rows: ClusteredRows) -> Double? {
    let (members, codes, count) = rows.members()
    guard count >= 2 else { return nil }
    let (centres, totals) = rows.centres(members, codes, count)
    var widths = [Double](repeating: 0, count: count)
    for (place, row) in members.enumerated() {
      widths[codes[place]] += rows.weights[row] * rows.squaredDistance(row, centres, codes[place]).squareRoot()
    }
    for code in 0..<count { widths[code] /= totals[code] }
    var sum = 0.0
    for i in 0..<count {
      var worst = 0.0
      for j in 0..<count where j != i {
        let gap = (0..<rows.width).reduce(0.0) { total, k in
          let step = centres[i * rows.width + k] - centres[j * rows.width + k]
          return total + step * step
        }.squareRoot()
        if gap > 0 { worst = max(worst, (widths[i] + widths[j]) / gap) }
      }
      sum += worst
    }
    return sum / Double(count)
  }
}
