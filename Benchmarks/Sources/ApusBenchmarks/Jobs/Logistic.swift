import Basics
import Modeling

/// Logistic regression, a million rows of 28 numbers, penalty 1.
enum Logistic: Job {
  static let name = "logistic"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let logistic = try estimator("logistic-regression", [("penalty", .number(1))])
    let table = try Table("floats", setting)
    let train = 0..<(table.rowCount * 5 / 6)
    let test = train.upperBound..<table.rowCount
    let data = try TrainingData(frame: table.frame(28, train), target: table.classes(28, train))
    let (seconds, model) = try fitted(logistic, data, setting)
    let auc = try quality("roc_auc", model.predict(table.frame(28, test)), table.classes(28, test))
    return [Outcome(seconds, quality: auc)]
  }
}
