import Basics
package import Frames

/// Scores a file or a stream, row by row in order, in constant memory.
package enum BatchPrediction {
  /// Rows scored at once.
  static let batchRowCount = 8192

  /// What was done.
  package struct Result: Sendable {
    /// Rows scored.
    package var rowCount: Int
    /// What reading noticed, and cells that were taken as missing.
    package var report: ReadReport
  }

  /// Scores the rows of `reader` and hands the bytes to `write`, header first.
  ///
  /// - Parameter jsonLines: JSON lines instead of CSV.
  package static func run(
    _ archive: ModelArchive, reader: inout any FrameReader, jsonLines: Bool, context: LifecycleContext,
    write: ([UInt8]) throws -> Void
  ) throws -> Result {
    let schema = try PredictionRows.schema(classes: archive.classes)
    let writer: any FrameWriter = jsonLines ? JSONLinesWriter(schema) : CSVWriter(schema)
    try write(writer.header())
    var count = 0
    while let batch = try reader.next(maximumRows: batchRowCount) {
      try context.checkCancellation()
      let predictions = try archive.score(batch)
      try write(writer.rows(PredictionRows.frame(predictions)))
      count += batch.rowCount
      context.observe(.progress(0, "\(count) rows"))
    }
    return Result(rowCount: count, report: reader.report)
  }
}
