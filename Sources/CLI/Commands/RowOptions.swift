import ArgumentParser
import Basics
import Lifecycle
import Modeling

/// Options of `apus train` that say how rows are told apart and how much they count.
struct RowOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How rows are told apart, for the sealed test and for folds: auto, random, stratified, group:COLUMN or "
        + "time:COLUMN.", valueName: "split"))
  var split: String?
  @Option(
    help: ArgumentHelp(
      "With time:COLUMN, rows left out before what is judged: '50 rows', 12h or 7d.", valueName: "distance"))
  var purge: String?
  @Option(help: ArgumentHelp("With time:COLUMN, further distance kept free.", valueName: "distance"))
  var embargo: String?
  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp("Estimate by folds within folds as well (default: below 500 training rows)."))
  var nested: Bool?
  @Option(
    help: ArgumentHelp("Column of row weights, for fitting and metrics; it is no feature.", valueName: "column"))
  var weights: String?
  @Option(help: ArgumentHelp("none or balanced: whether classes count alike in fitting.", valueName: "weight"))
  var classWeight: String?

  /// Lays what was given over the project.
  func apply(to project: inout ProjectFile) throws {
    if let split {
      let nested = project.split.nested
      project.split = try SplitPlan(parsing: split, field: "--split")
      project.split.nested = nested
    }
    if let purge { project.split.purge = try SplitGap(parsing: purge, field: "--purge") }
    if let embargo { project.split.embargo = try SplitGap(parsing: embargo, field: "--embargo") }
    if purge != nil || embargo != nil { try project.split.check("--split") }
    if let nested { project.split.nested = nested }
    if let weights { project.weightsColumn = weights }
    guard let classWeight else { return }
    guard let known = ClassWeight(rawValue: classWeight) else {
      throw MLError.unknown(
        "class weight", classWeight, among: ClassWeight.allCases.map(\.rawValue), in: "--class-weight",
        code: .invalidParameter)
    }
    project.training.classWeight = known
  }
}
