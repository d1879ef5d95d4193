import Basics

/// A commented project file.
package enum ProjectTemplate {
  /// The text for `project`, whose table is `source`.
  package static func text(_ project: ProjectFile, reading: TargetReading, source: String) -> String {
    let isBinary = reading.classNames.count == 2
    let kind = source.lowercased().contains("jsonl") || source.lowercased().contains("ndjson") ? "jsonl" : "csv"
    let goal =
      project.objective.goal.map { "goal: \($0)" }
      ?? (reading.task == .regression ? "# goal: rmse <= 10" : "# goal: roc_auc >= 0.85")
    var lines = [
      "# What is wanted, from which data, and when it counts as reached. Every key is optional but the target.",
      "project: \(quoted(project.project))", "",
      "objective:", "  # why: what changes when this works", "  task: \(reading.task.rawValue)",
      "  target: \(quoted(reading.column))",
    ]
    if isBinary { lines.append("  positive: \(quoted(reading.classNames[1]))") }
    lines += [
      "  # Measured on rows that are sealed away from training; the worse end of the 95 % interval counts.",
      "  \(goal)",
    ]
    lines += [
      "  # Limits that the model keeps to, and what is wanted of candidates that are as good as one another.",
      "  # constraints: {latency: 200us, size: 5MB, monotone: {income: increasing}}", "  # prefer: accuracy",
    ]
    if isBinary {
      lines += [
        "  # What mistakes cost, in any one unit; sets the decision threshold.",
        "  # costs: {false_positive: 5, false_negative: 60}", "  # guardrails:", "  #   - recall >= 0.5",
        "  #   - fairness: {metric: equal_opportunity, by: gender, at_most: 0.1}",
      ]
    }
    lines += [
      "", "data:", "  sources:", "    - {\(kind): \(quoted(source))}",
      "  # Column kinds that were not recognised: number, integer, boolean, category, text, timestamp.",
      "  # contract: {zip: category}", "  # Left out of the model, its records and its reports.",
      "  # private: [name, email]", "  # How much each row counts.", "  # weights: row_weight", "",
      "# How rows are told apart is proposed from the data. Or: group: customer_id (no customer on both sides),",
      "# time: date with purge: 7d (the latest rows judge), by: random, by: stratified.", "split: {test: 0.2}", "",
      "# Also: budget: 60s, or trials: 40; class_weight: balanced; settings: {ridge: {penalty: 10}}",
      "train: {algorithms: auto, folds: 5}", "",
      "# Also: slices: auto, calibration: auto (or 0.05, or false), linter: true, latency: 5ms, size: 10MB; and",
      "# approvals: 2 where two persons must agree before a version answers.",
      "gate: {must_beat: champion}", "",
      "retrain: {data: all}", "",
    ]
    return lines.joined(separator: "\n")
  }

  /// A YAML scalar that reads back as the same text.
  static func quoted(_ text: String) -> String {
    let plain = text.allSatisfy { $0.isLetter || $0.isNumber || "_-./".contains($0) } && text.first?.isLetter == true
    let reserved = ["yes", "no", "true", "false", "null", "on", "off", "y", "n"].contains(text.lowercased())
    if plain, !reserved { return text }
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
