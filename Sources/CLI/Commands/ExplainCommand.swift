import ArgumentParser
import Basics
import Lifecycle
import Modeling

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
  @Option(
    help: ArgumentHelp(
      "Rows are images whose pixels are the columns: explain regions. Convolutional networks say so themselves.",
      valueName: "heightxwidth[xchannels]"))
  var image: String?
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
    options.image = try image.map(Self.size)
    let wanted = options
    let json = try await onThread {
      try Explaining.explain(loaded, path: data, options: wanted, context: context)
    }
    session.output.document(json)
    show(json, loaded.reference, session.output)
    return 0
  }

  private static func size(_ text: String) throws -> ImageSize {
    let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (2...3).contains(sides.count), sides.allSatisfy({ (1...4096).contains($0) }) else {
      throw MLError(
        .invalidParameter, "--image: must be height and width such as 28x28, or with channels 32x32x3; got '\(text)'.",
        field: "image")
    }
    return ImageSize(height: sides[0], width: sides[1], channels: sides.count > 2 ? sides[2] : 1)
  }

  private func show(_ json: JSONValue, _ reference: String, _ output: Output) {
    let count = Int(json["explained_rows"]?.integerValue ?? 0)
    output.line("What moves \(reference), mean over \(NumberFormat.count(count, "row"))")
    if let regions = json["regions"]?.arrayValue {
      show(regions: regions, isSigned: false, output)
    } else {
      show(columns: json, output)
    }
    for example in json["examples"]?.arrayValue ?? [] { show(example: example, output) }
  }

  /// Shares of regions where they lie in the image.
  private func show(regions: [JSONValue], isSigned: Bool, _ output: Output) {
    let place = { (region: JSONValue, side: String) in Int(region[side]?.integerValue ?? 0) }
    let lefts = regions.filter { place($0, "top") == 0 }
    let head = lefts.map { "\(place($0, "left") + 1)–\(place($0, "left") + place($0, "width"))" }
    var table = TextTable([.text("pixels")] + head.map { .number($0) })
    for start in stride(from: 0, to: regions.count, by: max(1, lefts.count)) {
      let row = regions[start..<min(start + lefts.count, regions.count)]
      guard let first = row.first else { continue }
      let name = "\(place(first, "top") + 1)–\(place(first, "top") + place(first, "height"))"
      table.append(
        [name]
          + row.map { region in
            let value = region["value"]?.doubleValue ?? 0
            return isSigned ? Self.signed(value) : NumberFormat.number(value)
          })
    }
    output.table(table)
  }

  private static func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + NumberFormat.number(value) }

  private func show(columns json: JSONValue, _ output: Output) {
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
  }

  private func show(example: JSONValue, _ output: Output) {
    let said = example["prediction"]?.stringValue ?? NumberFormat.number(example["prediction"]?.doubleValue)
    output.line("\nRow \(example["row"]?.integerValue ?? 0): \(said)")
    let outputs = example["outputs"]?.arrayValue ?? []
    // Of an image, all classes would fill pages: the decided one, unless one alone is explained.
    let isImage = example["image"] != nil && outputs.count > 1
    for shares in outputs where !isImage || shares["class"] == example["prediction"] {
      let name = shares["class"]?.stringValue.map { "probability of '\($0)'" } ?? "prediction"
      output.line("\(name): \(NumberFormat.number(shares["baseline"]?.doubleValue)) for an average row, then")
      if let regions = shares["regions"]?.arrayValue {
        show(regions: regions, isSigned: true, output)
        continue
      }
      var table = TextTable([.text("column"), .number("share")])
      for share in (shares["contributions"]?.arrayValue ?? []).prefix(8) {
        table.append([share["column"]?.stringValue ?? "", Self.signed(share["value"]?.doubleValue ?? 0)])
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
