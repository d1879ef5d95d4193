import ArgumentParser
import Basics
import Lifecycle
import Foundation

struct TrainCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Find, judge and register the best model for a table.",
    discussion:
      "Example:  apus train customers.csv --target churned --goal 'roc_auc>=0.85'\n\nWithout a file it reads apus.yaml in this folder."
  )

  @Argument(help: ArgumentHelp("Tables to learn from: .csv, .tsv, .jsonl, each also .gz.", valueName: "file"))
  var files: [String] = []
  @Option(help: ArgumentHelp("Column to predict: a name, #3 for the third, #-1 for the last.", valueName: "column"))
  var target: String?
  @Option(
    help: ArgumentHelp(
      "classification, regression, clustering, anomaly, recommendation or forecasting (default: from the target).",
      valueName: "task"))
  var task: String?
  @Option(help: ArgumentHelp("What the sealed test must show, such as 'roc_auc>=0.85'.", valueName: "goal"))
  var goal: String?
  @Option(help: ArgumentHelp("How long to search: 60s, 5m or '40 trials'.", valueName: "budget"))
  var budget: String?
  @Option(help: ArgumentHelp("Name of the model (default: the project's, else the file's).", valueName: "name"))
  var name: String?
  @Option(help: ArgumentHelp("Try only this algorithm; may be repeated.", valueName: "name"))
  var algorithm: [String] = []
  @Option(
    help: ArgumentHelp(
      "Setting that the algorithm keeps, such as leaf_count=31; with several algorithms, "
        + "ridge.penalty=10. May be repeated.", valueName: "name=value"))
  var set: [String] = []
  @Option(help: ArgumentHelp("A file that takes the place of the sealed test rows.", valueName: "file"))
  var test: String?
  @OptionGroup(title: "Rows") var rows: RowOptions
  @Option(help: ArgumentHelp("Class counted as positive.", valueName: "class"))
  var positive: String?
  @Option(
    help: ArgumentHelp("Leave this column out; it never leaves the workspace. May be repeated.", valueName: "column"))
  var `private`: [String] = []
  @Option(
    help: ArgumentHelp(
      "Keep this column out of the model but compare groups by it. May be repeated.", valueName: "column"))
  var protected: [String] = []
  @Option(help: ArgumentHelp("Kind of a column, such as zip=category. May be repeated.", valueName: "column=kind"))
  var kind: [String] = []
  @Option(
    help: ArgumentHelp(
      "Name of the run; repeating a finished run reports it instead of doing it twice.", valueName: "id"))
  var runId: String?
  @Option(help: ArgumentHelp("Write the whole report of the run: .html, .md or .json.", valueName: "file"))
  var report: String?
  @Flag(
    name: .long, help: "Write the best candidates so far to standard error while searching (a terminal shows them).")
  var progress = false
  @OptionGroup var promises: PromiseOptions
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    let (project, text) = try resolvedProject()
    let paths = try files.isEmpty ? ProjectFiles.paths(of: project) : files
    guard !paths.isEmpty else {
      throw MLError(.invalidParameter, "train: name a file.", hint: "Example: apus train data.csv --target y")
    }
    for path in paths where !FileSystem.exists(path) { throw ProjectFiles.missing(path) }
    var request = TrainRequest(project: project, model: name ?? project.project, data: .files(paths))
    request.testFile = test
    request.runID = runId
    request.projectText = text
    let workspace = try session.workspace(create: true)
    for setting in project.unsupported {
      session.output.warning("apus.yaml: '\(setting)' is read but not acted on by this version.")
    }
    let context = session.context(stageCount: 7, showsProgress: progress)
    let sent = request
    let found = try await onThread { try Trainer(workspace: workspace, context: context).run(sent) }
    session.output.document(found.json)
    TrainSummary.show(found, on: session.output)
    if let report, let run = found.json["run"]?.stringValue {
      try ReportFile.write(report, run: run, in: workspace)
      session.output.note("The report is in \(report).")
    }
    return found.passed ? 0 : 1
  }

  /// The project file with the options of the command line over it.
  private func resolvedProject() throws -> (ProjectFile, String) {
    var project: ProjectFile
    var text = ""
    if files.isEmpty {
      guard FileSystem.exists("apus.yaml") else {
        throw MLError(
          .notFound, "train: no file is named and there is no apus.yaml here.",
          hint: "Run: apus train data.csv --target COLUMN")
      }
      project = try ProjectFile(path: "apus.yaml")
      text = String(decoding: try FileSystem.read("apus.yaml"), as: UTF8.self)
    } else {
      project = ProjectFile(project: name ?? ProjectFiles.modelName(of: files[0]))
    }
    if let target { project.objective.target = target }
    if let positive { project.objective.positive = positive }
    if let goal { project.objective.goal = goal }
    if let task {
      guard let known = Basics.Task(rawValue: task) else {
        throw MLError.unknown(
          "task", task, among: Basics.Task.allCases.map(\.rawValue), in: "--task", code: .invalidParameter)
      }
      project.objective.task = known
    }
    if let budget { project.training.budget = try .init(parsing: budget) }
    if !algorithm.isEmpty { project.training.algorithms = algorithm }
    for entry in set { try ProjectFiles.add(setting: entry, to: &project) }
    try rows.apply(to: &project)
    project.privateColumns += `private`
    project.protectedColumns += protected
    try promises.apply(to: &project)
    for entry in kind { try ProjectFiles.add(kind: entry, to: &project) }
    let needsNone: Set<Basics.Task> = [.clustering, .anomaly, .recommendation]
    guard project.objective.target != nil || project.objective.task.map(needsNone.contains) ?? false else {
      throw MLError(
        .invalidParameter, "train: which column is to be predicted?", hint: "Add --target COLUMN (#-1 is the last).",
        field: "target")
    }
    return (project, text)
  }
}

/// Runs long work on a thread of its own, so that the cooperative pool stays free.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    let thread = Thread { continuation.resume(with: Result { try body() }) }
    thread.stackSize = 64 << 20
    thread.start()
  }
}
