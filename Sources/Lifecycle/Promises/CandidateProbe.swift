import Basics
import Frames
import Modeling

/// What a fitted candidate costs to use: bytes to keep and time for a single row.
enum CandidateProbe {
  /// Rows timed at most, and at least.
  static let rowCount = 64
  static let minimumCount = 5
  /// Seconds spent on timing once `minimumCount` rows are done.
  static let patience = 0.02

  /// Bytes of a fitted candidate in an archive; the same for any number of threads.
  static func sizeBytes(_ pipeline: FittedPipeline) throws -> Int {
    var writer = ArchiveWriter()
    try pipeline.write(to: &writer)
    return writer.encoded().count
  }

  /// Median microseconds for a row that comes alone, as a request does; `nil` without rows. Noisy, as time is.
  static func rowMicroseconds(_ frame: Frame, score: (Frame) throws -> Predictions) rethrows -> Double? {
    let step = max(1, frame.rowCount / rowCount)
    let rows = stride(from: 0, to: frame.rowCount, by: step).prefix(rowCount).map { frame.gathered([$0]) }
    guard let first = rows.first else { return nil }
    for _ in 0..<3 { _ = try score(first) }
    let started = Machine.monotonicSeconds
    var seconds: [Double] = []
    for row in rows {
      let start = Machine.monotonicSeconds
      _ = try score(row)
      let end = Machine.monotonicSeconds
      seconds.append(end - start)
      if seconds.count >= minimumCount, end - started > patience { break }
    }
    seconds.sort()
    return seconds[seconds.count / 2] * 1e6
  }
}
