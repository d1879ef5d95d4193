import Basics
import Frames
import Lifecycle
import Storage
import Testing

/// What a training shows the gate, and what the gate makes of it.
@Suite struct GateTests {
  private func check(_ name: String, _ report: TrainReport) -> JSONValue? {
    report.json["gate"]?["checks"]?.arrayValue?.first { $0["name"]?.stringValue == name }
  }

  private func run(_ bench: Bench, _ request: TrainRequest) throws -> TrainReport {
    try Trainer(workspace: bench.workspace, context: bench.context).run(request)
  }

  @Test func everyTrainingIsShownWhole() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 500))
    request.project.privateColumns = ["plan"]
    let report = try run(bench, request)
    #expect(report.promoted)
    for name in ["calibration", "linter", "latency", "size", "contract", "parity"] {
      #expect(check(name, report)?["passed"] == true, "\(name)")
    }
    #expect(check("latency", report)?["value"]?.doubleValue ?? 0 > 0)
    #expect(check("size", report)?["value"]?.doubleValue ?? 0 > 1000)
    #expect(check("no_slice_regression", report) == nil, "there is no champion to compare with")
    request.project.gate.sizeBytes = 100
    request.project.gate.calibration = .limit(1e-6)
    let refused = try run(bench, request)
    #expect(check("size", refused)?["passed"] == false && check("calibration", refused)?["passed"] == false)
    #expect(check("no_slice_regression", refused)?["passed"] == true)
  }

  @Test func aCopyOfTheTargetIsRefused() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 400)
    let lines = String(decoding: try FileSystem.read(path), as: UTF8.self).split(separator: "\n")
    let leaking = lines.enumerated().map {
      $0.offset == 0 ? "copy,\($0.element)" : "\($0.element.hasSuffix("yes") ? 7 : 3),\($0.element)"
    }
    try FileSystem.write(Array((leaking.joined(separator: "\n") + "\n").utf8), to: path)
    var request = bench.request(path)
    let report = try run(bench, request)
    #expect(!report.promoted && check("linter", report)?["why"]?.stringValue?.contains("'copy'") == true)
    request.project.gate.requiresLinter = false
    request.project.mustBeatChampion = false
    #expect(try run(bench, request).promoted)
  }

  /// Better on the whole, and no better than guessing where the champion knows what it does.
  @Test func aModelThatIsWorseForSomeIsRefused() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var random = RandomStream(Seed(11))
    var (old, new) = (["group,x,z,churned"], ["group,x,z,w,churned"])
    for _ in 0..<2500 {
      let isSmall = random.uniform() < 0.3
      let (x, z, w) = (random.normal(), random.normal(), random.normal())
      let score = isSmall ? (x > 0) == (z > 0) : w + 0.3 * random.normal() > 0
      let row = "\(isSmall ? "small" : "large"),\(NumberText.shortest(x)),\(NumberText.shortest(z))"
      old.append("\(row),\(score ? "yes" : "no")")
      new.append("\(row),\(NumberText.shortest(w)),\(score ? "yes" : "no")")
    }
    let paths = ["\(bench.folder)/old.csv", "\(bench.folder)/new.csv"]
    try FileSystem.write(Array((old.joined(separator: "\n") + "\n").utf8), to: paths[0])
    try FileSystem.write(Array((new.joined(separator: "\n") + "\n").utf8), to: paths[1])
    var request = bench.request(paths[0])
    request.project.training.budget = .trials(1)
    request.project.training.algorithms = ["gradient-boosted-trees"]
    #expect(try run(bench, request).promoted)
    request = bench.request(paths[1])
    request.project.training.budget = .trials(1)
    request.project.training.algorithms = ["logistic-regression"]
    let report = try run(bench, request)
    #expect(check("beats_champion", report)?["passed"] == true)
    let slices = check("no_slice_regression", report)
    #expect(slices?["passed"] == false && !report.promoted)
    #expect(slices?["why"]?.stringValue?.contains("group is small") == true, "\(slices?.compact ?? "")")
    request.project.gate.guardsSlices = false
    #expect(try run(bench, request).promoted)
  }

  @Test func approvalsAreAskedForBeforePromotion() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 400))
    request.project.gate.approvals = 2
    let report = try run(bench, request)
    #expect(report.passed && !report.promoted)
    #expect(report.json["approvals"]?["needed"]?.integerValue == 2)
    #expect(try bench.workspace.championVersion(of: "churn") == nil)
    let overview = try Overview(bench.workspace, now: SystemClock().now())
    #expect(overview.models[0].needs.contains { $0.contains("apus models approve churn@1") })
    try bench.workspace.approve("churn", 1, by: "ben", actor: "host")
    #expect(throws: MLError.self) { try bench.workspace.promote("churn", 1, actor: "ben", reason: "") }
    try bench.workspace.approve("churn", 1, by: "cleo", actor: "host")
    try bench.workspace.promote("churn", 1, actor: "ben", reason: "agreed")
    // The settings travel with the archive: a retraining without a project file asks for the same.
    let archive = try Models.archive(
      of: bench.workspace.modelVersion("churn", 1), in: bench.workspace, registry: bench.context.registry)
    #expect(Retraining.project(of: archive).gate == request.project.gate)
  }

  @Test func anOverrideIsOnTheCardAndInTheReport() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 300))
    request.project.objective.goal = "roc_auc >= 0.9999"
    let report = try run(bench, request)
    #expect(!report.passed)
    try bench.workspace.promote(
      "churn", 1, override: OverrideDraft(by: "Eve", reason: "needed by Monday"), actor: "host", reason: "")
    let version = try bench.workspace.modelVersion("churn", 1)
    #expect(version.gateWord == "overridden by Eve" && version.aliases == [.champion])
    let card = try ModelCard(version, in: bench.workspace).markdown
    #expect(card.contains("Gate overridden by Eve") && card.contains("needed by Monday"))
    let written = try RunRecords.report(of: bench.workspace.run(version.run), in: bench.workspace)
    #expect(written["gate"]?["override"]?["by"] == "Eve" && written["gate"]?["passed"] == false)
  }

  @Test func theSectionIsRead() throws {
    let text = """
      project: churn
      objective: {target: y}
      gate:
        {must_beat: baseline, slices: true, calibration: 0.05, linter: false, latency: 5ms, size: 1.5 MB, approvals: 2}
      """
    let project = try ProjectFile(parsing: text, origin: "apus.yaml")
    #expect(!project.mustBeatChampion && project.gate.guardsSlices == true && project.gate.calibration == .limit(0.05))
    #expect(!project.gate.requiresLinter && project.gate.latencyMilliseconds == 5 && project.gate.sizeBytes == 1.5e6)
    #expect(project.gate.approvals == 2)
    #expect(GateSettings(project.gate.json) == project.gate && GateSettings(nil) == GateSettings())
    var off = GateSettings()
    off.calibration = .off
    #expect(GateSettings(off.json) == off)
  }

  @Test(arguments: [
    "latency: 5", "latency: soon", "size: -1MB", "approvals: 11", "approvals: two", "calibration: 2", "linter: maybe",
    "slice: true",
  ])
  func nonsenseInTheSectionIsRefused(entry: String) {
    let error = #expect(throws: MLError.self) { try ProjectFile(parsing: "gate: {\(entry)}\n", origin: "apus.yaml") }
    #expect(error?.message.contains("line") == true, "\(String(describing: error))")
  }
}
