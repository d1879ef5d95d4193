public import Basics
public import Frames
public import Modeling

extension TreeEnsemble: ExplainableModel {
  /// Exact Shapley values of the scores: path-dependent without `background`, else interventional.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, `.unavailable` for archives without leaf counts
  ///   (path-dependent) or paths of more than 63 features (interventional).
  public func contributions(_ frame: Frame, background: Frame?) throws -> Contributions {
    try contributions(frame, background: background, workers: .serial)
  }

  /// Leaves of all trees.
  public var pathCount: Int { trees.leafCount }

  /// The same on some threads; the same bits for any number of them.
  public func contributions(_ frame: Frame, background: Frame?, workers: Workers) throws -> Contributions {
    let context = TreeContributions.Context(outputs: baseline.count, owner: "tree ensemble", workers: workers)
    let work = try TreeContributions(trees, features, schema, frame, context)
    let result = try background.map { try work.against(FeatureTable($0, schema, features)) } ?? work.byPaths()
    return try Contributions(
      features: result.features, outputs: baseline.count > 1 ? classes : [classes.last ?? ""], link: link,
      baseline: zip(baseline, result.baseline).map { $0 + $1 }, values: result.values)
  }

  private var link: Contributions.Link {
    if baseline.count > 1 { return .softmax }
    if !classes.isEmpty { return .logit }
    return ["poisson", "gamma", "tweedie"].contains(objectiveName) ? .log : .identity
  }
}
