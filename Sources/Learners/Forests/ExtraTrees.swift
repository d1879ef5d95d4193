public import Basics
public import Modeling

/// Extremely randomised trees: deep trees with one random cut for each of a few random features, averaged.
///
/// A cut is drawn evenly between the smallest and the largest value of the node's rows: rows are told apart by 255
/// bins, the cut itself lies anywhere between two of them. Categories lie where their mean target puts them, found
/// as in a random forest, or, at half of the splits, in the order of the column's levels.
///
/// - Missing: missing values go to a random side at each split; where training saw none, to the larger side. A category
///   unknown at training goes where rare categories went.
/// - Source: Geurts, Ernst and Wehenkel, *Extremely randomized trees*, Machine Learning 63(1), 2006; agrees in quality
///   with scikit-learn's.
public struct ExtraTrees: IterativeEstimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "extra-trees", summary: "Averages deep trees with random cuts: smoother than a random forest, and faster.",
    tasks: [.classification, .regression],
    capabilities: [.handlesMissing, .handlesCategories, .handlesVectors, .multiclass, .weights, .scaleInvariant],
    hyperparameters: [ForestCard.trees, ForestCard.features] + ForestCard.size
      + [ForestCard.bootstrap, ForestCard.rows, ForestCard.outOfBag],
    source: "Geurts, Ernst and Wehenkel 2006; scikit-learn ExtraTreesClassifier and ExtraTreesRegressor",
    presets: [[:], ["minimum_rows_per_leaf": 3, "feature_fraction": 0.5]], searchRowLimit: 200_000)

  /// Trees.
  public var treeCount = 100
  /// Share of features looked at per split; 0: the square root of their number for classes, all for numbers.
  public var featureFraction = 0.0
  /// Depth a tree has at most; 0 = no limit.
  public var maximumDepth = 0
  /// Rows a leaf has at least.
  public var minimumRowsPerLeaf = 1
  /// Rows a node must have to be split.
  public var minimumRowsPerSplit = 2
  /// Bins of a number at most.
  public var binCount = 255
  /// Rows' worth of the class shares of all rows added to each leaf's.
  public var smoothing = 0.0
  /// Weights of classes.
  public var classWeight = ClassWeight.none
  /// Whether each tree draws rows with replacement.
  public var bootstrap = false
  /// Rows drawn, as a share of all.
  public var rowFraction = 1.0
  /// Whether rows are scored by the trees that did not draw them.
  public var outOfBag = true

  enum CodingKeys: String, CodingKey {
    case smoothing, bootstrap
    case treeCount = "tree_count"
    case featureFraction = "feature_fraction"
    case maximumDepth = "maximum_depth"
    case minimumRowsPerLeaf = "minimum_rows_per_leaf"
    case minimumRowsPerSplit = "minimum_rows_per_split"
    case binCount = "bin_count"
    case classWeight = "class_weight"
    case rowFraction = "row_fraction"
    case outOfBag = "out_of_bag"
  }

  /// The defaults.
  public init() {}

  /// The same settings with `count` trees.
  public func withIterationCount(_ count: Int) -> ExtraTrees {
    var copy = self
    copy.treeCount = max(1, count)
    return copy
  }

  /// Grows the trees.
  ///
  /// - Throws: `.invalidParameter` naming a setting, `.invalidData` for text columns or a single class, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> ForestModel {
    try ForestCard.validate(self)
    var settings = ForestSettings(owner: Self.card.name)
    settings.treeCount = treeCount
    settings.featureFraction = featureFraction
    settings.maximumDepth = maximumDepth
    settings.minimumRowsPerLeaf = minimumRowsPerLeaf
    settings.minimumRowsPerSplit = minimumRowsPerSplit
    settings.binCount = binCount
    settings.smoothing = smoothing
    settings.classWeight = classWeight
    settings.bootstrap = bootstrap
    settings.rowFraction = rowFraction
    settings.outOfBag = outOfBag
    settings.isRandom = true
    return try ForestRun(settings, data, context).model()
  }
}
