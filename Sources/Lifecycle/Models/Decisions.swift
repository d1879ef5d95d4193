package import Basics
package import Storage

extension GateOverrideRecord {
  /// Who, when and why, in a sentence.
  package var sentence: String { "Gate overridden by \(by) on \(time.description.prefix(10)): \(reason)" }
}

extension ModelVersion {
  /// What became of the gate, in a word or a few: `passed`, `passed, 1 to approve`, `refused`, `overridden by ana`,
  /// `none`.
  package var gateWord: String {
    guard let gate else { return "none" }
    let open = gate.approvalsNeeded - approvals.count
    let rest = open > 0 ? ", \(open) to approve" : ""
    if let override { return "overridden by \(override.by)\(rest)" }
    return gate.allPassed ? "passed\(rest)" : "refused"
  }

  /// What named persons decided over it, a sentence each: approvals, and every override there ever was.
  package var decisions: [String] {
    var out: [String] = []
    if let needed = gate?.approvalsNeeded, needed > 0 {
      let names = approvals.map { "\($0.by) (\($0.time.description.prefix(10)))" }
      let list = names.isEmpty ? "." : ": \(names.joined(separator: ", "))."
      out.append("Approved by \(approvals.count) of \(needed) \(needed == 1 ? "person" : "persons")\(list)")
    }
    return out + overrides.map(\.sentence)
  }
}

extension RunRecords {
  /// The report of a run as it was written, with what was decided over its version since: its gate gains `override`
  /// and `decisions`.
  package static func report(of run: Run, in workspace: Workspace) throws -> JSONValue {
    var report = run.report
    guard let reference = run.summary.modelVersion, var gate = report["gate"], gate.objectValue != nil,
      let version = try? Models.version(ModelReference(reference), in: workspace)
    else { return report }
    if let override = version.override { gate["override"] = override.json }
    if !version.decisions.isEmpty { gate["decisions"] = .array(version.decisions.map { .string($0) }) }
    report["gate"] = gate
    return report
  }
}
