import Basics
import Dashboard
import Frames
import HTTP
import Lifecycle
import Logging
import Modeling
import Monitoring
import Serving
import Storage

/// A whole life in eleven stages, on real sensor readings.
///
/// Part of the table is kept back as the traffic of the days to come; its truth arrives late, as truth does. The
/// shift is
/// the one thing that is made up: the light sensor is replaced by one that reads 70 % lower.
final class Demo: Sendable {
  private let folder: String
  private let port: Int
  private let session: Session
  private let context: LifecycleContext
  private let narrator: Narrator
  private let workspace: Workspace
  static let model = "occupancy"
  static let target = "Occupancy"
  private static let stageCount = 11

  init(folder: String, port: Int, session: Session, seed: Seed) throws {
    self.folder = folder
    self.port = port
    self.session = session
    narrator = session.output.narrator(stageCount: Self.stageCount)
    var context = session.context()
    context.seed = seed
    self.context = context
    workspace = try Workspace.open(at: folder, create: true)
  }

  /// What happened, for `--json`.
  private struct Story: Sendable {
    var entries: [(String, JSONValue)] = []
  }

  func run(staysUp: Bool) async throws -> Int32 {
    let started = Machine.monotonicSeconds
    let table = try await narrator.stage("Unpacking the table") { () throws -> (DemoTable, String) in
      let table = try DemoTable(folder: folder, workers: context.workers)
      return (
        table,
        "\(NumberFormat.count(table.trainingCount)) rows to learn from, \(NumberFormat.count(table.later.rowCount)) kept back as days to come"
      )
    }
    narrator.note(
      "Readings of an office room, a row a minute; is somebody there? Source: UCI Occupancy Detection, Candanedo and Feldheim 2016, CC BY 4.0."
    )
    let first = try await train(table)
    let logger = Logger(label: "apus") { JSONLinesLogHandler(label: $0, output: MemoryOutput()) }
    let server = try InferenceServer(
      configuration: configuration(), workspace: workspace, context: context,
      pages: DashboardRoutes.all(WorkspaceDashboard(workspace: workspace, context: context)), windowSeconds: 3600,
      logger: logger)
    let (ports, send) = AsyncStream.makeStream(of: Int.self)
    let serving = _Concurrency.Task { () throws -> Void in
      defer { send.finish() }
      try await server.run { send.yield($0) }
    }
    defer { serving.cancel() }
    guard let address = await ports.first(where: { _ in true }) else {
      try await serving.value
      throw MLError(.unavailable, "demo: the server did not start.")
    }
    Interrupts.onFirst { _Concurrency.Task { await server.shutdown() } }
    narrator.begin("Serving \(first.reference)")
    narrator.finish("http://127.0.0.1:\(address)/ shows the dashboard while this goes on")
    let last: TrainReport
    do {
      last = try await live(table, port: address)
    } catch {
      await server.shutdown()
      throw error
    }
    let seconds = Machine.monotonicSeconds - started
    finish(first: first, last: last, port: address, seconds: seconds, staysUp: staysUp)
    if staysUp {
      try await serving.value
    } else {
      await server.shutdown()
      try await serving.value
    }
    return last.promoted ? 0 : 1
  }

  private func configuration() -> HTTPServerConfiguration {
    var configuration = HTTPServerConfiguration(port: port)
    configuration.errorPage = { DashboardRoutes.errorPage($0, status: $1) }
    return configuration
  }

