public import Basics
import Modeling

extension GradientBoostedTrees {
  /// The card.
  public static let card = Card(
    name: "gradient-boosted-trees",
    summary: "Gradient-boosted decision trees: the strongest single choice for most tables.",
    tasks: [.classification, .regression],
    capabilities: [
      .handlesMissing, .handlesCategories, .handlesVectors, .multiclass, .weights, .earlyStopping, .scaleInvariant,
      .orderInvariant,
    ],
    hyperparameters: growing + regularisation + constraints + categories + losses,
    source: "Ke et al., LightGBM: a highly efficient gradient boosting decision tree, NIPS 2017.")

  private static let growing: [Hyperparameter] = [
    Hyperparameter(
      "iteration_count", "Iterations at most; one tree each, or one a class.", .integer(1...100_000, logarithmic: true),
      search: .integer(50...2000, logarithmic: true)),
    Hyperparameter(
      "learning_rate", "Share of each tree's step that is taken.", .real(1e-6...1, logarithmic: true),
      search: .real(0.01...0.3, logarithmic: true)),
    Hyperparameter(
      "leaf_count", "Leaves a tree has at most.", .integer(2...65536, logarithmic: true),
      search: .integer(7...255, logarithmic: true)),
    Hyperparameter("maximum_depth", "Depth a tree has at most; 0 is no limit.", .integer(0...1000, logarithmic: false)),
    Hyperparameter(
      "growth", "Which leaf is split next: the one that gains most, or the one nearest to the root.",
      .choice(Growth.allCases.map(\.rawValue))),
    Hyperparameter("bin_count", "Bins of a number at most.", .integer(2...255, logarithmic: false)),
    Hyperparameter(
      "early_stopping_rounds",
      "Iterations without improvement on validation rows before stopping; 0 never stops early.",
      .integer(0...100_000, logarithmic: false)),
  ]

  private static let regularisation: [Hyperparameter] = [
    Hyperparameter(
      "minimum_rows_per_leaf", "Rows a leaf has at least.", .integer(1...1_000_000_000, logarithmic: true),
      search: .integer(3...200, logarithmic: true)),
    Hyperparameter("minimum_hessian_per_leaf", "Hessian a leaf has at least.", .real(0...1e12, logarithmic: false)),
    Hyperparameter(
      "minimum_gain", "Gain a split has at least.", .real(0...1e300, logarithmic: false),
      search: .real(0...1, logarithmic: false)),
    Hyperparameter(
      "l1", "Absolute penalty on leaf values.", .real(0...1e12, logarithmic: false),
      search: .real(0...10, logarithmic: false)),
    Hyperparameter(
      "l2", "Square penalty on leaf values.", .real(0...1e12, logarithmic: false),
      search: .real(1e-3...100, logarithmic: true)),
    Hyperparameter(
      "row_fraction", "Share of rows each iteration sees.", .real(1e-3...1, logarithmic: false),
      search: .real(0.5...1, logarithmic: false)),
    Hyperparameter(
      "column_fraction", "Share of features each tree sees.", .real(1e-3...1, logarithmic: false),
      search: .real(0.4...1, logarithmic: false)),
    Hyperparameter(
      "column_fraction_per_node", "Share of a tree's features each node sees.", .real(1e-3...1, logarithmic: false),
      search: .real(0.4...1, logarithmic: false)),
    Hyperparameter(
      "class_weight", "Balanced: every class counts alike in sum; numbers have no classes and stay as they are.",
      .choice(ClassWeight.allCases.map(\.rawValue))),
  ]

  private static let constraints: [Hyperparameter] = [
    Hyperparameter(
      "increasing", "Columns that predictions must not fall with (scores of two classes: of the second).", .texts),
    Hyperparameter("decreasing", "Columns that predictions must not rise with.", .texts),
    Hyperparameter(
      "interactions",
      "Sets of columns, each 'a|b|c': columns meet on one path only within a set; a column in none stays alone.",
      .texts),
  ]

  private static let categories: [Hyperparameter] = [
    Hyperparameter(
      "category_smoothing", "Hessian added when categories are sorted; categories with fewer rows are not sorted.",
      .real(0...1e9, logarithmic: false), search: .real(1...100, logarithmic: true)),
    Hyperparameter(
      "category_l2", "Square penalty added in many-against-many category splits.", .real(0...1e12, logarithmic: false),
      search: .real(0.1...100, logarithmic: true)),
    Hyperparameter(
      "category_limit", "Most categories on the listed side of a split.", .integer(1...65536, logarithmic: true)),
    Hyperparameter(
      "one_versus_rest_limit", "Up to so many categories, each is tried against the rest.",
      .integer(0...65536, logarithmic: false)),
    Hyperparameter(
      "minimum_rows_per_category_group", "Rows in each group of categories that changes sides together.",
      .integer(1...1_000_000_000, logarithmic: true)),
  ]

  private static let losses: [Hyperparameter] = [
    Hyperparameter(
      "objective", "What is minimised; automatic chooses by the target.", .choice(Loss.allCases.map(\.rawValue))),
    Hyperparameter(
      "quantile", "Which quantile the quantile objective predicts.", .real(0.001...0.999, logarithmic: false)),
    Hyperparameter(
      "huber_delta", "Residual at which Huber's loss turns from squared to absolute, in units of the target.",
      .real(1e-12...1e12, logarithmic: true)),
    Hyperparameter(
      "tweedie_power",
      "How the variance grows with the mean for the Tweedie objective: 1 as counts, 2 as gamma amounts.",
      .real(1.01...1.99, logarithmic: false)),
    Hyperparameter(
      "group", "Column whose equal values make a group for lambdarank; not a feature. Rows need not be adjacent.",
      .column),
    Hyperparameter(
      "ranking_truncation", "Places of a group that count for lambdarank.", .integer(1...100_000, logarithmic: true)),
  ]
}
