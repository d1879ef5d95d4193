import Basics
public import Modeling

/// Gradient-boosted decision trees: histogram splits, leaf-wise growth, missing values and categories as they are.
///
/// Gradients are rounded to fixed point and summed as integers, so that the model has the same bytes for any number of
/// threads. Minimum rows are estimated from hessians as in LightGBM, exact for objectives of constant curvature without
/// row weights. Categories with many levels are split many against many by sorted gradient statistics.
///
/// - Missing: a missing value goes to the side that was best in training; where training saw none, to the larger side.
///   A category unknown at training goes where rare categories went.
/// - Source: Friedman, *Greedy function approximation: a gradient boosting machine*, Ann. Statist. 29(5), 2001;
///   Ke et al., *LightGBM: a highly efficient gradient boosting decision tree*, NIPS 2017;
///   Shi et al., *Quantized training of gradient boosting decision trees*, NeurIPS 2022.
public struct GradientBoostedTrees: IterativeEstimator, ContinuableEstimator {
  /// What `fit` returns.
  public typealias Model = TreeEnsemble

  /// What is minimised.
  public enum Loss: String, Sendable, Hashable, Codable, CaseIterable {
    /// Logistic for two classes, softmax for more, squared error for numbers.
    case automatic
    /// Squared error of numbers.
    case squaredError = "squared-error"
    /// Absolute error of numbers.
    case absoluteError = "absolute-error"
    /// Huber's loss of numbers.
    case huber
    /// Pinball loss of numbers.
    case quantile
    /// Poisson deviance of counts.
    case poisson
    /// Gamma deviance of positive amounts.
    case gamma
    /// Tweedie deviance of amounts of which many are zero.
    case tweedie
    /// NDCG of the order of the rows of each group.
    case lambdarank
  }

  /// Which leaf is split next.
  public enum Growth: String, Sendable, Hashable, Codable, CaseIterable {
    /// The one that gains most.
    case leafWise = "leaf-wise"
    /// The one nearest to the root; of those, the one that gains most.
    case depthWise = "depth-wise"
  }

  /// What is minimised.
  public var objective = Loss.automatic
  /// Iterations at most; one tree each, or one a class.
  public var iterationCount = 100
  /// Share of each tree's step that is taken.
  public var learningRate = 0.1
  /// Leaves a tree has at most.
  public var leafCount = 31
  /// Depth a tree has at most; 0 = no limit.
  public var maximumDepth = 0
  /// Rows a leaf has at least.
  public var minimumRowsPerLeaf = 20
  /// Hessian a leaf has at least.
  public var minimumHessianPerLeaf = 1e-3
  /// Gain a split has at least.
  public var minimumGain = 0.0
  /// Absolute penalty on leaf values.
  public var l1 = 0.0
  /// Square penalty on leaf values.
  public var l2 = 0.0
  /// Share of rows each iteration sees.
  public var rowFraction = 1.0
  /// Share of features each tree sees.
  public var columnFraction = 1.0
  /// Share of a tree's features each node sees.
  public var columnFractionPerNode = 1.0
  /// Which leaf is split next.
  public var growth = Growth.leafWise
  /// How much the rows of a class count.
  public var classWeight = ClassWeight.none
  /// Columns that predictions must not fall with.
  public var increasing: [String] = []
  /// Columns that predictions must not rise with.
  public var decreasing: [String] = []
  /// Sets of columns that may meet on one path, each `a|b|c`; empty = all may.
  public var interactions: [String] = []
  /// Bins of a number at most, besides the one for missing values.
  public var binCount = 255
  /// Iterations without improvement on validation rows before stopping; 0 = never stop early.
  public var earlyStoppingRounds = 50
  /// Hessian added when categories are sorted; categories with fewer rows are not sorted.
  public var categorySmoothing = 10.0
  /// Square penalty added in many-against-many category splits.
  public var categoryL2 = 10.0
  /// Most categories on the listed side of a split.
  public var categoryLimit = 32
  /// Up to so many categories, each is tried against the rest.
  public var oneVersusRestLimit = 4
  /// Rows in each group of categories that changes sides together.
  public var minimumRowsPerCategoryGroup = 100
  /// Which quantile the quantile objective predicts.
  public var quantile = 0.5
  /// Residual at which Huber's loss turns from squared to absolute, in units of the target.
  public var huberDelta = 1.0
  /// How the variance grows with the mean for the Tweedie objective.
  public var tweediePower = 1.5
  /// Column whose equal values make a group for lambdarank; not a feature.
  public var group = ""
  /// Places of a group that count for lambdarank.
  public var rankingTruncation = 30

  /// The defaults.
  public init() {}

  enum CodingKeys: String, CodingKey {
    case objective, l1, l2, quantile, growth, increasing, decreasing, interactions, group
    case iterationCount = "iteration_count"
    case learningRate = "learning_rate"
    case leafCount = "leaf_count"
    case maximumDepth = "maximum_depth"
    case minimumRowsPerLeaf = "minimum_rows_per_leaf"
    case minimumHessianPerLeaf = "minimum_hessian_per_leaf"
    case minimumGain = "minimum_gain"
    case rowFraction = "row_fraction"
    case columnFraction = "column_fraction"
    case binCount = "bin_count"
    case earlyStoppingRounds = "early_stopping_rounds"
    case categorySmoothing = "category_smoothing"
    case categoryL2 = "category_l2"
    case categoryLimit = "category_limit"
    case oneVersusRestLimit = "one_versus_rest_limit"
    case minimumRowsPerCategoryGroup = "minimum_rows_per_category_group"
    case huberDelta = "huber_delta"
    case tweediePower = "tweedie_power"
    case rankingTruncation = "ranking_truncation"
    case columnFractionPerNode = "column_fraction_per_node"
    case classWeight = "class_weight"
  }

  /// The same settings with exactly `count` iterations and no early stopping.
  public func withIterationCount(_ count: Int) -> GradientBoostedTrees {
    var copy = self
    copy.iterationCount = max(1, count)
    copy.earlyStoppingRounds = 0
    return copy
  }

  /// Learns from `data`.
  ///
  /// - Throws: `.invalidParameter` naming a setting, `.invalidData` for text columns, a single class or a target that
  ///   the objective cannot take, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> TreeEnsemble {
    try validate()
    return try BoostingRun(self, data, nil, context).model()
  }

  /// Adds up to `iterationCount` iterations to `model`, whose trees stay as they are. On the same data, with the same
  /// seed and settings, the result has the same bytes as one fit with as many iterations as both together.
  ///
  /// - Throws: what `fit` throws; `.schemaMismatch` when `data` lacks a column of the model or has other classes,
  ///   `.invalidParameter` when the model was fitted for another objective.
  public func fit(_ data: TrainingData, continuing model: TreeEnsemble, in context: FitContext) throws -> TreeEnsemble {
    try validate()
    return try BoostingRun(self, data, model, context).model()
  }

  /// Checks every setting against the card.
  func validate() throws {
    let settings = try Configuration.encode(self)
    for parameter in Self.card.hyperparameters {
      try parameter.validate(settings[parameter.name] ?? .null, owner: Self.card.name)
    }
    guard (objective == .lambdarank) == !group.isEmpty else {
      throw MLError(
        .invalidParameter,
        "\(Self.card.name): 'group' must name a column for objective lambdarank and be empty for others.",
        hint: group.isEmpty ? "Name the column whose equal values make a group." : "Leave 'group' out.", field: "group")
    }
  }
}
