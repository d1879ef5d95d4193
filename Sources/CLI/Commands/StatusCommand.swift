import ArgumentParser
import Basics
import Lifecycle
import Storage

struct StatusCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "The whole loop at a glance, and what needs you.",
    discussion: "Example:  apus status")
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    guard let workspace = try session.existingWorkspace() else {
      session.output.document(["models": [], "runs": [], "audit_intact": true])
      session.output.box(
        Box(
          "Nothing here yet",
          next: [
            Box.Step("apus demo", "watch a whole life in two minutes"),
            Box.Step("apus train data.csv --target COLUMN", "start with your own data"),
          ]))
      return 0
    }
    let overview = try Overview(workspace, now: SystemClock().now())
    let output = session.output
    output.document(overview.json)
    if overview.models.isEmpty {
      output.line("No model is registered in \(session.workspacePath) yet.")
      output.box(Box("Begin", next: [Box.Step("apus train data.csv --target COLUMN", "train and judge a first model")]))
      return overview.audit.isIntact ? 0 : 1
    }
    var table = TextTable([
      .text("model"), .text("champion"), .wrapping("test"), .number("24 h"), .number("labelled"),
      .wrapping("last window"),
    ])
    for entry in overview.models {
      let value = (entry.champion ?? entry.newest)?.metrics[entry.metric]
      let test = NumberFormat.interval(
        value?["value"]?.doubleValue, low: value?["low"]?.doubleValue, high: value?["high"]?.doubleValue)
      table.append([
        entry.model.name, entry.champion.map { "@\($0.version)" } ?? "none", "\(entry.metric) \(test)",
        NumberFormat.count(entry.traffic.count), NumberFormat.count(entry.labelledCount),
        entry.window?.verdict ?? "no traffic yet",
      ])
    }
    output.table(table)
    let needs = overview.models.flatMap(\.needs)
    output.line(needs.isEmpty ? "\nNothing needs you." : "\nNeeds you")
    for need in needs { output.line("  • \(need)") }
    if !overview.audit.isIntact {
      output.warning("the audit log was changed at entry \(overview.audit.firstBroken ?? 0): \(overview.audit.message)")
    }
    return overview.audit.isIntact ? 0 : 1
  }
}
