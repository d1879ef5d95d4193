import Basics
import Storage
import Testing

@Suite struct WatchingTests {
  @Test func aWindowJudgedAgainIsReplaced() throws {
    let scratch = try Scratch()
    func window(_ hour: Int64, _ verdict: String) -> WindowRecord {
      WindowRecord(
        model: "churn", version: 1, from: Timestamp(microseconds: hour * 3_600_000_000),
        to: Timestamp(microseconds: (hour + 1) * 3_600_000_000), rowCount: 10, profile: ["n": 10],
        drift: ["columns": []],
        verdict: verdict)
    }
    try scratch.workspace.addWindow(window(1, "stable"))
    try scratch.workspace.addWindow(window(2, "stable"))
    try scratch.workspace.addWindow(window(1, "drift"))
    let windows = try scratch.reopened().windows(model: "churn")
    #expect(windows.map(\.verdict) == ["stable", "drift"])
    #expect(windows[0].evaluatedAt != nil && windows[0].profile == ["n": 10])
    #expect(try scratch.workspace.windows(model: "churn", version: 2).isEmpty)
  }

  @Test func aFindingSeenAgainIsTheSameUntilItIsClosed() throws {
    let scratch = try Scratch()
    let workspace = scratch.workspace
    var draft = FindingDraft(
      model: "churn", version: 1, kind: "data_drift", severity: .warning, subject: "hours", message: "has moved",
      evidence: ["distance": 0.2], command: "apus watch churn")
    let first = try workspace.addFinding(draft)
    draft.severity = .critical
    let second = try workspace.addFinding(draft)
    #expect(first.isNew && !second.isNew && second.finding.id == first.finding.id)
    #expect(second.finding.count == 2 && second.finding.finding.severity == .critical)
    #expect(second.finding.time < second.finding.lastSeen)
    try workspace.setFinding(first.finding.id, .acknowledged, actor: "ana")
    #expect(try !workspace.addFinding(draft).isNew)
    try workspace.setFinding(first.finding.id, .closed, actor: "ana")
    #expect(try workspace.addFinding(draft).isNew)
    expect(.conflict) { try workspace.setFinding(first.finding.id, .open, actor: "ana") }
    expect(.notFound) { try workspace.setFinding(99, .open, actor: "ana") }
    #expect(try workspace.findings(states: [.open]).count == 1 && workspace.findings(model: "other").isEmpty)
    #expect(try workspace.auditEntries(action: "finding.closed").count == 1)
  }
}
