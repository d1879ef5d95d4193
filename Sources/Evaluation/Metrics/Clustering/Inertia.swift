public import Basics

/// Sum of squared distances to the centre of the cluster.
///
/// - Units: squared units of the features; lower is better, and it always falls with more clusters.
/// - Missing: `nil` without clusters.
public struct Inertia: ClusteringMetric {
  /// What it is.
  public static let card = Card(
    name: "inertia", summary: "Sum of squared distances to the centre of the cluster; falls with more clusters.",
    tasks: [.clustering], source: "MacQueen, Some methods for classification and analysis, 1967")
  /// Less is better.
  public static let higherIsBetter = false
  /// Has no settings.
  public init() {}

  /// The weighted sum over rows.
  public func value(_ rows: ClusteredRows) -> Double? {
    let (members, codes, count) = rows.members()
    guard count >= 1 else { return nil }
    let centres = rows.centres(members, codes, count).points
    return members.indices.reduce(0) {
      $0 + rows.weights[members[$1]] * rows.squaredDistance(members[$1], centres, codes[$1])
    }
  }
}
