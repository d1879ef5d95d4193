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
  var data: String?
  @Option(help: ArgumentHelp("File to write: .csv or .jsonl (default: CSV to standard output).", valueName: "file"))
  var output: String?
  @Option(help: ArgumentHelp("What to do with a cell that does not fit its column: fail or missing.", valueName: "how"))
  var invalid = "fail"
  @Option(help: ArgumentHelp("Recommendation: the best items for every user of the file.", valueName: "count"))
  var top: Int?
  @Flag(help: "Recommendation: also items the user already had.")
  var includeSeen = false
  @Option(help: ArgumentHelp("Forecasting: the next values of every series; needs no file.", valueName: "count"))
  var steps: Int?
  @Option(
    help: ArgumentHelp(
      "Add an interval (low, high) or a set of classes that holds so large a share of truths. Forecasts: 0.9 unless said.",
      valueName: "share"))
  var coverage: Double?
  @Option(
    help: ArgumentHelp(
      "Classes: leave the prediction empty where its probability is lower. The report shows what each limit costs.",
      valueName: "probability"))
  var abstainBelow: Double?
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
    if abstainBelow != nil || coverage != nil && steps == nil, steps != nil || top != nil {
      throw MLError(
        .invalidParameter, "predict: lists and forecasts leave no decision open.",
        hint: "Leave --abstain-below out, and --coverage unless it is with --steps.", field: "abstain_below")
    }
    if let steps { return try await forecast(steps, toJSONLines, session) }
    guard let data else {
      throw MLError(
        .invalidParameter, "predict: which rows are to be scored?", hint: "Add --data FILE (or --steps N to forecast).",
        field: "data")
    }
    if data != "-", !FileSystem.exists(data) { throw ProjectFiles.missing(data) }
    let context = session.context()
    let loaded = try Models.load(model, workspace: session.existingWorkspace(), registry: context.registry)
    if let top { return try await recommend(top, loaded, data, toJSONLines, session) }
    let options = SourceOptions(contract: loaded.archive.contract, invalidCells: invalidCells, workers: context.workers)
    let (output, jsonLines, explain) = (output, jsonLines, explain)
    let caution = Caution(coverage: coverage, abstainBelow: abstainBelow)
    let terminal = session.output
    let result = try await onThread { () throws -> BatchPrediction.Result in
      let source: any Source = try data == "-" ? Self.standardInput(jsonLines) : FrameSources.source(for: data)
      var reader = try source.reader(for: data, options: options)
      let file = try FileSink(output ?? "-")
      let result = try BatchPrediction.run(
        loaded.archive, reader: &reader, jsonLines: toJSONLines, explain: explain, caution: caution, context: context
      ) { try file.write($0) }
      try file.finish()
      return result
    }
    report(result, loaded, terminal)
    return 0
  }

  private func forecast(_ steps: Int, _ toJSONLines: Bool, _ session: Session) async throws -> Int32 {
    let loaded = try Models.load(model, workspace: session.existingWorkspace(), registry: .standard)
    let (output, coverage) = (output, coverage ?? 0.9)
    let rows = try await onThread { () throws -> Frame in
      let frame = try TaskAnswers.forecast(loaded.archive, steps: steps, coverage: coverage)
      let file = try FileSink(output ?? "-")
      try file.write(TaskAnswers.bytes(frame, jsonLines: toJSONLines))
      try file.finish()
      return frame
    }
    session.output.note("\(NumberFormat.count(rows.rowCount, "value")) forecast by \(loaded.reference).")
    return 0
  }

  private func recommend(
    _ count: Int, _ loaded: LoadedModel, _ data: String, _ toJSONLines: Bool, _ session: Session
  ) async throws -> Int32 {
    guard count >= 1 else {
      throw MLError(.invalidParameter, "--top: must be at least 1; got \(count).", field: "top")
    }
    let (output, includeSeen) = (output, includeSeen)
    let workers = session.context().workers
    let rows = try await onThread { () throws -> Frame in
      let (frame, _) = try FrameSources.read(data, options: SourceOptions(workers: workers))
      let found = try TaskAnswers.recommendations(
        loaded.archive, for: frame, count: count, includesSeen: includeSeen)
      let file = try FileSink(output ?? "-")
      try file.write(TaskAnswers.bytes(found, jsonLines: toJSONLines))
      try file.finish()
      return found
    }
    session.output.note("\(NumberFormat.count(rows.rowCount, "recommendation")) by \(loaded.reference).")
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
