package import Basics
package import Frames
package import Modeling

/// Predictions in the shape that files and replies have: `prediction`, then `probability_<class>` for every class.
package enum PredictionRows {
  /// What an anomaly detector decides, in code order.
  package static let anomalyNames = ["usual", "anomalous"]

  /// Names and kinds of the output columns; for anomaly detection `prediction` and `score`.
  package static func schema(classes: [String], task: Basics.Task = .classification) throws -> Schema {
    if task == .anomaly {
      return try Schema([
        Field("prediction", .category, categories: anomalyNames, mayBeMissing: false),
        Field("score", .number, mayBeMissing: false),
      ])
    }
    if classes.isEmpty { return try Schema([Field("prediction", .number, mayBeMissing: false)]) }
    let probabilities = classes.map { Field("probability_\($0)", .number, mayBeMissing: false) }
    return try Schema([Field("prediction", .category, categories: classes, mayBeMissing: false)] + probabilities)
  }

  /// One output row for each prediction, in order.
  package static func frame(_ predictions: Predictions) throws -> Frame {
    let classes = predictions.classes
    if let scores = predictions.values, let decisions = predictions.decisions {
      return try Frame(
        schema(classes: [], task: .anomaly),
        [Column(.category(codes: decisions, levels: anomalyNames)), Column(.number(scores))])
    }
    let schema = try schema(classes: classes)
    if let values = predictions.values { return try Frame(schema, [Column(.number(values))]) }
    var columns = [Column(.category(codes: predictions.classCodes, levels: classes))]
    for k in classes.indices { columns.append(Column(.number(predictions.probabilities(ofClass: k) ?? []))) }
    return try Frame(schema, columns)
  }

  /// The prediction of `row` as JSON: a class name or a number.
  package static func outcome(_ predictions: Predictions, _ row: Int, codes: [Int32]) -> JSONValue {
    if predictions.values != nil, predictions.decisions != nil { return .string(anomalyNames[Int(codes[row])]) }
    if let values = predictions.values { return .finite(values[row]) }
    return .string(predictions.classes[Int(codes[row])])
  }
}
