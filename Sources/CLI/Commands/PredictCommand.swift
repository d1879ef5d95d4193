import ArgumentParser
import Basics
import Frames
import Lifecycle
import Modeling

struct PredictCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score the rows of a file or of standard input.",
    discussion:
      "Example:  apus predict churn --data new.csv --output scored.csv\n\nInput order is kept, one output row for each input row: prediction, then probability_<class> for every class."
  )

  @Argument(help: ArgumentHelp("name, name@3, name@champion or a .apus file.", valueName: "model"))
  var model: String
  @Option(help: ArgumentHelp("File to score; - reads standard input as CSV.", valueName: "file"))
  var data: String
  @Option(help: ArgumentHelp("File to write: .csv or .jsonl (default: CSV to standard output).", valueName: "file"))
  var output: String?
  @Option(help: ArgumentHelp("What to do with a cell that does not fit its column: fail or missing.", valueName: "how"))
  var invalid = "fail"
  @Flag(help: "Add a column contribution_<column> for every column: how much it moved the prediction.")
  var explain = false
  @Flag(help: "Read standard input as JSON lines.")
  var jsonLines = false
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    guard let invalidCells = SourceOptions.InvalidCells(rawValue: invalid) else {
      throw MLError.unknown(
        "choice", invalid, among: SourceOptions.InvalidCells.allCases.map(\.rawValue), in: "--invalid",
        code: .invalidParameter)
    }
    let toJSONLines = try outputIsJSONLines()
    if data != "-", !FileSystem.exists(data) { throw ProjectFiles.missing(data) }
    let context = session.context()
    let loaded = try Models.load(model, workspace: session.existingWorkspace(), registry: context.registry)
    let options = SourceOptions(contract: loaded.archive.contract, invalidCells: invalidCells, workers: context.workers)
    let (data, output, jsonLines, explain) = (data, output, jsonLines, explain)
    let terminal = session.output
    let result = try await onThread { () throws -> BatchPrediction.Result in
      let source: any Source = try data == "-" ? Self.standardInput(jsonLines) : FrameSources.source(for: data)
      var reader = try source.reader(for: data, options: options)
      let file = try FileSink(output ?? "-")
      let result = try BatchPrediction.run(
        loaded.archive, reader: &reader, jsonLines: toJSONLines, explain: explain, context: context
      ) { try file.write($0) }
      try file.finish()
      return result
    }
    report(result, loaded, terminal)
    return 0
  }

  private static func standardInput(_ jsonLines: Bool) -> any Source {
    if jsonLines { return JSONLinesSource() }
    return CSVSource()
  }

  private func outputIsJSONLines() throws -> Bool {
    guard let output else { return false }
    let name = output.lowercased()
    if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return true }
    if name.hasSuffix(".csv") { return false }
    throw MLError(
      .invalidParameter, "--output: must end in .csv or .jsonl; got '\(FileSystem.name(output))'.",
      hint: "Parquet cannot be written by this version.", field: "output")
  }

  private func report(_ result: BatchPrediction.Result, _ loaded: LoadedModel, _ terminal: Output) {
    for note in result.report.notes { terminal.note(note) }
    if !result.report.ignoredColumns.isEmpty {
      terminal.note(
        "Columns the model does not know were ignored: \(result.report.ignoredColumns.joined(separator: ", ")).")
    }
    for (name, count) in result.report.invalidCells.sorted(by: { $0.key < $1.key }) {
      terminal.warning("'\(name)': \(count) cells did not fit and were taken as missing.")
    }
    terminal.note(
      "\(NumberFormat.count(result.rowCount, "row")) scored by \(loaded.reference)\(output.map { ", written to \($0)" } ?? "")."
    )
  }
}
