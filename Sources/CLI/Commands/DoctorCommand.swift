import ArgumentParser
import Basics
import HTTP
import Lifecycle
import Storage

struct DoctorCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check machine, disk, ports and the workspace down to the last byte.",
    discussion: "Example:  apus doctor")

  @Flag(help: "Remove files left half-written by processes that are gone; asks first unless --yes.")
  var repair = false
  @Flag(help: "Do not ask.")
  var yes = false
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    if repair { try removeOrphans(session) }
    let context = session.context()
    let path = session.workspacePath
    let checks = try await onThread {
      try Checkup.run(path: path, context: context, portIsFree: { HTTPServer.isFree(port: $0) })
    }
    let passed = checks.allSatisfy(\.passed)
    session.output.document([
      "passed": .boolean(passed), "workspace": .string(path), "checks": .array(checks.map(\.json)),
    ])
    var table = TextTable([.text(""), .text("check"), .wrapping("found")])
    for check in checks {
      table.append([check.passed ? "✓" : "✗", check.name, check.message + (check.hint.map { " \($0)" } ?? "")])
    }
    session.output.table(table)
    return passed ? 0 : 1
  }

  private func removeOrphans(_ session: Session) throws {
    guard let workspace = try session.existingWorkspace() else { return }
    let orphans = try workspace.orphanedTemporaries()
    guard !orphans.isEmpty else { return session.output.note("There is nothing to remove.") }
    for path in orphans { session.output.note("would remove \(path)") }
    if !yes {
      guard session.output.messageTerminal.isInteractive else {
        throw MLError(
          .invalidParameter, "doctor: \(orphans.count) files would be removed.", hint: "Add --yes to remove them.")
      }
      session.output.note("Remove these \(orphans.count) files? [y/N]")
      guard readLine()?.lowercased() == "y" else { return }
    }
    session.output.note("\(try workspace.removeOrphans().count) files removed.")
  }
}
