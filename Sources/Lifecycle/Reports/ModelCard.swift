package import Basics
import Evaluation
import Frames
import Modeling
package import Storage

/// A model card in Markdown: what the model is for, what it was learnt from, how good it is, for whom it is worse, what
/// decided over it. The front matter is that of the Hugging Face hub, so that it can be published as it is.
///
/// - Source: Mitchell et al., *Model cards for model reporting*, FAT* 2019; the hub's model card specification.
package struct ModelCard: Sendable {
  let archive: ModelArchive
  let version: ModelVersion
  let history: [ModelVersion]
  /// The run's analysis document; `null` where there is none.
  let analysis: JSONValue

  /// The card of a registered version.
  ///
  /// - Throws: `.corruptFile` when its archive is damaged.
  package init(_ version: ModelVersion, in workspace: Workspace) throws {
    self.version = version
    archive = try Models.archive(of: version, in: workspace, registry: .standard)
    history = try workspace.modelVersions(of: version.model)
    analysis = try RunRecords.analysis(of: version.run, in: workspace)
  }

  /// The document.
  package var markdown: String {
    let parts = [
      frontMatter, title, intendedUse, data, results, limits, promises, fairness, mitigation, gate, preparation, use,
      changes,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var settings: JSONValue { archive.provenance["settings"] ?? .object([]) }

  private var frontMatter: String {
    let kind = "tabular-\(archive.task == .classification ? "classification" : "regression")"
    let type = [.classification, .regression].contains(archive.task) ? kind : archive.task.rawValue
    var lines = [
      "---", "library_name: apus", "pipeline_tag: \(type)", "tags:", "- apus", "- tabular", "model-index:",
      "- name: \(Self.quoted(version.reference))", "  results:", "  - task:", "      type: \(type)", "    dataset:",
      "      name: \(Self.quoted(archive.provenance["dataset"]?.stringValue ?? "unknown"))", "      type: tabular",
      "      split: sealed test rows", "    metrics:",
    ]
    for entry in archive.metrics.entries {
      lines += [
        "    - type: \(entry.name)", "      value: \(Self.number(entry.value.value))",
        "      name: \(Self.quoted("\(entry.name), 95 % interval \(Self.number(entry.value.low)) to \(Self.number(entry.value.high))"))",
      ]
    }
    if archive.metrics.entries.isEmpty { lines[lines.count - 1] = "    metrics: []" }
    return (lines + ["---"]).joined(separator: "\n")
  }

  private var title: String {
    let what =
      archive.target.isEmpty ? archive.task.rawValue : "predicts `\(archive.target)` (\(archive.task.rawValue))"
    return "# \(version.reference)\n\n\(archive.pipeline.algorithm.prefix(1).uppercased())"
      + "\(archive.pipeline.algorithm.dropFirst()); \(what). Registered \(version.createdAt.description.prefix(10)), "
      + "stage \(version.stage.rawValue)."
  }

  private var intendedUse: String {
    let goal = settings["goal"]?.stringValue.map { "The goal it had to reach: `\($0)`." }
    let classes =
      archive.classes.isEmpty
      ? nil : "It answers with one of: \(archive.classes.prefix(20).map { "`\($0)`" }.joined(separator: ", "))."
    let threshold = archive.threshold.map {
      "It answers `\(archive.classes.last ?? "")` from a probability of \(Self.number($0.probability)) on."
    }
    let parts = [
      "For rows like those it was learnt from; `apus watch` says when they no longer are.", goal, classes, threshold,
    ]
    return "## Intended use\n\n" + parts.compactMap { $0 }.joined(separator: " ")
  }

  private var data: String {
    let test = archive.provenance["test"]
    let rows = test?["training_rows"]?.integerValue.map { "\($0) rows to learn from, " } ?? ""
    let sealed = test?["rows"]?.integerValue.map { "\($0) sealed rows to judge by. " } ?? ""
    let split = archive.provenance["split"]?["reason"]?.stringValue.map { "\($0) " } ?? ""
    let left = ["private", "protected"].compactMap { key -> String? in
      let names = settings[key]?.arrayValue?.compactMap(\.stringValue) ?? []
      return names.isEmpty ? nil : "\(key): \(names.map { "`\($0)`" }.joined(separator: ", "))"
    }
    let table = archive.contract.fields.map { field in
      "| `\(Self.cell(field.name))` | \(field.kind.rawValue) | \(field.mayBeMissing ? "yes" : "no") |"
    }
    return "## Data\n\n\(archive.provenance["dataset"]?.stringValue ?? ""): \(rows)\(sealed)\(split)"
      + (left.isEmpty ? "" : "Columns not learnt from, \(left.joined(separator: "; ")). ")
      + "\n\n| column | kind | may be missing |\n|---|---|---|\n" + table.joined(separator: "\n")
  }

  private var results: String {
    guard !archive.metrics.entries.isEmpty else {
      return "## Results\n\nWithout known answers there is nothing to measure by."
    }
    let rows = archive.metrics.entries.map {
      "| \($0.name) | \(Self.number($0.value.value)) | \(Self.number($0.value.low)) … \(Self.number($0.value.high)) |"
    }
    return "## Results\n\nOn the sealed test rows, opened \(version.sealedOpenings) times so far; 95 % intervals.\n\n"
      + "| metric | value | interval |\n|---|---:|---:|\n" + rows.joined(separator: "\n")
  }

  private var limits: String {
    var lines: [String] = []
    if let verdict = archive.provenance["verdict"]?["sentence"]?.stringValue { lines.append(verdict) }
    for slice in (analysis["slices"]?.arrayValue ?? []).prefix(5) {
      guard let conditions = slice["conditions"]?.arrayValue, let rows = slice["rows"]?.integerValue else { continue }
      let names = conditions.map { "\($0["column"]?.stringValue ?? "") = \($0["value"]?.stringValue ?? "")" }
      let value = slice["metric"]?["value"]?.doubleValue.map { "; \(archive.metric) \(Self.number($0))" } ?? ""
      lines.append("Worse than elsewhere where \(names.joined(separator: " and ")) (\(rows) test rows\(value)).")
    }
    return lines.isEmpty ? "" : "## Limits\n\n" + lines.map { "- \($0)" }.joined(separator: "\n")
  }

  private var fairness: String {
    let audits = analysis["fairness"]?["audits"]?.arrayValue ?? []
    guard !audits.isEmpty else { return "" }
    var rows: [String] = []
    for audit in audits {
      let names = (audit["attributes"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " × ")
      for gap in audit["disparities"]?.arrayValue ?? [] {
        let value = gap["difference"]
        rows.append(
          "| \(Self.cell(names)) | \(gap["measure"]?.stringValue ?? "") | \(Self.number(value?["value"]?.doubleValue)) | "
            + "\(Self.number(value?["low"]?.doubleValue)) … \(Self.number(value?["high"]?.doubleValue)) | "
            + "\(Self.cell(gap["lowest"]?.stringValue ?? "")) / \(Self.cell(gap["highest"]?.stringValue ?? "")) |")
      }
    }
    return
      "## Fairness\n\n| groups by | measure | difference | 95 % interval | lowest / highest |\n|---|---|---:|---:|---|\n"
      + rows.joined(separator: "\n")
  }

  private var gate: String {
    guard let gate = version.gate else { return "" }
    let rows = gate.checks.map { "- \($0.passed ? "passed" : "refused"): \($0.name). \($0.why)" }
    let decisions = version.decisions.map { "\n\n**\(Self.cell($0))**" }.joined()
    return "## Gate\n\n" + rows.joined(separator: "\n") + decisions
  }

  private var preparation: String {
    archive.plan.isEmpty ? "" : "## Preparation\n\n" + archive.plan.map { "- \($0)" }.joined(separator: "\n")
  }

  private var use: String {
    "## Use\n\n```\napus predict \(version.reference) --data rows.csv\n"
      + "apus explain \(version.reference) --data rows.csv\n```"
  }

  private var changes: String {
    let lines = history.map { entry in
      let metric = entry.summary["metric"]?.stringValue ?? ""
      let value = entry.metrics[metric]?["value"]?.doubleValue.map { "\(metric) \(Self.number($0))" } ?? "not measured"
      let name = entry.summary["algorithm"]?.stringValue ?? ""
      return "- \(entry.reference), \(entry.createdAt.description.prefix(10)): \(name), \(value), "
        + "gate \(Self.gateWord(entry))"
        + entry.overrides.map { "; overridden by \(Self.cell($0.by)): \(Self.cell($0.reason))" }.joined()
    }
    return "## Versions\n\n" + lines.joined(separator: "\n")
  }

  /// What the gate itself said; who overrode it is told with the reason.
  private static func gateWord(_ version: ModelVersion) -> String {
    version.gate.map { $0.allPassed ? "passed" : "refused" } ?? "not asked"
  }

  static func number(_ value: Double?) -> String {
    value.map { NumberText.shortest(($0 * 1e4).rounded() / 1e4) } ?? "–"
  }

  /// YAML in double quotes.
  private static func quoted(_ text: String) -> String { JSONValue.string(text).compact }

  /// Text that cannot break a table.
  static func cell(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("\n", with: " ").replacing("`", with: "'")
  }
}

/// Documents kept beside runs.
package enum RunRecords {
  /// The analysis of a run; `null` where there is none (it failed, or an older release made it).
  ///
  /// - Throws: `.corruptFile` when its file is damaged or gone.
  package static func analysis(of run: String, in workspace: Workspace) throws -> JSONValue {
    guard let hex = try workspace.run(run).report["analysis"]?.stringValue else { return .null }
    return try JSONValue(parsing: workspace.objects.get(Digest(hex: hex)))
  }
}
