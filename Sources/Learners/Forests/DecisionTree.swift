public import Basics
public import Modeling

/// One decision tree: readable, quick, and rough beside a forest.
///
/// Splits lower the Gini impurity, or the squared error, the most. Class shares of leaves are drawn towards those of
/// all rows by `smoothing`, so that no class gets probability 0 from a few rows; 0 leaves them as counted.
///
/// - Missing: a missing value goes to the side that was best in training; where training saw none, to the larger side.
///   A category unknown at training goes where rare categories went.
/// - Source: Breiman, Friedman, Olshen and Stone, *Classification and regression trees*, 1984; agrees in quality with
///   scikit-learn's.
public struct DecisionTree: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "decision-tree", summary: "One tree of yes-or-no questions: readable and quick.",
    tasks: [.classification, .regression],
    capabilities: [
      .handlesMissing, .handlesCategories, .handlesVectors, .multiclass, .weights, .scaleInvariant, .orderInvariant,
    ],
    hyperparameters: ForestCard.size,
    source: "Breiman et al. 1984; scikit-learn DecisionTreeClassifier and DecisionTreeRegressor", searchRowLimit: 0)

  /// Depth a tree has at most; 0 = no limit.
  public var maximumDepth = 0
  /// Rows a leaf has at least.
  public var minimumRowsPerLeaf = 20
  /// Rows a node must have to be split.
  public var minimumRowsPerSplit = 2
  /// Bins of a number at most.
  public var binCount = 255
  /// Rows' worth of the class shares of all rows added to each leaf's.
  public var smoothing = 1.0
  /// Weights of classes.
  public var classWeight = ClassWeight.none
  enum CodingKeys: String, CodingKey {
    case smoothing
    case maximumDepth = "maximum_depth"
    case minimumRowsPerLeaf = "minimum_rows_per_leaf"
    case minimumRowsPerSplit = "minimum_rows_per_split"
    case binCount = "bin_count"
    case classWeight = "class_weight"
  }

  /// The defaults.
  public init() {}

  /// Grows the tree.
  ///
  /// - Throws: `.invalidParameter` naming a setting, `.invalidData` for text columns or a single class, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> ForestModel {
    try ForestCard.validate(self)
    var settings = ForestSettings(owner: Self.card.name)
    settings.maximumDepth = maximumDepth
    settings.minimumRowsPerLeaf = minimumRowsPerLeaf
    settings.minimumRowsPerSplit = minimumRowsPerSplit
    settings.binCount = binCount
    settings.smoothing = smoothing
    settings.looksAtAll = true
    settings.classWeight = classWeight
    return try ForestRun(settings, data, context).model()
  }
}
