extension Target {
  /// No truth at all, for learners that need none (clustering, anomaly detection).
  public static func absent(rowCount: Int) -> Target {
    .classes(codes: Array(repeating: 0, count: rowCount), names: [])
  }

  /// Whether there is no truth.
  public var isAbsent: Bool { if case .classes(_, let names) = self { names.isEmpty } else { false } }
}

/// A clustering: `predict` says `.probabilities` with one class a cluster (`noise` first where rows may belong to
/// none); hard assignments are probabilities of 1.
public protocol ClusteringModel: FittedModel {
  /// Cluster names in code order: `noise` first where there is one, then `1`, `2`, …
  var clusterNames: [String] { get }
}

/// A detector whose `predict` says `.values`, higher = stranger; the truth, if any, never reaches `fit`.
public protocol AnomalyModel: FittedModel {
  /// Score at or above which a row counts as anomalous by the share asked for in the settings.
  var threshold: Double { get }
}
