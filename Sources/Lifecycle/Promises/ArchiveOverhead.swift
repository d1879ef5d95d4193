import Basics
import Frames
import Monitoring

/// What an archive holds besides its fitted candidates, before there is one.
enum ArchiveOverhead {
  /// Room for metrics, gate, settings and the plan, which are not known yet.
  static let spare = 24_000

  /// Bytes of the training profile and the golden rows, and some to spare.
  static func bytes(_ table: TrainingTable, context: LifecycleContext) throws -> Int {
    let features = table.training.features
    let profile = try FrameProfile.reference(of: features, workers: context.workers)
    let rows = RowJSON.objects(features, rows: Array(0..<min(GoldenRows.count, features.rowCount)))
    return try Configuration.encode(profile).compact.utf8.count + JSONValue.array(rows).compact.utf8.count + spare
  }
}
