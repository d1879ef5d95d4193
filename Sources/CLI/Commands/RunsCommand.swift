import ArgumentParser
import Basics
import Dashboard
import Lifecycle
import Storage

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List runs, or show one whole.", subcommands: [List.self, Show.self],
    defaultSubcommand: List.self)

  struct List: Verb {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Runs, newest first.", discussion: "Example:  apus runs list")
    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 20
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let runs = try session.workspace(create: false).runs(matching: RunQuery(limit: limit))
      session.output.document(["runs": .array(runs.map(\.json))])
      var table = TextTable([.text("run"), .text("kind"), .text("state"), .text("model"), .wrapping("result")])
      for run in runs {
        let test = run.metrics.first { $0.split == "validation" }.flatMap { chosen in
          run.metrics.first { $0.split == "test" && $0.name == chosen.name }
        }
        let result =
          run.error ?? test.map { "\($0.name) \(NumberFormat.interval($0.value, low: $0.low, high: $0.high))" } ?? ""
        table.append([run.id, run.kind, run.state.rawValue, run.modelVersion ?? "", result])
      }
      session.output.table(table)
      return 0
    }
  }

  struct Show: Verb {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "One run whole: candidates, metrics, gate, story.",
      discussion: "Example:  apus runs show RUN")
    @Argument(help: ArgumentHelp("Name of the run.", valueName: "run"))
    var run: String
    @Option(
      help: ArgumentHelp("Write the whole report: .html opens without a network, .md or .json also.", valueName: "file")
    )
    var report: String?
    @OptionGroup var common: CommonOptions

    func perform(_ session: Session) async throws -> Int32 {
      let workspace = try session.workspace(create: false)
      let found = try workspace.run(run)
      if let report {
        try ReportFile.write(report, run: run, in: workspace)
        session.output.note("The report of \(run) is in \(report).")
      }
      let output = session.output
      output.document(found.json)
      let report = found.report
      output.line("\(found.id)  \(found.summary.kind)  \(found.state.rawValue)  \(found.summary.createdAt.description)")
      if let error = found.summary.error { output.line("Failed: \(error)") }
      if report["candidates"] != nil {
        output.line("\nCandidates")
        output.table(TrainSummary.leaderboard(report))
        output.line("\nTest metrics, 95 % intervals")
        output.table(TrainSummary.metrics(report["test"]))
        output.line("\nGate")
        output.table(TrainSummary.gate(report["gate"]))
      }
      output.line("\nStory")
      for event in found.events { output.line("  \(event.time.description.prefix(19))  \(event.message)") }
      return 0
    }
  }
}

/// Writes the report of a run.
enum ReportFile {
  /// - Throws: `.invalidParameter` for an ending other than `.html`, `.md`, `.json`; `.notFound` for a run without one.
  static func write(_ path: String, run: String, in workspace: Workspace) throws {
    let report = try RunRecords.report(of: workspace.run(run), in: workspace)
    guard report["candidates"] != nil else {
      throw MLError(.notFound, "runs: run '\(run)' has no report; it did not train to the end.")
    }
    let analysis = try RunRecords.analysis(of: run, in: workspace)
    let text: String
    if path.hasSuffix(".html") {
      text = RunReport.html(report: report, analysis: analysis)
    } else if path.hasSuffix(".md") {
      text = RunReport.markdown(report: report, analysis: analysis)
    } else if path.hasSuffix(".json") {
      var document = report
      document["analysis"] = analysis
      text = document.compact
    } else {
      throw MLError(
        .invalidParameter, "--report: must end in .html, .md or .json; got '\(FileSystem.name(path))'.", field: "report"
      )
    }
    try FileSystem.write(Array(text.utf8), to: path)
  }
}
