import Basics
public import Frames
import Kernels
public import Modeling

/// Fitted gradient-boosted trees: nodes in flat arrays, thresholds on raw values.
///
/// The score of a row is the baseline plus the leaf values in tree order, so a row scores the same alone and in any
/// batch.
public struct TreeEnsemble: FittedModel {
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
  /// Rows from which scoring by blocks pays.
  private static let batchSize = 8
  /// The trees.
  let trees: TreeNodes
  /// Score before the first tree, one a class (or one).
  let baseline: [Double]
  /// Registered name of the objective.
  let objectiveName: String
  private let objective: any Objective
  private let scorer: TreeScorer?

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
    scorer = trees.plan(features).map(TreeScorer.init)
  }

  /// Predictions for a whole batch.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, or one of a kind that does not fit.
  public func predict(_ frame: Frame) throws -> Predictions {
    objective.predictions(scores: try scores(frame), classes: classes)
  }

  /// Raw scores of a batch before they become predictions, row-major `[rowCount, baseline.count]`.
  package func scores(_ frame: Frame) throws -> [Double] {
    let table = try FeatureTable(frame, schema, features)
    guard let scorer, table.rowCount >= Self.batchSize else { return trees.scores(table, baseline: baseline) }
    var scores: [Double] = []
    scores.reserveCapacity(table.rowCount * baseline.count)
    for _ in 0..<table.rowCount { scores.append(contentsOf: baseline) }
    scorer.add(features: table.columns, rowCount: table.rowCount, width: baseline.count, to: &scores)
    return scores
  }

  /// Scores row by row along the paths: what the fast way must agree with.
  package func referenceScores(_ frame: Frame) throws -> [Double] {
    trees.scores(try FeatureTable(frame, schema, features), baseline: baseline)
  }
}

/// Trees in flat arrays. A child at or above 0 is a node, after its parent; below 0 it is the complement of a leaf.
struct TreeNodes: Sendable, Hashable {
  /// Feature of each node.
  var feature: [Int32] = []
  /// Numbers at most this go left.
  var threshold: [Double] = []
  /// 1 where missing values go left.
  var missingLeft: [UInt8] = []
  /// First word of a category node's set; −1 for numbers.
  var categories: [Int32] = []
  /// Where the left rows go.
  var left: [Int32] = []
  /// Where the right rows go.
  var right: [Int32] = []
  /// Root of each tree.
  var roots: [Int32] = []
  /// Leaf values of all trees, learning rate included.
  var leaves: [Double] = []
  /// Bits of category sets: code `c` is bit `c & 31` of word `c >> 5`; set goes left.
  var words: [UInt32] = []
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
        throw MLError(.internalFailure, "gradient-boosted-trees: feature without a column.")
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
          "gradient-boosted-trees: column '\(field.name)' must have as many elements as in training; got \(matrix.width).",
          field: field.name)
      }
      return matrix.dense(element: element)
    default: throw MLError(.internalFailure, "gradient-boosted-trees: coding of '\(field.name)' does not fit its kind.")
    }
  }
}

extension TreeNodes {
  /// Scores of all rows, tree after tree.
  func scores(_ table: FeatureTable, baseline: [Double]) -> [Double] {
    let width = baseline.count
    var out: [Double] = []
    out.reserveCapacity(table.rowCount * width)
    for _ in 0..<table.rowCount { out.append(contentsOf: baseline) }
    for (tree, root) in roots.enumerated() {
      let k = tree % width
      for row in 0..<table.rowCount { out[row * width + k] += leaves[leaf(root, table, row)] }
    }
    return out
  }

  /// Leaf that row `row` reaches.
  private func leaf(_ root: Int32, _ table: FeatureTable, _ row: Int) -> Int {
    var at = root
    while at >= 0 {
      let node = Int(at)
      let value = table.columns[Int(feature[node])][row]
      at = goesLeft(node, value) ? left[node] : right[node]
    }
    return Int(~at)
  }

  private func goesLeft(_ node: Int, _ value: Double) -> Bool {
    if categories[node] >= 0 {
      let code = Int(value)
      return words[Int(categories[node]) + code >> 5] >> UInt32(code & 31) & 1 == 1
    }
    return value.isNaN ? missingLeft[node] == 1 : value <= threshold[node]
  }
}
