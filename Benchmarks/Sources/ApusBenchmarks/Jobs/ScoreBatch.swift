import Basics
import Modeling

/// Rows scored a second: 500 trees of 31 leaves, a million rows.
enum ScoreBatch: Job {
  static let name = "score-batch"

  static func run(_ setting: Setting) throws -> [Outcome] {
    let (table, model) = try model(setting)
    let rows = 0..<1_000_000
    let frame = try table.frame(28, rows)
    _ = try model.predict(table.frame(28, 0..<1000), workers: setting.workers)
    let (seconds, predictions) = try timed { try model.predict(frame, workers: setting.workers) }
    return [
      Outcome(Double(rows.count) / seconds, quality: try quality("roc_auc", predictions, table.classes(28, rows)))
    ]
  }

  /// Learnt from the last 200,000 rows.
  static func model(_ setting: Setting) throws -> (Table, any FittedModel) {
    let table = try Table("floats", setting)
    let train = (table.rowCount - 200_000)..<table.rowCount
    let data = try TrainingData(frame: table.frame(28, train), target: table.classes(28, train))
    let trees = try estimator(
      "gradient-boosted-trees",
      [
        ("iteration_count", .integer(500)), ("leaf_count", .integer(31)), ("learning_rate", .number(0.1)),
        ("early_stopping_rounds", .integer(0)),
      ])
    return (table, try fitted(trees, data, setting).model)
  }
}
