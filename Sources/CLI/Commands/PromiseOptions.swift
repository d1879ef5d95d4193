import ArgumentParser
import Lifecycle

/// What a trained model must keep to besides its goal.
struct PromiseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Longest time for a single row, the median over rows, such as 50us; slower candidates cannot be chosen.",
      valueName: "time"))
  var maxLatency: String?
  @Option(
    help: ArgumentHelp("Largest archive, such as 5MB; larger candidates cannot be chosen.", valueName: "bytes"))
  var maxSize: String?
  @Option(
    help: ArgumentHelp(
      "Columns the prediction may only rise (+) or fall (-) with, such as income:+,age:-. May be repeated.",
      valueName: "column:sign"))
  var monotone: [String] = []
  @Option(
    help: ArgumentHelp(
      "Of candidates within one standard error of the best: accuracy (default), speed or size.", valueName: "what"))
  var prefer: String?
  @Option(
    help: ArgumentHelp(
      "Close gaps between groups of the protected columns: reweighing, thresholds, or thresholds=equal_opportunity.",
      valueName: "how"))
  var mitigate: String?

  func apply(to project: inout ProjectFile) throws {
    try project.promise(latency: maxLatency, size: maxSize, monotone: monotone, prefer: prefer, mitigate: mitigate)
  }
}
