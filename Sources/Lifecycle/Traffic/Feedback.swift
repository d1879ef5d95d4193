import Basics
import Frames
package import Storage

/// Files truths for predictions.
package enum FeedbackFiling {
  /// Columns a feedback file must have.
  package static let identifier = "prediction_id"
  /// The truth.
  package static let truth = "truth"

  /// Reads `prediction_id` and `truth` from a file and keeps them: late, repeated, corrected or for unknown ids.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column, `.invalidData` for a row without id or truth; nothing is
  ///    kept then.
  package static func file(_ path: String, in workspace: Workspace, context: LifecycleContext) throws -> FeedbackReceipt
  {
    let place = FileSystem.name(path)
    let contract = try Schema([Field(identifier, .text), Field(truth, .text)])
    let (frame, _) = try FrameSources.read(path, options: SourceOptions(contract: contract, workers: context.workers))
    let identifiers = try frame.column(identifier)
    let truths = try frame.column(truth)
    var entries: [FeedbackEntry] = []
    entries.reserveCapacity(frame.rowCount)
    for row in 0..<frame.rowCount {
      guard let id = identifiers.text(at: row) else {
        throw MLError(
          .invalidData, "\(place): '\(identifier)' must not be empty (row \(row + 1)).",
          hint: "Use the ids that predict replies carry.", field: identifier)
      }
      guard let text = truths.text(at: row) else {
        throw MLError(
          .invalidData, "\(place): '\(truth)' must not be empty (row \(row + 1)).",
          hint: "Leave out rows whose truth is not known yet.", field: truth)
      }
      entries.append(FeedbackEntry(predictionID: id, truth: .text(text)))
    }
    guard !entries.isEmpty else { throw MLError(.invalidData, "\(place): must have rows; got none.") }
    return try workspace.addFeedback(entries)
  }
}
