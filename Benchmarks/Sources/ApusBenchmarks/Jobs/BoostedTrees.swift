import Basics
import Modeling

/// 100 trees of 255 leaves on a million rows of 28 numbers, binning included.
enum BoostedTrees: Job {
  static let name = "gbdt-1m"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let table = try Table("floats", setting)
    let train = 0..<(table.rowCount * 5 / 6)
    let test = train.upperBound..<table.rowCount
    let data = try TrainingData(frame: table.frame(28, train), target: table.classes(28, train))
    let trees = try estimator(
      "gradient-boosted-trees",
      [
        ("iteration_count", .integer(100)), ("leaf_count", .integer(255)), ("learning_rate", .number(0.1)),
        ("minimum_rows_per_leaf", .integer(20)), ("early_stopping_rounds", .integer(0)),
      ])
    let (seconds, model) = try fitted(trees, data, setting)
    let auc = try quality("roc_auc", model.predict(table.frame(28, test)), table.classes(28, test))
    return [Outcome(seconds, quality: auc)]
  }
}

/// The same; the runner keeps another process busy beside it.
enum BoostedTreesBusy: Job {
  static let name = "gbdt-1m-busy"

  static func run(_ setting: Setting) throws -> [Outcome] { try BoostedTrees.run(setting) }
}
