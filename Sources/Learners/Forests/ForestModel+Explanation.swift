public import Basics
public import Frames
public import Modeling

extension ForestModel: ExplainableModel {
  /// Exact Shapley values of the predicted probabilities or numbers: path-dependent without `background`, else
  /// interventional.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, `.unavailable` for paths of more than 63 features
  ///   (interventional).
  public func contributions(_ frame: Frame, background: Frame?) throws -> Contributions {
    try contributions(frame, background: background, workers: .serial)
  }

  /// Leaves of all trees.
  public var pathCount: Int { trees.leafCount }

  /// The same on some threads; the same bits for any number of them.
  public func contributions(_ frame: Frame, background: Frame?, workers: Workers) throws -> Contributions {
    let context = TreeContributions.Context(outputs: trees.leafWidth, owner: "forest", workers: workers)
    let work = try TreeContributions(trees, features, schema, frame, context)
    let result = try background.map { try work.against(FeatureTable($0, schema, features)) } ?? work.byPaths()
    let count = Double(trees.roots.count)
    var baseline = result.baseline.map { $0 / count }
    var values = result.values.map { $0 / count }
    if classes.count == 2 {
      // The trees speak of class 1; class 0 is what is left of 1.
      let width = result.features.count
      baseline = [1 - baseline[0], baseline[0]]
      values = stride(from: 0, to: values.count, by: max(1, width)).flatMap { start -> [Double] in
        let own = values[start..<(start + width)]
        return own.map { -$0 } + own
      }
    }
    return try Contributions(
      features: result.features, outputs: classes.isEmpty ? [""] : classes,
      link: classes.isEmpty ? .identity : .probability, baseline: baseline, values: values)
  }
}
