import ArgumentParser
import Basics
import Lifecycle

struct CompareCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare two versions on the same rows, paired.",
    discussion: "Example:  apus compare churn@1 churn@2 --data labelled.csv")

  @Argument(help: ArgumentHelp("The first model.", valueName: "a"))
  var first: String
  @Argument(help: ArgumentHelp("The second model.", valueName: "b"))
  var second: String
  @Option(help: ArgumentHelp("File with the target column.", valueName: "file"))
  var data: String
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
    let workspace = try session.existingWorkspace()
    let a = try Models.load(first, workspace: workspace, registry: context.registry)
    let b = try Models.load(second, workspace: workspace, registry: context.registry)
    let data = data
    let columns = Evaluating.RowColumns(weights: weights, group: group)
    let json = try await onThread { try Evaluating.compare(a, b, path: data, columns: columns, context: context) }
    session.output.document(json)
    var table = TextTable([
      .text("metric"), .number("a"), .number("b"), .number("a − b"), .number("low"), .number("high"),
      .wrapping("verdict"),
    ])
    for entry in json["metrics"]?.arrayValue ?? [] {
      table.append([
        entry["metric"]?.stringValue ?? "", NumberFormat.number(entry["a"]?.doubleValue),
        NumberFormat.number(entry["b"]?.doubleValue), NumberFormat.number(entry["difference"]?.doubleValue),
        NumberFormat.number(entry["low"]?.doubleValue), NumberFormat.number(entry["high"]?.doubleValue),
        entry["verdict"]?.stringValue ?? "",
      ])
    }
    session.output.line(
      "a = \(a.reference), b = \(b.reference), \(json["rows"]?.integerValue ?? 0) rows, paired 95 % intervals")
    session.output.table(table)
    return 0
  }
}
