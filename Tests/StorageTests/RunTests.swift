import Basics
import Storage
import Testing

@Suite struct RunTests {
  private func begin(_ scratch: Scratch, _ id: String, kind: String = "train") throws -> RunBeginning {
    try scratch.workspace.beginRun(
      RunDraft(
        id: id, project: "churn", kind: kind, seed: .max, parameters: ["trials": 40], projectFile: "project: churn"))
  }

  @Test func aRunKeepsItsWholeStory() throws {
    let scratch = try Scratch()
    _ = try begin(scratch, "r1")
    try scratch.workspace.record("stage", "reading", details: ["rows": 7], in: "r1")
    try scratch.workspace.record("stage", "fitting", in: "r1")
    try scratch.workspace.setTags([("b", "2"), ("a", "1")], of: "r1")
    try scratch.workspace.setParameters([("depth", 3)], of: "r1")
    try scratch.workspace.setDatasets([Digest(of: "d")], of: "r1")
    let metrics = [RunMetric("roc_auc", 0.9, low: 0.88, high: 0.92), RunMetric("roc_auc", 0.95, split: "train")]
    try scratch.workspace.finishRun(
      "r1", RunOutcome(state: .finished, metrics: metrics, gate: ["passed": true], modelVersion: "churn@1"))
    let run = try scratch.reopened().run("r1")
    #expect(run.state == .finished && run.summary.seed == .max && run.summary.finishedAt != nil)
    #expect(run.events.map(\.message) == ["reading", "fitting"] && run.events.map(\.sequence) == [1, 2])
    #expect(run.summary.metrics == metrics)
    #expect(run.parameters == ["trials": 40, "depth": 3])
    #expect(run.tags.map(\.key) == ["a", "b"] && run.datasets == [Digest(of: "d")])
    #expect(run.json["metrics"]?["train"]?["roc_auc"]?["value"] == 0.95)
    expect(.notFound, "r2") { _ = try scratch.workspace.run("r2") }
    expect(.notFound) { try scratch.workspace.record("stage", "x", in: "r2") }
  }

  @Test func aFinishedRunIsNotDoneTwice() throws {
    let scratch = try Scratch()
    _ = try begin(scratch, "r1")
    expect(.conflict, "at work") { _ = try begin(scratch, "r1") }
    try scratch.workspace.finishRun("r1", RunOutcome(state: .finished))
    try scratch.workspace.finishRun("r1", RunOutcome(state: .finished))
    expect(.conflict) { try scratch.workspace.finishRun("r1", RunOutcome(state: .failed)) }
    guard case .alreadyFinished(let summary) = try begin(scratch, "r1") else {
      Issue.record("the run was begun again")
      return
    }
    #expect(summary.attempt == 1)
  }

  @Test func aFailedRunCanBeBegunAgain() throws {
    let scratch = try Scratch()
    _ = try begin(scratch, "r1")
    try scratch.workspace.finishRun("r1", RunOutcome(state: .failed, metrics: [RunMetric("rmse", 1)], error: "disk"))
    expect(.conflict, "train") { _ = try begin(scratch, "r1", kind: "evaluate") }
    guard case .started(let summary) = try begin(scratch, "r1") else {
      Issue.record("the run was not begun again")
      return
    }
    #expect(summary.attempt == 2 && summary.error == nil && summary.metrics.isEmpty && summary.state == .running)
  }

  @Test func aRunWhoseProcessIsGoneIsInterrupted() throws {
    let scratch = try Scratch()
    _ = try begin(scratch, "r1")
    _ = try begin(scratch, "r2")
    try scratch.tamper("UPDATE run SET process_start = 'another boot' WHERE id = 'r1'")
    let states = try scratch.workspace.runs().map(\.state)
    #expect(states == [.running, .interrupted])
    #expect(try scratch.workspace.runs(matching: RunQuery(states: [.interrupted])).map(\.id) == ["r1"])
    // Opening writes it down, and the run can be begun again.
    let again = try scratch.reopened()
    #expect(try again.run("r1").events.last?.kind == "interrupted")
    guard case .started(let summary) = try begin(scratch, "r1") else { return }
    #expect(summary.attempt == 2)
  }

  @Test func aRunOnAnotherMachineIsInterruptedWhenItFallsSilent() throws {
    let scratch = try Scratch()
    _ = try begin(scratch, "r1")
    try scratch.tamper("UPDATE run SET host = 'elsewhere'")
    #expect(try scratch.workspace.run("r1").state == .running)
    scratch.clock.advance(seconds: 4000)
    #expect(try scratch.workspace.run("r1").state == .interrupted)
  }

  @Test func runsAreListedNewestFirstOrByMetric() throws {
    let scratch = try Scratch()
    for (id, value) in [("a", 0.7), ("b", 0.9), ("c", 0.8)] {
      _ = try begin(scratch, id)
      try scratch.workspace.finishRun(id, RunOutcome(state: .finished, metrics: [RunMetric("roc_auc", value)]))
    }
    _ = try begin(scratch, "d")
    #expect(try scratch.workspace.runs().map(\.id) == ["d", "c", "b", "a"])
    let best = RunQuery.MetricOrder("roc_auc", descending: true)
    #expect(try scratch.workspace.runs(matching: RunQuery(orderedBy: best)).map(\.id) == ["b", "c", "a", "d"])
    #expect(try scratch.workspace.runs(matching: RunQuery(orderedBy: best, limit: 1, offset: 1)).map(\.id) == ["c"])
    #expect(try scratch.workspace.runs(matching: RunQuery(states: [.finished], limit: 2)).map(\.id) == ["c", "b"])
    #expect(try scratch.workspace.runs(matching: RunQuery(project: "other")).isEmpty)
  }

  @Test func metricPointsAreASeries() throws {
    let scratch = try Scratch()
    _ = try begin(scratch, "r1")
    let points = (0..<100).map {
      MetricPoint(key: "loss", step: Int64(99 - $0), value: Double($0), time: Timestamp(microseconds: Int64($0)))
    }
    try scratch.workspace.record(points, in: "r1")
    try scratch.workspace.record(points, in: "r1")
    #expect(try scratch.workspace.metricPoints("loss", of: "r1").map(\.step) == Array(0..<100))
    #expect(try scratch.workspace.metricKeys(of: "r1") == ["loss"])
    let bad = MetricPoint(key: "loss", step: 1, value: .infinity, time: Timestamp(microseconds: 0))
    expect(.invalidData, "loss") { try scratch.workspace.record([bad], in: "r1") }
  }

  @Test func runIdentifiersSortByTime() throws {
    let scratch = try Scratch()
    let names = (0..<50).map { _ in scratch.workspace.makeRunID() }
    #expect(names == names.sorted() && Set(names).count == 50)
    #expect(names[0].hasPrefix("20270115-080"))
  }
}
