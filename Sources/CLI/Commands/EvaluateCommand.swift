import ArgumentParser
import Basics
import Lifecycle

struct EvaluateCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Judge a model on a file with truth: metrics with intervals, slices, fairness.",
    discussion: "Example:  apus evaluate churn --data labelled.csv --by gender")

  @Argument(help: ArgumentHelp("name, name@3, name@champion or a .apus file.", valueName: "model"))
  var model: String
  @Option(help: ArgumentHelp("File with the target column.", valueName: "file"))
  var data: String
  @Option(help: ArgumentHelp("Column whose groups are compared for fairness. May be repeated.", valueName: "column"))
  var by: [String] = []
  @Option(help: ArgumentHelp("Column that says how much each row counts.", valueName: "column"))
  var weights: String?
  @Option(
    help: ArgumentHelp(
      "Column whose equal values belong together (a patient, a household): intervals count those, not rows.",
      valueName: "column"))
  var group: String?
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    guard FileSystem.exists(data) else { throw ProjectFiles.missing(data) }
    let context = session.context()
    let loaded = try Models.load(model, workspace: session.existingWorkspace(), registry: context.registry)
    let (data, groups) = (data, by)
    let columns = Evaluating.RowColumns(weights: weights, group: group)
    let report = try await onThread {
      try Evaluating.evaluate(loaded.archive, path: data, groups: groups, columns: columns, context: context)
    }
    let output = session.output
    output.document(report.json)
    for note in report.notes { output.note(note) }
    output.line(
      "\(loaded.reference) on \(NumberFormat.count(report.rowCount, "row")) of \(FileSystem.name(data)), 95 % intervals"
    )
    output.table(TrainSummary.metrics(report.json["metrics"]))
    showClasses(report.json["by_class"], output)
    showSlices(report.json["slices"], output)
    showFairness(report.json["fairness"], output)
    return 0
  }

  /// Classes shown at most.
  private static let classCount = 20

  private func showClasses(_ json: JSONValue?, _ output: Output) {
    let classes = json?.objectValue ?? []
    guard !classes.isEmpty else { return }
    var table = TextTable([
      .wrapping("class"), .number("rows"), .number("precision"), .number("recall"), .number("f1"), .number("roc auc"),
    ])
    let cell = { (entry: JSONValue, key: String) in NumberFormat.number(entry[key]?["value"]?.doubleValue) }
    for (name, entry) in classes.prefix(Self.classCount) {
      table.append(
        [name, NumberFormat.number(entry["rows"]?.doubleValue)]
          + ["precision", "recall", "f1", "roc_auc"].map { cell(entry, $0) })
    }
    let rest = classes.count - Self.classCount
    output.line("\nEach class against the others\(rest > 0 ? " (\(rest) more in --json)" : ""); intervals in --json")
    output.table(table)
  }

  private func showSlices(_ json: JSONValue?, _ output: Output) {
    let worse = (json?.arrayValue ?? []).filter { $0["clearly_worse"]?.boolValue == true }
    guard !worse.isEmpty else { return }
    var table = TextTable([
      .text("column"), .wrapping("value"), .number("rows"), .number("metric"), .number("worse by"),
    ])
    for slice in worse.prefix(8) {
      table.append([
        slice["column"]?.stringValue ?? "", slice["value"]?.stringValue ?? "",
        NumberFormat.count(Int(slice["rows"]?.integerValue ?? 0)),
        NumberFormat.number(slice["metric"]?["value"]?.doubleValue),
        NumberFormat.number(slice["shortfall"]?.doubleValue),
      ])
    }
    output.line("\nClearly worse than the whole")
    output.table(table)
  }

  private func showFairness(_ json: JSONValue?, _ output: Output) {
    for (column, report) in json?.objectValue ?? [] {
      output.line("\nDifferences between groups of '\(column)'")
      var table = TextTable([.text("metric"), .number("gap"), .number("low"), .number("high")])
      for gap in report["gaps"]?.arrayValue ?? [] {
        let value = gap["value"]?["value"] == nil ? gap : gap["value"] ?? gap
        table.append([
          gap["metric"]?.stringValue ?? "", NumberFormat.number(value["value"]?.doubleValue),
          NumberFormat.number(value["low"]?.doubleValue), NumberFormat.number(value["high"]?.doubleValue),
        ])
      }
      output.table(table)
    }
  }
}
