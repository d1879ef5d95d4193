import ArgumentParser
import Basics
import Lifecycle
import Storage

struct RetrainCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "retrain", abstract: "Learn from labelled traffic, through the same gate; promote or keep.",
    discussion: "Example:  apus retrain --reason drift")

  @Argument(help: ArgumentHelp("The model (default: the project's, or the only one).", valueName: "model"))
  var model: String?
  @Option(help: ArgumentHelp("Why, for the story.", valueName: "text"))
  var reason: String?
  @Option(help: ArgumentHelp("How long to search: 60s, 5m or '40 trials'.", valueName: "budget"))
  var budget: String?
  @Option(
    help: ArgumentHelp(
      "Name of the run; repeating a finished run reports it instead of doing it twice.", valueName: "id"))
  var runId: String?
  @Flag(
    name: .long, help: "Write the best candidates so far to standard error while searching (a terminal shows them).")
  var progress = false
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    let workspace = try session.workspace(create: false)
    var project = FileSystem.exists("apus.yaml") ? try ProjectFile(path: "apus.yaml") : nil
    let names = try workspace.models().map(\.name)
    let name =
      try model ?? project.map(\.project).flatMap { names.contains($0) ? $0 : nil }
      ?? OnlyModel.name(nil, in: workspace)
    if let known = project, known.project != name { project = nil }
    if let budget {
      guard let champion = try workspace.modelVersions(of: name).first else {
        throw MLError.unknown("model", name, among: names, in: "retrain")
      }
      let archive = try Models.archive(of: champion, in: workspace, registry: .standard)
      project = project ?? Retraining.project(of: archive)
      project?.training.budget = try .init(parsing: budget)
    }
    let context = session.context(stageCount: 7, showsProgress: progress)
    let (resolved, reason, runId) = (project, reason, runId)
    let report = try await onThread {
      try Retraining(workspace: workspace, context: context).run(
        model: name, project: resolved, reason: reason, runID: runId)
    }
    session.output.document(report.json)
    TrainSummary.show(report, on: session.output)
    return report.passed ? 0 : 1
  }
}
