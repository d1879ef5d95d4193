import ArgumentParser
import Basics
import Frames
import Lifecycle
import Modeling

struct NewCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Write a commented apus.yaml.",
    discussion:
      "Example:  apus new churn --data customers.csv --target churned --goal 'roc_auc>=0.85'\n\nOn a terminal it asks for what is not given."
  )

  @Argument(help: ArgumentHelp("Folder of the project (default: this one).", valueName: "dir"))
  var folder = "."
  @Option(help: ArgumentHelp("Table to learn from.", valueName: "file"))
  var data: String?
  @Option(help: ArgumentHelp("Column to predict.", valueName: "column"))
  var target: String?
  @Option(help: ArgumentHelp("What the sealed test must show.", valueName: "goal"))
  var goal: String?
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    let path = folder == "." ? "apus.yaml" : "\(folder)/apus.yaml"
    guard !FileSystem.exists(path) else {
      throw MLError(.conflict, "\(path): is already there.", hint: "Edit it, or choose another folder.")
    }
    guard let file = try data ?? ask("Table to learn from (.csv or .jsonl): ", session) else {
      throw MLError(
        .invalidParameter, "new: name the table with --data.",
        hint: "Example: apus new --data customers.csv --target churned")
    }
    guard FileSystem.exists(file) else { throw ProjectFiles.missing(file) }
    let (frame, report) = try FrameSources.read(
      file, options: SourceOptions(workers: Workers(count: common.threads ?? Machine.coreCount)))
    for note in report.notes { session.output.note(note) }
    if target == nil, session.output.messageTerminal.isInteractive {
      session.output.note("Columns: \(frame.schema.names.joined(separator: ", "))")
    }
    guard let wanted = try target ?? ask("Column to predict: ", session) else {
      throw MLError(
        .invalidParameter, "new: name the column to predict with --target.",
        hint: "Columns: \(frame.schema.names.prefix(12).joined(separator: ", ")).")
    }
    let column = frame.schema.fields[try frame.schema.resolve(wanted, in: FileSystem.name(file))].name
    let reading = try TargetReading(frame, column: column, task: nil, positive: nil)
    let goal = try goal ?? ask("Goal, such as roc_auc>=0.85 (empty for none): ", session)
    var project = ProjectFile(project: folder == "." ? ProjectFiles.modelName(of: file) : FileSystem.name(folder))
    project.objective.target = column
    project.objective.goal = goal.flatMap { $0.isEmpty ? nil : $0 }
    _ = try Trainer.gate(project)
    if folder != "." { try FileSystem.createDirectory(folder) }
    let source = folder == "." || file.hasPrefix("/") ? file : FileSystem.absolute(file)
    let text = ProjectTemplate.text(project, reading: reading, source: source)
    try FileSystem.write(Array(text.utf8), to: path)
    session.output.document([
      "file": .string(path), "project": .string(project.project), "task": .string(reading.task.rawValue),
      "target": .string(column),
    ])
    for sentence in reading.sentences { session.output.note(sentence) }
    session.output.box(
      Box(
        "\(path) is written",
        next: [
          Box.Step("apus check", "look for traps before training"), Box.Step("apus train", "train what it describes"),
        ]))
    return 0
  }

  private func ask(_ question: String, _ session: Session) throws -> String? {
    guard session.output.messageTerminal.isInteractive, !common.json, !common.quiet else { return nil }
    StandardStream.errors.write(question)
    return readLine()
  }
}
