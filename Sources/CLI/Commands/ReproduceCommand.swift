import ArgumentParser
import Basics
import Lifecycle

struct ReproduceCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "reproduce", abstract: "Train again what a run trained and compare the bytes.",
    discussion: "Example:  apus reproduce RUN\n\nExit 1 when another archive comes out. Nothing is registered.")

  @Argument(help: ArgumentHelp("Name of the run.", valueName: "run"))
  var run: String
  @Option(
    help: ArgumentHelp("The file that took the place of the sealed test rows, where there was one.", valueName: "file"))
  var test: String?
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    let workspace = try session.workspace(create: false)
    let context = session.context(stageCount: 6)
    let (id, test) = (run, test)
    let json = try await onThread { try Reproducing.run(id, testFile: test, workspace: workspace, context: context) }
    session.output.document(json)
    let same = json["reproduced"]?.boolValue ?? false
    let (found, expected) = (json["archive"]?.stringValue ?? "", json["expected"]?.stringValue ?? "")
    session.output.line(
      same
        ? "Yes. \(json["model"]?.stringValue ?? "") comes out byte for byte: \(found.prefix(16))…"
        : "No. Archive \(found.prefix(16))… came out; \(expected.prefix(16))… was expected.")
    return same ? 0 : 1
  }
}
