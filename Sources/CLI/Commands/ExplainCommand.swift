import ArgumentParser
import Basics
import Lifecycle

struct ExplainCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say which columns matter and why each row is scored as it is.",
    discussion: "Example:  apus explain churn --data new.csv --row 3\n\nBaseline and shares sum to the prediction.")

  @Argument(help: ArgumentHelp("name, name@3, name@champion or a .apus file.", valueName: "model"))
  var model: String
  @Option(help: ArgumentHelp("Rows to explain; with the target column also what the metric loses.", valueName: "file"))
  var data: String?
  @Option(
    help: ArgumentHelp(
      "Of a recommender: the best items for each user of --data, and which of the user's items drove them.",
      valueName: "count"))
  var top: Int?
  @Option(help: ArgumentHelp("Of a forecaster: what the next moments are the sum of.", valueName: "count"))
  var steps: Int?
  @Option(help: ArgumentHelp("Explain this row, counted from 1. May be repeated.", valueName: "row"))
  var row: [Int] = []
  @Option(help: ArgumentHelp("Rows explained where none are named.", valueName: "count"))
  var rows = 3
  @Flag(help: "Also the smallest change that would flip the decision (two classes).")
  var counterfactual = false
  @Option(help: ArgumentHelp("Column that such a change leaves alone. May be repeated.", valueName: "column"))
  var keep: [String] = []
  @OptionGroup var common: CommonOptions

  func perform(_ session: Session) async throws -> Int32 {
    if top != nil || steps != nil { return try await explainTask(session) }
    guard let data else {
      throw MLError(
        .invalidParameter, "explain: which rows?", hint: "Add --data FILE; of forecasters --steps 12.", field: "data")
    }
    guard FileSystem.exists(data) else { throw ProjectFiles.missing(data) }
    guard rows >= 1 else {
      throw MLError(.invalidParameter, "--rows: must be at least 1; got \(rows).", field: "rows")
    }
    let context = session.context()
    let loaded = try Models.load(model, workspace: session.existingWorkspace(), registry: context.registry)
    var options = Explaining.Options()
    options.rows = row
    options.rowLimit = rows
    options.counterfactuals = counterfactual
    options.immutable = keep
    let wanted = options
    let json = try await onThread {
      try Explaining.explain(loaded, path: data, options: wanted, context: context)
    }
    session.output.document(json)
    show(json, loaded.reference, session.output)
    return 0
  }

  private func show(_ json: JSONValue, _ reference: String, _ output: Output) {
    let count = Int(json["explained_rows"]?.integerValue ?? 0)
    output.line("What moves \(reference), mean over \(NumberFormat.count(count, "row"))")
    let columns = json["columns"]?.arrayValue ?? []
    let hasLoss = columns.contains { $0["permutation_loss"]?["value"] != nil }
    var table = TextTable([.text("column"), .number("mean share")] + (hasLoss ? [.number("metric lost without")] : []))
    for column in columns.prefix(12) {
      let cells = [
        column["column"]?.stringValue ?? "", NumberFormat.number(column["mean_absolute_share"]?.doubleValue),
      ]
      table.append(cells + (hasLoss ? [NumberFormat.number(column["permutation_loss"]?["value"]?.doubleValue)] : []))
    }
    output.table(table)
    for example in json["examples"]?.arrayValue ?? [] { show(example: example, output) }
  }

  private func show(example: JSONValue, _ output: Output) {
    let said = example["prediction"]?.stringValue ?? NumberFormat.number(example["prediction"]?.doubleValue)
    output.line("\nRow \(example["row"]?.integerValue ?? 0): \(said)")
    for shares in example["outputs"]?.arrayValue ?? [] {
      let name = shares["class"]?.stringValue.map { "probability of '\($0)'" } ?? "prediction"
      output.line("\(name): \(NumberFormat.number(shares["baseline"]?.doubleValue)) for an average row, then")
      var table = TextTable([.text("column"), .number("share")])
      for share in (shares["contributions"]?.arrayValue ?? []).prefix(8) {
        let value = share["value"]?.doubleValue ?? 0
        table.append([share["column"]?.stringValue ?? "", (value > 0 ? "+" : "") + NumberFormat.number(value)])
      }
      output.table(table)
    }
    let words = (example["elements"]?.arrayValue ?? []).compactMap { $0["element"]?.stringValue }
    if !words.isEmpty { output.line("most telling: \(words.joined(separator: ", "))") }
    show(counterfactual: example["counterfactual"], output)
  }

  private func show(counterfactual json: JSONValue?, _ output: Output) {
    guard let json else { return }
    guard let changes = json["changes"]?.arrayValue else {
      output.line("no small change flips it")
      return
    }
    let texts = changes.map { change in
      let (from, to) = (change["from"]?.stringValue ?? "missing", change["to"]?.stringValue ?? "missing")
      return "\(change["column"]?.stringValue ?? ""): \(from) → \(to)"
    }
    output.line("would flip with \(texts.joined(separator: "; "))")
  }
}
