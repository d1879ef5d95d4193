import ArgumentParser
import Basics
import Lifecycle
import Modeling

struct CheckCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check the project file, its sources and the data for traps, without training.",
    discussion: "Examples:  apus check\n           apus check data.csv --target y")

  @Argument(help: ArgumentHelp("Tables to check (default: those of apus.yaml).", valueName: "file"))
  var files: [String] = []
  @Option(help: ArgumentHelp("Column to predict.", valueName: "column"))
  var target: String?
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    var project: ProjectFile
    if files.isEmpty {
      guard FileSystem.exists("apus.yaml") else {
        throw MLError(
          .notFound, "check: no file is named and there is no apus.yaml here.",
          hint: "Write one with: apus new --data F --target C")
      }
      project = try ProjectFile(path: "apus.yaml")
    } else {
      project = ProjectFile(project: ProjectFiles.modelName(of: files[0]))
    }
    if let target { project.objective.target = target }
    let paths = try files.isEmpty ? ProjectFiles.paths(of: project) : files
    for path in paths where !FileSystem.exists(path) { throw ProjectFiles.missing(path) }
    let context = session.context()
    let (resolved, files) = (project, paths)
    let report = try await onThread { try DataCheck.run(files, project: resolved, context: context) }
    session.output.document(report.json)
    for note in report.notes { session.output.line("  \(note)") }
    var table = TextTable([.text(""), .text("finding"), .wrapping("what")])
    for finding in report.findings { table.append([finding.severity.rawValue, finding.kind, finding.message]) }
    if report.findings.isEmpty { session.output.line("Nothing found.") } else { session.output.table(table) }
    return report.passed ? 0 : 1
  }
}
