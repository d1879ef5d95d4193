package import Modeling
package import Storage

extension FindingDraft {
  /// A finding about a served version, ready to be kept.
  package init(_ finding: Finding, model version: ModelVersion) {
    self.init(
      model: version.model, version: version.version, kind: finding.kind,
      severity: FindingSeverity(rawValue: finding.severity.rawValue) ?? .info, subject: finding.subject ?? "",
      message: finding.message, evidence: finding.evidence, command: finding.command)
  }
}
