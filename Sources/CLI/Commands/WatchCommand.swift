import ArgumentParser
import Basics
import Lifecycle
import Modeling
import Monitoring
import Storage

struct WatchCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Compare a file, or what was served, with what the model remembers of training.",
    discussion: "Examples:  apus watch churn --data new.csv --fail-on-drift\n           apus watch churn")

  @Argument(
    help: ArgumentHelp("name, name@3, name@champion or a .apus file (default: the only model).", valueName: "model"))
  var model: String?
  @Option(help: ArgumentHelp("File to watch instead of served traffic.", valueName: "file"))
  var data: String?
  @Option(
    help: ArgumentHelp(
      "How far back to look at traffic, such as 1h or 7d (default: all of the version's).", valueName: "time"))
  var last: String?
  @Flag(help: "Exit with 1 when something drifted.")
  var failOnDrift = false
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    if let data, !FileSystem.exists(data) { throw ProjectFiles.missing(data) }
    let context = session.context()
    let workspace = try session.existingWorkspace()
    let loaded = try Models.load(OnlyModel.name(model, in: workspace), workspace: workspace, registry: context.registry)
    let (data, from) = (data, try last.map { try ServeCommand.seconds($0) })
    let report = try await onThread { () throws -> WatchReport in
      if let data { return try Watching.file(data, with: loaded, context: context) }
      guard let workspace else {
        throw MLError(
          .notFound, "watch: there is no workspace here, so nothing was served.", hint: "Name a file with --data FILE.")
      }
      let start = from.map { Timestamp(microseconds: context.clock.now().microseconds - Int64($0) * 1_000_000) }
      return try Watching.traffic(of: loaded, in: workspace, from: start, context: context)
    }
    session.output.document(report.json)
    show(report, loaded, session.output)
    return failOnDrift && report.drift.drift ? 1 : 0
  }

  private func show(_ report: WatchReport, _ loaded: LoadedModel, _ output: Output) {
    output.line("\(report.subject) against the training profile of \(loaded.reference)")
    output.line("Verdict: \(report.drift.sentence).")
    var table = TextTable([
      .text(""), .wrapping("column"), .text("kind"), .number("distance"), .number("low"), .number("high"),
      .number("matters"), .number("impact"),
    ])
    for column in report.drift.columns {
      table.append([
        column.drifted ? "!" : "", column.name, column.kind, NumberFormat.number(column.value),
        NumberFormat.number(column.low),
        NumberFormat.number(column.high), NumberFormat.number(column.threshold),
        column.impact.map { NumberFormat.number($0) } ?? "",
      ])
    }
    output.table(table)
    if let sentence = report.performance["verdict"]?.stringValue { output.line("\n\(sentence)") }
    for finding in report.findings {
      output.line("• \(finding.message)\(finding.command.map { "\n    → \($0)" } ?? "")")
    }
  }
}

/// The model that is meant when none is named.
enum OnlyModel {
  static func name(_ given: String?, in workspace: Workspace?) throws -> String {
    if let given { return given }
    let names = try workspace?.models().map(\.name) ?? []
    guard names.count == 1 else {
      throw MLError(
        .invalidParameter,
        names.isEmpty
          ? "there is no model in this workspace yet."
          : "name one of the \(names.count) models: \(names.joined(separator: ", ")).",
        hint: names.isEmpty ? "Train one with: apus train data.csv --target COLUMN" : nil)
    }
    return names[0]
  }
}
