import Basics
import Modeling

/// 100 full trees on 200,000 rows of 28 numbers.
enum RandomForest: Job {
  static let name = "random-forest"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let forest = try estimator("random-forest", [("tree_count", .integer(100))])
    let table = try Table("floats", setting)
    let train = 0..<200_000
    let test = (table.rowCount - 100_000)..<table.rowCount
    let data = try TrainingData(frame: table.frame(28, train), target: table.classes(28, train))
    let (seconds, model) = try fitted(forest, data, setting)
    let auc = try quality("roc_auc", model.predict(table.frame(28, test)), table.classes(28, test))
    return [Outcome(seconds, quality: auc)]
  }
}
