public import Basics
public import Frames
import Kernels
public import Modeling

/// Fitted trees whose leaves are averaged: class shares, or means.
///
/// The score of a row is the sum of its leaves in tree order, so a row scores the same alone and in any batch.
public struct ForestModel: RowScoringModel {
  /// The columns it needs, by name.
  public let schema: Schema
  /// Class names; empty for numbers.
  public let classes: [String]
  /// Mean decrease of impurity by the splits on each schema field, as shares; `nil` when there is no split.
  public let importance: [Double]?
  /// Accuracy (classes) or coefficient of determination (numbers) on rows by the trees that did not see them; `nil`
  /// when every tree saw every row, or nobody asked.
  public let outOfBagScore: Double?
  /// Trees.
  public var iterationCount: Int? { trees.roots.count }
  /// Features that splits name.
  let features: [TreeFeature]
  /// The trees; a leaf holds one number (of class 1 for two classes), or one a class.
  let trees: TreeNodes
  private let scoring: TreeScoring

  init(
    schema: Schema, classes: [String], features: [TreeFeature], trees: TreeNodes, importance: [Double]?,
    outOfBagScore: Double?
  ) {
    self.schema = schema
    self.classes = classes
    self.features = features
    self.trees = trees
    self.importance = importance
    self.outOfBagScore = outOfBagScore
    scoring = TreeScoring(trees, features, width: trees.leafWidth)
  }

  private var zero: [Double] { [Double](repeating: 0, count: trees.leafWidth) }

  /// Predictions for a whole batch.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, or one of a kind that does not fit.
  public func predict(_ frame: Frame) throws -> Predictions {
    try predict(frame, workers: .serial)
  }

  /// The same on several threads.
  ///
  /// - Throws: as `predict`.
  public func predict(_ frame: Frame, workers: Workers) throws -> Predictions {
    averaged(scoring.scores(try FeatureTable(frame, schema, features), baseline: zero, workers: workers))
  }

  /// What the values of a prepared row are, in their order.
  public var rowFeatures: [RowFeature] { features.map(RowFeature.init) }
  /// One, or one a class above two.
  public var scoreWidth: Int { trees.leafWidth }

  /// Scores one row without memory from the heap: means of leaves, of class 1 alone for two classes.
  ///
  /// - Shape: `values` `[rowFeatures.count]`, NaN for a missing number; `scores` one, or one a class above two,
  ///   overwritten. Category values must be codes below their feature's count.
  public func score(row values: Span<Double>, into scores: inout MutableSpan<Double>) {
    precondition(values.count == features.count && scores.count == trees.leafWidth, "one prepared row")
    for k in 0..<trees.leafWidth { scores[k] = 0 }
    scoring.add(row: values, to: &scores)
    let count = Double(max(1, trees.roots.count))
    for k in 0..<trees.leafWidth { scores[k] /= count }
  }

  /// The same row by row along the paths: what the fast way must agree with.
  package func referencePredict(_ frame: Frame) throws -> Predictions {
    averaged(trees.scores(try FeatureTable(frame, schema, features), baseline: zero))
  }

  private func averaged(_ sums: [Double]) -> Predictions {
    let count = Double(max(1, trees.roots.count))
    switch classes.count {
    case 0: return Predictions(.values(sums.map { $0 / count }))
    case 2:
      return Predictions(
        .probabilities(
          sums.flatMap { sum -> [Double] in
            let p = min(max(sum / count, 0), 1)
            return [1 - p, p]
          }, classes: classes))
    default: return Predictions(.probabilities(sums.map { min(max($0 / count, 0), 1) }, classes: classes))
    }
  }
}
