import Basics
import Modeling

/// Ridge regression, a million rows of 28 numbers, penalty 1.
enum RidgeRegression: Job {
  static let name = "ridge"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let ridge = try estimator("ridge", [("penalty", .number(1))])
    let table = try Table("floats", setting)
    let train = 0..<(table.rowCount * 5 / 6)
    let test = train.upperBound..<table.rowCount
    let data = try TrainingData(frame: table.frame(28, train), target: .values(table.values(29, train)))
    let (seconds, model) = try fitted(ridge, data, setting)
    let error = try quality("rmse", model.predict(table.frame(28, test)), .values(table.values(29, test)))
    return [Outcome(seconds, quality: error)]
  }
}
