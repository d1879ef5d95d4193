public import Basics
public import Modeling
import Frames

/// A decision tree that grows while rows stream by, and regrows where the stream has changed.
///
/// A leaf splits once the gain of its best test leads that of the next feature by the Hoeffding bound
/// `√(log₂(classes)² · ln(1 / split_confidence) / 2n)`, or the two tie. Numbers are summed up by a normal
/// distribution for each class, categories by counts; leaves answer by naive Bayes where that has been right more
/// often than the largest class. Every inner node watches the errors below it: when recent ones exceed earlier ones
/// beyond chance, a new subtree grows beside it and takes its place once it errs less. Rows count in their order;
/// missing cells go the heavier way.
///
/// - Source: Domingos and Hulten, *Mining high-speed data streams*, KDD 2000; Hulten, Spencer and Domingos, *Mining
///   time-changing data streams*, 2001; Bifet and Gavaldà, *Adaptive learning from evolving data streams*, 2009.
public struct HoeffdingTree: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "hoeffding-tree", summary: "Decision tree that learns row by row from a stream and follows its drift.",
    tasks: [.classification], capabilities: [.handlesMissing, .handlesCategories, .multiclass],
    hyperparameters: [
      .init(
        "grace_period", "Rows a leaf takes between two tries to split.", .integer(1...1_000_000, logarithmic: true),
        search: .integer(50...500, logarithmic: true)),
      .init(
        "split_confidence", "Chance of a split on the wrong feature.", .real(1e-300...0.5, logarithmic: true),
        search: .real(1e-9...1e-3, logarithmic: true)),
      .init(
        "tie_threshold", "Bound below which alike tests count as tied.", .real(0...1, logarithmic: false),
        search: .real(0.01...0.2, logarithmic: false)),
      .init("adaptive", "Whether subtrees are replaced when their errors rise.", .boolean),
      .init(
        "maximum_leaves", "Leaves at most, those of growing replacements included.",
        .integer(1...100_000, logarithmic: true)),
    ], source: "Domingos and Hulten 2000; Bifet and Gavaldà 2009; river HoeffdingAdaptiveTreeClassifier",
    searchRowLimit: 0)

  /// Rows a leaf takes between two tries to split.
  public var gracePeriod: Int
  /// Chance of a split on the wrong feature.
  public var splitConfidence: Double
  /// Bound below which alike tests count as tied.
  public var tieThreshold: Double
  /// Whether subtrees are replaced when their errors rise.
  public var adaptive: Bool
  /// Leaves at most.
  public var maximumLeaves: Int

  enum CodingKeys: String, CodingKey {
    case adaptive
    case gracePeriod = "grace_period"
    case splitConfidence = "split_confidence"
    case tieThreshold = "tie_threshold"
    case maximumLeaves = "maximum_leaves"
  }

  /// A try each 200 rows, confidence 1e-7, ties at 0.05, adaptive.
  public init() {
    gracePeriod = 200
    splitConfidence = 1e-7
    tieThreshold = 0.05
    adaptive = true
    maximumLeaves = 2000
  }

  /// Learns from the rows in their order.
  ///
  /// - Throws: `.invalidData` for numbers as target, fewer than two classes, infinite or huge cells;
  ///   `.schemaMismatch` for texts and vectors.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> HoeffdingTreeModel {
    try context.checkCancellation()
    _ = try LinearTarget.classes(data, owner: Self.card.name)
    var model = try HoeffdingTreeModel(settings: self, data)
    try model.update(with: data, in: context)
    return model
  }
}
