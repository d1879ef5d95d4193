public import Basics
public import Modeling

/// A random forest: deep trees on rows drawn with replacement, a few random features per split, averaged.
///
/// Numbers are split between at most 255 bins, so a forest takes a tenth of the time that exact cuts take, at equal
/// quality. Categories are ordered by their mean target in each node (more classes: by the share of the node's largest
/// class), drawn by ten rows' worth towards what all rows say of them; those of a column with more than 32 are ordered
/// by all rows alone, since the few rows of a deep node would put them in any order that fits.
///
/// - Missing: a missing value goes to the side that was best in training; where training saw none, to the larger side.
///   A category unknown at training goes where rare categories went.
/// - Source: Breiman, *Random forests*, Machine Learning 45(1), 2001; Wright and König, *Splitting on categorical
///   predictors in random forests*, PeerJ 7, 2019 (one order a tree); agrees in quality with scikit-learn's.
public struct RandomForest: IterativeEstimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "random-forest", summary: "Averages deep trees on random rows and features: robust without tuning.",
    tasks: [.classification, .regression],
    capabilities: [.handlesMissing, .handlesCategories, .handlesVectors, .multiclass, .weights, .scaleInvariant],
    hyperparameters: [ForestCard.trees, ForestCard.features] + ForestCard.size
      + [ForestCard.bootstrap, ForestCard.rows, ForestCard.outOfBag],
    source: "Breiman 2001; scikit-learn RandomForestClassifier and RandomForestRegressor",
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
  public var bootstrap = true
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
  public func withIterationCount(_ count: Int) -> RandomForest {
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
    return try ForestRun(settings, data, context).model()
  }
}
