import ArgumentParser
import Basics
import Lifecycle
import Storage

struct FeedbackCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "feedback", abstract: "File what really happened, by prediction id.",
    discussion:
      "Example:  apus feedback churn --data truth.csv\n\nThe file has the columns prediction_id and truth. Late, repeated and corrected truths are welcome."
  )

  @Argument(help: ArgumentHelp("The model that predicted (ids are unique, so it may be left out).", valueName: "model"))
  var model: String?
  @Option(help: ArgumentHelp("File with prediction_id and truth: .csv or .jsonl.", valueName: "file"))
  var data: String
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    guard FileSystem.exists(data) else { throw ProjectFiles.missing(data) }
    let workspace = try session.workspace(create: false)
    if let model { _ = try Models.version(ModelReference(model), in: workspace) }
    let context = session.context()
    let data = data
    let receipt = try await onThread { try FeedbackFiling.file(data, in: workspace, context: context) }
    session.output.document(receipt.json)
    session.output.line(
      "\(NumberFormat.count(receipt.accepted)) new, \(NumberFormat.count(receipt.repeated)) repeated, \(NumberFormat.count(receipt.corrected)) corrected"
    )
    if receipt.unmatched > 0 {
      session.output.warning(
        "\(NumberFormat.count(receipt.unmatched, "truth", "truths")) for ids that are not in the log: kept, and joined if the prediction appears. First: \(receipt.unmatchedIDs.prefix(3).joined(separator: ", "))"
      )
    }
    session.output.box(
      Box(
        "Kept",
        next: [
          Box.Step("apus watch", "see how the model really does"),
          Box.Step("apus retrain", "learn from it, through the same gate"),
        ]))
    return 0
  }
}
