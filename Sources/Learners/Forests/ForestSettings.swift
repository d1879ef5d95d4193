import Basics
import Kernels
import Modeling

/// What the members of the forest family share, in one place.
struct ForestSettings: Sendable, Hashable {
  /// Registered name, for errors.
  var owner: String
  /// Trees.
  var treeCount = 1
  /// Share of features looked at per split; 0: the square root of their number for classes, all for numbers.
  var featureFraction = 0.0
  /// Whether `featureFraction` 0 means all features for classes too.
  var looksAtAll = false
  /// Depth at most; 0 is no limit.
  var maximumDepth = 0
  /// Rows a leaf has at least.
  var minimumRowsPerLeaf = 1
  /// Rows a node must have to be split.
  var minimumRowsPerSplit = 2
  /// Bins of a number at most.
  var binCount = 255
  /// Rows' worth of the class shares of all rows added to each leaf's.
  var smoothing = 0.0
  /// Weights of classes.
  var classWeight = ClassWeight.none
  /// Whether each tree draws rows with replacement.
  var bootstrap = false
  /// Rows drawn, as a share of all.
  var rowFraction = 1.0
  /// Whether rows are scored by the trees that did not draw them.
  var outOfBag = false
  /// One random cut a feature instead of the best.
  var isRandom = false

  /// How columns become codes: categories are told apart up to 254 of a column.
  var coding: CodingSettings {
    CodingSettings(
      owner: owner, binCount: binCount, minimumRowsPerBin: 1, minimumRowsPerCategory: 1, codeLimit: 256,
      minimumRowsPerElement: 2)
  }

  /// How trees grow on `featureCount` features.
  func growth(featureCount: Int, isClasses: Bool) -> ForestGrowth {
    let all = Double(featureCount)
    let tried =
      featureFraction > 0 ? (featureFraction * all).rounded() : isClasses && !looksAtAll ? all.squareRoot() : all
    return ForestGrowth(
      triedFeatures: min(featureCount, max(1, Int(tried))), maximumDepth: maximumDepth,
      minimumRowsPerLeaf: minimumRowsPerLeaf, minimumRowsPerSplit: minimumRowsPerSplit, isRandom: isRandom,
      smoothing: isClasses ? smoothing : 0)
  }
}

/// Settings that several members of the family have, as their cards name them.
enum ForestCard {
  static let trees = Hyperparameter(
    "tree_count", "Trees.", .integer(1...100_000, logarithmic: true), search: .integer(50...500, logarithmic: true))
  static let features = Hyperparameter(
    "feature_fraction",
    "Share of features looked at per split; 0: the square root of their number for classes, all for numbers.",
    .real(0...1, logarithmic: false), search: .real(0.05...1, logarithmic: true))
  static let size: [Hyperparameter] = [
    Hyperparameter(
      "maximum_depth", "Depth a tree has at most; 0 is no limit.", .integer(0...1000, logarithmic: false)),
    Hyperparameter(
      "minimum_rows_per_leaf", "Rows a leaf has at least.", .integer(1...1_000_000_000, logarithmic: true),
      search: .integer(1...50, logarithmic: true)),
    Hyperparameter(
      "minimum_rows_per_split", "Rows a node must have to be split.", .integer(2...1_000_000_000, logarithmic: true)),
    Hyperparameter("bin_count", "Bins of a number at most.", .integer(2...255, logarithmic: false)),
    Hyperparameter(
      "smoothing", "Rows' worth of the class shares of all rows added to each leaf's; numbers have none.",
      .real(0...1e6, logarithmic: false), search: .real(0...10, logarithmic: false)),
    Hyperparameter(
      "class_weight", "Weights of classes: as they are, or every class alike.",
      .choice(ClassWeight.allCases.map(\.rawValue))),
  ]
  static let rows = Hyperparameter(
    "row_fraction", "Rows each tree draws with replacement, as a share of all.", .real(1e-3...1, logarithmic: false))
  static let bootstrap = Hyperparameter(
    "bootstrap", "Whether each tree draws rows with replacement; else it sees all.", .boolean)
  static let outOfBag = Hyperparameter(
    "out_of_bag", "Whether rows are scored by the trees that did not draw them.", .boolean)

  /// Checks all settings of `estimator` against its card.
  static func validate<E: Estimator>(_ estimator: E) throws {
    let settings = try Configuration.encode(estimator)
    for parameter in E.card.hyperparameters {
      try parameter.validate(settings[parameter.name] ?? .null, owner: E.card.name)
    }
  }
}
