public import Basics
public import Frames
import Kernels
public import Modeling

/// A fitted isolation forest: scores between 0 and 1, higher = stranger.
public struct IsolationForestModel: AnomalyModel {
  /// The columns it needs, by name.
  public let schema: Schema
  /// Score at or above which a row counts as anomalous.
  public let threshold: Double
  /// Trees.
  public var iterationCount: Int? { trees.roots.count }
  /// Rows each tree saw.
  let rowCount: Int
  let features: [TreeFeature]
  /// The trees; a leaf holds the depth at which its rows end.
  let trees: TreeNodes
  private let scoring: TreeScoring

  init(schema: Schema, features: [TreeFeature], trees: TreeNodes, rowCount: Int, threshold: Double) {
    self.schema = schema
    self.features = features
    self.trees = trees
    self.rowCount = rowCount
    self.threshold = threshold
    scoring = TreeScoring(trees, features, width: 1)
  }

  /// Scores for a whole batch.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, or one of a kind that does not fit.
  public func predict(_ frame: Frame) throws -> Predictions {
    Predictions(.values(scores(try FeatureTable(frame, schema, features))))
  }

  /// Scores of prepared rows.
  func scores(_ table: FeatureTable) -> [Double] {
    let whole = Double(trees.roots.count) * max(IsolationGrower.meanDepth(rowCount), .leastNormalMagnitude)
    return scoring.scores(table, baseline: [0], workers: .serial).map { Mathematics.pow(2, -$0 / whole) }
  }

  /// Adds everything `init(from:)` needs.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("row_count", .integer(Int64(rowCount)))
    archive.set("threshold", .number(threshold))
    TreeFeature.write(features, to: &archive)
    trees.write(to: &archive)
  }

  /// Reads what `write` wrote; every index is checked, so that a made-up archive cannot trap or loop.
  ///
  /// - Throws: `.corruptFile` when something is lacking or does not fit together.
  public init(from archive: ArchiveReader) throws {
    let schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    let rowCount = try archive.integer("row_count")
    let threshold = try archive.double("threshold")
    let features = try TreeFeature.read(archive, schema)
    let trees = try TreeNodes(from: archive)
    try trees.check(features, scoreCount: 1, archive)
    guard rowCount > 0, threshold.isFinite, !trees.roots.isEmpty, trees.leaves.allSatisfy({ $0 >= 0 }) else {
      throw archive.corrupt("holds an isolation forest whose parts do not fit together")
    }
    self.init(schema: schema, features: features, trees: trees, rowCount: rowCount, threshold: threshold)
  }
}