  private func train(_ table: DemoTable) async throws -> TrainReport {
    let report = try await narrator.stage("Training towards roc_auc >= 0.95") { () throws -> (TrainReport, String) in
      var project = ProjectFile(project: Self.model)
      project.objective.why = "heat and light rooms only when somebody is there"
      project.objective.target = Self.target
      project.objective.goal = "roc_auc >= 0.95"
      project.training.budget = .trials(6)
      let request = TrainRequest(project: project, model: Self.model, data: .files([table.trainingPath]))
      var quiet = context
      quiet.observe = { [narrator] event in
        if case .progress(let share, let what) = event { narrator.update(share, detail: what) }
      }
      let (sent, workspace) = (quiet, workspace)
      let report = try await onThread { try Trainer(workspace: workspace, context: sent).run(request) }
      return (
        report, "\(report.json["candidates"]?.arrayValue?.count ?? 0) candidates; sealed test \(Self.metric(report))"
      )
    }
    narrator.begin("The gate")
    narrator.finish(
      report.promoted ? "\(report.reference) passed and is champion" : "\(report.reference) was refused",
      mark: report.promoted ? .done : .failed)
    for check in report.json["gate"]?["checks"]?.arrayValue ?? [] { narrator.note(check["why"]?.stringValue ?? "") }
    guard report.promoted else {
      throw MLError(
        .internalFailure, "demo: the first model did not pass its gate.",
        hint: "Look at it with: apus models list --workspace \(folder)")
    }
    return report
  }

  private static func metric(_ report: TrainReport) -> String {
    let name = report.json["metric"]?.stringValue ?? ""
    let value = report.json["test"]?[name]
    return
      "\(name) \(NumberFormat.interval(value?["value"]?.doubleValue, low: value?["low"]?.doubleValue, high: value?["high"]?.doubleValue))"
  }

  // MARK: traffic

  private func live(_ table: DemoTable, port: Int) async throws -> TrainReport {
    let client = HTTPClient(port: port)
    let begin = context.clock.now()
    _ = try await traffic("Traffic as usual", table.usual, client)
    let middle = context.clock.now()
    try await watch("Watching that traffic", from: begin, to: middle)
    let shifted = try await traffic("The light sensor is replaced; it reads 70 % lower", table.shifted, client)
    let end = context.clock.now()
    try await watch("Watching the traffic since", from: middle, to: end)
    try await label(shifted, table, client, from: middle)
    let report = try await retrain()
    if report.promoted { try await after(table, client, report) }
    await client.close()
    return report
  }

  /// Sends rows and returns the ids, in order.
  private func traffic(_ title: String, _ frame: Frame, _ client: HTTPClient) async throws -> [(
    id: String, prediction: String
  )] {
    try await narrator.stage(title) {
      var out: [(id: String, prediction: String)] = []
      let rows = RowJSON.objects(frame)
      let started = Machine.monotonicSeconds
      let step = 10
      for start in stride(from: 0, to: rows.count, by: step) {
        let part = Array(rows[start..<min(start + step, rows.count)])
        let reply = try await client.post("/api/v1/models/\(Self.model)/predict", json: ["rows": .array(part)])
        guard reply.status == 200, let predictions = try reply.json()["predictions"]?.arrayValue else {
          throw MLError(.internalFailure, "demo: the server answered \(reply.status): \(reply.text.prefix(200))")
        }
        for entry in predictions {
          out.append((entry["id"]?.stringValue ?? "", entry["prediction"]?.stringValue ?? ""))
        }
        narrator.update(Double(out.count) / Double(rows.count), detail: "\(out.count) of \(rows.count) rows")
      }
      let rate = Double(out.count) / max(1e-9, Machine.monotonicSeconds - started)
      return (
        out, "\(NumberFormat.count(out.count)) rows sent, \(NumberFormat.count(Int(rate))) rows/s, every one logged"
      )
    }
  }

  private func watch(_ title: String, from: Timestamp, to: Timestamp) async throws {
    let report = try await narrator.stage(title) { () throws -> (WatchReport, String) in
      let report = try self.judge(from: from, to: to)
      return (report, report.drift.sentence)
    }
    for finding in report.findings.filter({ $0.severity != .info }).prefix(3) { narrator.note(finding.message) }
  }

