import Basics
package import Frames

/// Scores a file or a stream, row by row in order, in constant memory.
package enum BatchPrediction {
  /// Rows scored at once.
  static let batchRowCount = 32_768

  /// What was done.
  package struct Result: Sendable {
    /// Rows scored.
    package var rowCount: Int
    /// What reading noticed, and cells that were taken as missing.
    package var report: ReadReport
  }

  /// Scores the rows of `reader` and hands the bytes to `write`, header first.
  ///
  /// - Parameters:
  ///   - jsonLines: JSON lines instead of CSV.
  ///   - explain: adds `contribution_<column>` for every column: its share in the probability of the predicted class
  ///     (of two classes the positive one), or in the number.
  ///   - caution: adds `low` and `high`, or `set`; leaves unsure decisions out.
  package static func run(
    _ archive: ModelArchive, reader: inout any FrameReader, jsonLines: Bool, explain: Bool = false,
    caution: Caution = Caution(), context: LifecycleContext, write: ([UInt8]) throws -> Void
  ) throws -> Result {
    let cautious = try CautiousAnswers(archive, caution)
    let explainer = explain ? try Explainer(archive, context: context) : nil
    let shares = archive.pipeline.schema.names.map { Field("contribution_\($0)", .number, mayBeMissing: false) }
    var own = try PredictionRows.schema(classes: archive.classes, task: archive.task).fields
    own[0].mayBeMissing = caution.abstainBelow != nil
    let schema = try Schema(own + (cautious?.fields ?? []) + (explain ? shares : []))
    let writer: any FrameWriter = jsonLines ? JSONLinesWriter(schema) : CSVWriter(schema)
    try write(writer.header())
    var count = 0
    while let batch = try reader.next(maximumRows: explain ? 512 : batchRowCount) {
      try context.checkCancellation()
      let predictions = try archive.score(batch, workers: context.workers)
      var rows = try PredictionRows.frame(predictions)
      if let cautious {
        rows = try cautious.adding(to: rows, batch, predictions, contract: archive.contract)
      }
      if let explainer { rows = try explainer.adding(to: rows, batch, predictions) }
      try write(writer.rows(rows))
      count += batch.rowCount
      context.observe(.progress(0, "\(count) rows"))
    }
    return Result(rowCount: count, report: reader.report)
  }
}
