import Basics
import Frames
import Modeling

/// 100 trees of 31 leaves on 500,000 rows of numbers and categories of up to 5,000 levels, some missing.
enum BoostedTreesMixed: Job {
  static let name = "gbdt-mixed"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let train = try readCSV("\(setting.data)/mixed-train.csv", setting.workers)
    let test = try readCSV("\(setting.data)/mixed-test.csv", setting.workers, contract: train.schema)
    let data = try TrainingData(frame: train.removing(["y"]), target: target(train))
    let trees = try estimator(
      "gradient-boosted-trees",
      [
        ("iteration_count", .integer(100)), ("leaf_count", .integer(31)), ("learning_rate", .number(0.1)),
        ("early_stopping_rounds", .integer(0)),
      ])
    let (seconds, model) = try fitted(trees, data, setting)
    let auc = try quality("roc_auc", model.predict(test.removing(["y"])), target(test))
    return [Outcome(seconds, quality: auc)]
  }

  private static func target(_ frame: Frame) throws -> Target {
    .classes(codes: (try frame.column("y").doubles ?? []).map { Int32($0) }, names: ["0", "1"])
  }
}