  private func judge(from: Timestamp, to: Timestamp) throws -> WatchReport {
    let model = try Models.load(Self.model, workspace: workspace, registry: context.registry)
    let report = try Watching.traffic(of: model, in: workspace, from: from, to: to, context: context)
    if let version = model.version { try Watching.keep(report, of: version, from: from, to: to, in: workspace) }
    return report
  }

  private func label(
    _ shifted: [(id: String, prediction: String)], _ table: DemoTable, _ client: HTTPClient, from: Timestamp
  ) async throws {
    let report = try await narrator.stage("Late labels arrive") { () throws -> (WatchReport, String) in
      let entries = zip(shifted, table.shiftedTruth).map { entry, truth -> JSONValue in
        ["prediction_id": .string(entry.id), "truth": .string(truth)]
      }
      let reply = try await client.post("/api/v1/feedback", json: ["feedback": .array(entries)])
      guard reply.status == 200 else {
        throw MLError(.internalFailure, "demo: feedback was answered with \(reply.status): \(reply.text.prefix(200))")
      }
      let right = zip(shifted, table.shiftedTruth).count { $0.prediction == $1 }
      let report = try self.judge(from: from, to: self.context.clock.now())
      return (
        report,
        "\(NumberFormat.count(entries.count)) truths: \(NumberFormat.percent(Double(right) / Double(max(1, entries.count)))) of those predictions were right"
      )
    }
    if let verdict = report.performance["verdict"]?.stringValue { narrator.note(verdict) }
  }

  private func retrain() async throws -> TrainReport {
    let report = try await narrator.stage("Retraining through the same gate") { () throws -> (TrainReport, String) in
      var quiet = context
      quiet.observe = { [narrator] event in
        if case .progress(let share, let what) = event { narrator.update(share, detail: what) }
      }
      let (sent, workspace) = (quiet, workspace)
      let report = try await onThread {
        try Retraining(workspace: workspace, context: sent).run(
          model: Self.model, project: nil, reason: "drift in Light", runID: nil)
      }
      return (
        report,
        report.promoted
          ? "\(report.reference) beat the champion and took its place"
          : "\(report.reference) was refused; the champion stays"
      )
    }
    let checks = report.json["gate"]?["checks"]?.arrayValue ?? []
    if let check = checks.first(where: { $0["name"]?.stringValue == "beats_champion" }) {
      narrator.note(check["why"]?.stringValue ?? "")
    }
    return report
  }

  private func after(_ table: DemoTable, _ client: HTTPClient, _ report: TrainReport) async throws {
    for _ in 0..<40 {
      let reply = try await client.send(.get, "/api/v1/models/\(Self.model)")
      if try reply.json()["champion"]?.stringValue == report.reference { break }
      try await _Concurrency.Task.sleep(for: .milliseconds(100))
    }
    let answers = try await traffic("\(report.reference) answers now, without a restart", table.afterwards, client)
    let right = zip(answers, table.afterwardsTruth).count { $0.prediction == $1 }
    narrator.note(
      "\(NumberFormat.percent(Double(right) / Double(max(1, answers.count)))) of its answers are right, with the new sensor."
    )
  }

  private func finish(first: TrainReport, last: TrainReport, port: Int, seconds: Double, staysUp: Bool) {
    session.output.document([
      "workspace": .string(folder), "address": .string("http://127.0.0.1:\(port)"), "first": first.json,
      "last": last.json,
      "seconds": .finite(seconds), "peak_memory_bytes": .integer(Int64(Machine.peakMemoryBytes)),
    ])
    var next = [
      Box.Step("apus status --workspace \(folder)", "the loop at a glance"),
      Box.Step("apus models show \(Self.model) --workspace \(folder)", "the champion's record"),
      Box.Step("apus train data.csv --target COLUMN", "the same with your own data"),
    ]
    if staysUp { next.insert(Box.Step("http://127.0.0.1:\(port)/", "the dashboard, until Ctrl-C"), at: 0) }
    session.output.box(Box("A whole life in \(NumberFormat.duration(seconds))", next: next))
  }
}
