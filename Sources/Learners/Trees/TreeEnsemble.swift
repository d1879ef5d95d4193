public import Basics
public import Frames
import Kernels
public import Modeling

/// Fitted gradient-boosted trees: nodes in flat arrays, thresholds on raw values.
///
/// The score of a row is the baseline plus the leaf values in tree order, so a row scores the same alone and in any
/// batch.
public struct TreeEnsemble: RowScoringModel {
  /// The columns it needs, by name.
  public let schema: Schema
  /// Share of each schema field in the gain of all splits; `nil` when there is no split.
  public let importance: [Double]?
  /// Iterations kept.
  public let iterationCount: Int?
  /// Class names; empty for numbers.
  public let classes: [String]
  /// Gain of all splits, one sum a schema field.
  let gains: [Double]
  /// Features that splits name.
  let features: [TreeFeature]
  /// The trees.
  let trees: TreeNodes
  /// Score before the first tree, one a class (or one).
  let baseline: [Double]
  /// Registered name of the objective.
  let objectiveName: String
  let objective: any Objective
  private let scoring: TreeScoring

  init(
    schema: Schema, features: [TreeFeature], trees: TreeNodes, baseline: [Double], objective: any Objective,
    objectiveName: String,
    classes: [String], importance: [Double]?, gains: [Double]? = nil
  ) {
    self.schema = schema
    self.features = features
    self.trees = trees
    self.baseline = baseline
    self.objective = objective
    self.objectiveName = objectiveName
    self.classes = classes
    self.importance = importance
    self.gains = gains ?? importance ?? [Double](repeating: 0, count: schema.count)
    iterationCount = trees.roots.count / max(1, baseline.count)
    scoring = TreeScoring(trees, features, width: baseline.count)
  }

  /// Predictions for a whole batch.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, or one of a kind that does not fit.
  public func predict(_ frame: Frame) throws -> Predictions {
    objective.predictions(scores: try scores(frame), classes: classes)
  }

  /// The same on several threads.
  ///
  /// - Throws: as `predict`.
  public func predict(_ frame: Frame, workers: Workers) throws -> Predictions {
    objective.predictions(scores: try scores(frame, workers: workers), classes: classes)
  }

  /// Raw scores of a batch before they become predictions, row-major `[rowCount, baseline.count]`.
  package func scores(_ frame: Frame, workers: Workers = .serial) throws -> [Double] {
    scoring.scores(try FeatureTable(frame, schema, features), baseline: baseline, workers: workers)
  }

  /// What the values of a prepared row are, in their order.
  public var rowFeatures: [RowFeature] { features.map(RowFeature.init) }
  /// One, or one a class above two.
  public var scoreWidth: Int { baseline.count }

  /// Scores one row without memory from the heap; equal to `scores` to the last bit.
  ///
  /// - Shape: `values` `[rowFeatures.count]`, NaN for a missing number; `scores` `[baseline.count]`, overwritten.
  ///   Category values must be codes below their feature's count.
  public func score(row values: Span<Double>, into scores: inout MutableSpan<Double>) {
    precondition(values.count == features.count && scores.count == baseline.count, "one prepared row")
    for k in baseline.indices { scores[k] = baseline[k] }
    scoring.add(row: values, to: &scores)
  }

  /// Scores row by row along the paths: what the fast way must agree with.
  package func referenceScores(_ frame: Frame) throws -> [Double] {
    trees.scores(try FeatureTable(frame, schema, features), baseline: baseline)
  }
}

/// The features of a batch in columns.
struct FeatureTable: Sendable {
  /// Rows.
  let rowCount: Int
  /// Numbers with NaN for missing; categories as codes.
  let columns: [[Double]]

  init(_ frame: Frame, _ schema: Schema, _ features: [TreeFeature]) throws {
    rowCount = frame.rowCount
    var read: [Int: FeatureValues] = [:]
    for field in schema.fields.indices { read[field] = try FeatureValues(frame, schema.fields[field]) }
    columns = try features.map { feature in
      guard let values = read[feature.field] else {
        throw MLError(.internalFailure, "trees: feature without a column.")
      }
      return try values.numbers(feature, schema.fields[feature.field])
    }
  }
}

extension FeatureValues {
  /// Values of one feature as numbers; categories as codes.
  func numbers(_ feature: TreeFeature, _ field: Field) throws -> [Double] {
    switch (self, feature.coding) {
    case (.numbers(let values), .numbers): return values
    case (.levels(let levels), .categories(let table, _)): return levels.map { Double(Self.code($0, table)) }
    case (.vector(let matrix), .numbers):
      guard let element = feature.element, element < matrix.width else {
        throw MLError(
          .schemaMismatch,
          "trees: column '\(field.name)' must have as many elements as in training; got \(matrix.width).",
          field: field.name)
      }
      return matrix.dense(element: element)
    default: throw MLError(.internalFailure, "trees: coding of '\(field.name)' does not fit its kind.")
    }
  }
}
