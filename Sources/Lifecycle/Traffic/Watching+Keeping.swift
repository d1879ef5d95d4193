package import Basics
import Modeling
import Monitoring
package import Storage

extension Watching {
  /// Keeps a report of served traffic as a judged window, and its warnings as findings.
  ///
  /// - Returns: findings that are new.
  @discardableResult
  package static func keep(
    _ report: WatchReport, of version: ModelVersion, from: Timestamp, to: Timestamp, in workspace: Workspace
  ) throws -> [FindingRecord] {
    try workspace.addWindow(
      WindowRecord(
        model: version.model, version: version.version, from: from, to: to, rowCount: report.drift.rowCount,
        profile: .null, drift: report.drift.json, performance: report.performance, verdict: report.drift.sentence))
    var fresh: [FindingRecord] = []
    for finding in report.findings where finding.severity != .info {
      let (record, isNew) = try workspace.addFinding(FindingDraft(finding, model: version))
      if isNew { fresh.append(record) }
    }
    return fresh
  }
}
