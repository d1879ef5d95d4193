public import Basics
public import Modeling
import Frames
import Kernels

/// Isolation forest: rows that few random cuts set apart are strange.
///
/// Each tree cuts `row_count` rows at random features and evenly drawn values until every row is alone, or the tree as
/// deep as `log₂ row_count`. With `h(x)` the mean depth at which `x` ends (plus what a random tree of the rows left
/// there would add) and `c(n) = 2 H(n − 1) − 2 (n − 1) / n`, the score is `2^(−h(x) / c(row_count))`: near 1 for
/// strange rows, below 0.5 for ordinary ones. Categories are dealt to the sides at random.
///
/// Rows are drawn by a hash of what they hold, so their order does not matter.
///
/// - Missing: a missing value, or a category that the tree's rows do not have, goes to the side with more rows.
/// - Source: Liu, Ting and Zhou, *Isolation forest*, ICDM 2008; agrees in quality with scikit-learn's IsolationForest.
public struct IsolationForest: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "isolation-forest", summary: "Finds strange rows: those that few random cuts set apart.",
    tasks: [.anomaly], capabilities: [.handlesMissing, .handlesCategories],
    hyperparameters: [
      Hyperparameter(
        "tree_count", "Trees.", .integer(1...100_000, logarithmic: true),
        search: .integer(50...500, logarithmic: true)),
      Hyperparameter(
        "row_count", "Rows each tree sees.", .integer(2...65_536, logarithmic: true),
        search: .integer(64...4096, logarithmic: true)),
      Hyperparameter(
        "contamination", "Share of training rows that count as anomalous: sets the threshold.",
        .real(0...0.5, logarithmic: false)),
    ], source: "Liu, Ting and Zhou 2008; scikit-learn IsolationForest")

  /// Trees.
  public var treeCount = 100
  /// Rows each tree sees.
  public var rowCount = 256
  /// Share of training rows that count as anomalous.
  public var contamination = 0.01

  enum CodingKeys: String, CodingKey {
    case contamination
    case treeCount = "tree_count"
    case rowCount = "row_count"
  }

  /// The defaults.
  public init() {}

  /// Grows the trees; the target is not looked at.
  ///
  /// - Throws: `.invalidParameter` naming a setting, `.invalidData` for texts, vectors or no rows, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> IsolationForestModel {
    try ForestCard.validate(self)
    try context.checkCancellation()
    let run = try IsolationRun(self, data, context)
    return try run.model(data.frame)
  }
}

/// One fit.
private struct IsolationRun: Sendable {
  private let settings: IsolationForest
  private let context: FitContext
  private let schema: Schema
  private let features: [TreeFeature]
  private let table: FeatureTable
  /// A hash of what each row holds.
  private let keys: [UInt64]

  init(_ settings: IsolationForest, _ data: TrainingData, _ context: FitContext) throws {
    self.settings = settings
    self.context = context
    let owner = IsolationForest.card.name
    guard data.frame.rowCount > 0, data.frame.schema.count > 0 else {
      throw MLError(.invalidData, "\(owner): must have at least one row and one column; got none.", hint: "Add rows.")
    }
    var fields = data.frame.schema.fields
    var features: [TreeFeature] = []
    for (index, column) in data.frame.columns.enumerated() {
      switch column.storage {
      case .text, .vector:
        throw MLError(
          .invalidData, "\(owner): column '\(fields[index].name)' must hold numbers or categories.",
          hint: "Prepare it first, or leave it out.", field: fields[index].name)
      case .category(_, let levels):
        fields[index].categories = levels
        // Codes follow the alphabet, so that the order of levels does not matter; those past the limit are one.
        var codes = [Int32](repeating: 1, count: levels.count)
        for (place, level) in levels.indices.sorted(by: { levels[$0] < levels[$1] }).prefix(65_533).enumerated() {
          codes[level] = Int32(place + 2)
        }
        let count = min(levels.count, 65_533) + 2
        features.append(TreeFeature(field: index, element: nil, coding: .categories(codes: codes, codeCount: count)))
      default: features.append(TreeFeature(field: index, element: nil, coding: .numbers(bounds: [])))
      }
    }
    schema = try Schema(fields)
    self.features = features
    table = try FeatureTable(data.frame, schema, features)
    var keys = [UInt64](repeating: 0x9E37_79B9_7F4A_7C15, count: table.rowCount)
    for (feature, column) in table.columns.enumerated() {
      let names = features[feature].isCategory ? Self.hashes(fields[features[feature].field], features[feature]) : []
      for row in keys.indices {
        let value = column[row]
        let hash = names.isEmpty ? StableHash.hash(value.isNaN ? .nan : value) : names[Int(value)]
        keys[row] = StableHash.mix(keys[row] &+ hash)
      }
    }
    self.keys = keys
  }

  /// Hash of each code's name.
  private static func hashes(_ field: Field, _ feature: TreeFeature) -> [UInt64] {
    guard case .categories(let codes, let count) = feature.coding else { return [] }
    var hashes = [UInt64](repeating: 1, count: count)
    for (level, name) in field.categories.enumerated() where codes[level] > 1 {
      hashes[Int(codes[level])] = StableHash.hash(name)
    }
    return hashes
  }

  /// Grows all trees and sets the threshold.
  func model(_ frame: Frame) throws -> IsolationForestModel {
    let used = min(settings.rowCount, table.rowCount)
    let order = keys.indices.sorted { keys[$0] < keys[$1] }
    var trees = TreeNodes()
    for start in stride(from: 0, to: settings.treeCount, by: 16) {
      try context.checkCancellation()
      let count = min(16, settings.treeCount - start)
      let grown = try context.workers.map(count) { index -> TreeNodes in
        let seed = context.seed.derived("tree").derived(start + index)
        var stream = seed.generator
        let rows = Self.drawn(used, of: order.count, &stream).map { order[$0] }
        var grower = IsolationGrower(table, features, stream, depthLimit: Self.depthLimit(used))
        return grower.grow(rows)
      }
      for tree in grown { trees.append(tree) }
      context.progress(FitProgress(iteration: start + count, iterationCount: settings.treeCount))
    }
    let bare = IsolationForestModel(
      schema: schema, features: features, trees: trees, rowCount: used, threshold: 1)
    let scores = bare.scores(table)
    return IsolationForestModel(
      schema: schema, features: features, trees: trees, rowCount: used,
      threshold: Self.threshold(scores, settings.contamination))
  }

  /// `count` different positions below `total` (Floyd's method).
  private static func drawn(_ count: Int, of total: Int, _ stream: inout RandomStream) -> [Int] {
    var chosen: Set<Int> = []
    var out: [Int] = []
    for last in (total - count)..<total {
      let candidate = stream.index(below: last + 1)
      let position = chosen.insert(candidate).inserted ? candidate : last
      if position == last { chosen.insert(last) }
      out.append(position)
    }
    return out.sorted()
  }

  private static func depthLimit(_ count: Int) -> Int {
    var depth = 1
    while 1 << depth < count { depth += 1 }
    return depth
  }

  /// The smallest score that leaves at most `share` of the rows at or above it; above all scores for share 0.
  private static func threshold(_ scores: [Double], _ share: Double) -> Double {
    let sorted = scores.sorted()
    let above = Int((share * Double(sorted.count)).rounded(.down))
    guard above > 0 else { return (sorted.last ?? 1).nextUp }
    let limit = sorted[sorted.count - above]
    if sorted.count > above, sorted[sorted.count - above - 1] == limit { return limit.nextUp }
    return limit
  }
}
