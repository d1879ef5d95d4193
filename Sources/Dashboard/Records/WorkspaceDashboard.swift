package import Basics
package import Lifecycle
package import Storage

/// Shows the records of one workspace; reads them anew for every page.
package struct WorkspaceDashboard: DashboardSource {
  let workspace: Workspace
  let context: LifecycleContext
  private let searches = SearchProgressReader()

  /// Shows `workspace`.
  package init(workspace: Workspace, context: LifecycleContext) {
    self.workspace = workspace
    self.context = context
  }

  /// What the overview shows.
  package func overview() async throws -> OverviewPage.Model {
    let now = context.clock.now()
    let overview = try Overview(workspace, now: now)
    var page = OverviewPage.Model(workspace: workspace.path, now: now)
    page.projects = try overview.models.map { try project($0, now: now) }
    page.findings = try workspace.findings(states: [.open], limit: 20).map(RecordLines.finding)
    page.runs = overview.runs.map(RecordLines.run)
    page.audit = try workspace.auditEntries(limit: 12).map { RecordLines.audit($0) }
    page.auditIsIntact = overview.audit.isIntact
    page.trainings = try searches.all(in: workspace).map { TrainingLine($0) }
    return page
  }

  /// What the page of a model shows.
  package func model(_ name: String) async throws -> ModelPage.Model {
    let now = context.clock.now()
    let overview = try Overview(workspace, now: now)
    guard let entry = overview.models.first(where: { $0.model.name == name }) else {
      throw MLError.unknown("model", name, among: overview.models.map(\.model.name), in: "dashboard")
    }
    var page = ModelPage.Model(workspace: workspace.path, now: now, project: try project(entry, now: now))
    page.findings = entry.findings.map(RecordLines.finding)
    page.predictionCount = entry.predictionCount
    page.labelledCount = entry.labelledCount
    page.versions = try workspace.modelVersions(of: name).map { RecordLines.version($0, metric: entry.metric) }
    page.story = try story(of: name)
    if let shown = entry.champion ?? entry.newest { try describe(shown, metric: entry.metric, on: &page) }
    drift(entry.window, on: &page)
    page.realised = try realised(of: name, metric: entry.metric)
    return page
  }

  /// What the page of a run shows.
  package func run(_ id: String) async throws -> RunPage.Model {
    let run = try workspace.run(id)
    let report = run.report
    var page = RunPage.Model(
      workspace: workspace.path, now: context.clock.now(), run: RecordLines.run(run.summary),
      verdict: report["verdict"]?["sentence"]?.stringValue ?? run.summary.error ?? "This run has not been judged.",
      version: run.summary.modelVersion.flatMap { $0.split(separator: "@").last.flatMap { Int($0) } })
    page.plan = (report["plan"]?.arrayValue ?? []).compactMap(\.stringValue)
    let chosen = report["chosen"]?.integerValue.map(Int.init)
    page.candidates = (run.candidates.arrayValue ?? []).enumerated().map { index, entry in
      RecordLines.candidate(entry, isChosen: index == chosen)
    }
    let sign = report["higher_is_better"]?.boolValue == false ? -1.0 : 1
    page.candidates.sort { a, b in
      (a.validation.map { sign * $0.value } ?? -.infinity) > (b.validation.map { sign * $0.value } ?? -.infinity)
    }
    page.findings = (run.findings.arrayValue ?? []).map { RecordLines.finding($0, at: run.summary.createdAt) }
    page.gate = RecordLines.gate(run.gate)
    if let reference = run.summary.modelVersion {
      page.decisions = (try? Models.version(ModelReference(reference), in: workspace))?.decisions ?? []
    }
    page.hasReport = report["candidates"] != nil
    if run.state != .finished {
      page.training = try searches.all(in: workspace).first { $0.run == id }.map { TrainingLine($0) }
    }
    page.provenance = [
      ("seed", String(run.summary.seed)),
      ("dataset", run.datasets.map { String($0.hex.prefix(16)) }.joined(separator: ", ")),
      ("apus", run.environment["apus_version"]?.stringValue ?? ""), ("attempt", String(run.summary.attempt)),
    ]
    return page
  }

  /// The two documents of a run's report.
  package func report(_ id: String) async throws -> (report: JSONValue, analysis: JSONValue) {
    let report = try RunRecords.report(of: workspace.run(id), in: workspace)
    guard report["candidates"] != nil else {
      throw MLError(
        .notFound, "dashboard: run '\(id)' has no report; it did not train to the end.", hint: "Look at /runs/\(id).")
    }
    return (report, try RunRecords.analysis(of: id, in: workspace))
  }

  /// Changes whenever something on the pages may have changed.
  package func revision() async throws -> Int {
    let aliases = try Int(workspace.aliasRevision())
    let predictions = try workspace.predictionCount()
    let findings = try workspace.findings(limit: 1).first.map { Int($0.id) } ?? 0
    let runs = try workspace.runs(matching: RunQuery(limit: 1)).first.map { $0.id.count + $0.state.rawValue.count } ?? 0
    let decisions = try workspace.auditEntries(limit: 1).first.map { Int($0.sequence) } ?? 0
    let trials = searches.revision(in: workspace)
    return aliases &* 1_000_003 &+ predictions &+ findings &* 7919 &+ runs &+ decisions &* 104_729 &+ trials &* 611_953
  }
}

extension WorkspaceDashboard {
  private func project(_ entry: Overview.Model, now: Timestamp) throws -> OverviewPage.Project {
    let shown = entry.champion ?? entry.newest
    let target = shown?.summary["target"]?.stringValue ?? ""
    let task = shown?.summary["task"]?.stringValue ?? ""
    let worst = entry.findings.map(\.finding.severity).max()
    let isWaiting = entry.newest?.stage == .waiting
    let standing: Standing =
      entry.champion == nil
      ? isWaiting ? .attention : .bad : worst == .critical ? .bad : worst == .warning ? .attention : .good
    let open = entry.findings.count
    let verdict =
      isWaiting
      ? "waits for approval"
      : entry.champion == nil
        ? "nothing passed its gate" : open == 0 ? "as promised" : open == 1 ? "1 finding" : "\(open) findings"
    let goal = shown?.summary["goal"]?.stringValue
    let limit = goal.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    var project = OverviewPage.Project(
      name: entry.model.name, about: "Predicts \(target) (\(task))", standing: standing, verdict: verdict,
      champion: entry.champion?.version, metric: entry.metric,
      test: shown.flatMap { RecordLines.measured($0.metrics[entry.metric]) }, goal: limit)
    project.greaterIsBetter = goal.map { !$0.contains("<") } ?? !RecordLines.lowerIsBetter.contains(entry.metric)
    project.gatePassed = shown?.gate?.allPassed
    project.traffic = try traffic(entry, now: now)
    let columns = entry.window?.drift["columns"]?.arrayValue ?? []
    project.watchedColumnCount = columns.count
    project.driftedColumns = columns.filter { $0["drifted"]?.boolValue == true }.compactMap { $0["name"]?.stringValue }
    project.realised = entry.window.flatMap { RecordLines.realised($0, metric: entry.metric) }
    project.testOpenings = shown?.sealedOpenings ?? 0
    return project
  }

  private func traffic(_ entry: Overview.Model, now: Timestamp) throws -> TrafficView {
    let from = Timestamp(microseconds: now.microseconds - 3_600_000_000)
    let to = Timestamp(microseconds: now.microseconds + 60_000_000)
    let minutes = try workspace.traffic(model: entry.model.name, from: from, to: to)
      .map { TrafficMinute(at: $0.minute, requestCount: $0.count) }
    func quantile(_ share: Double) -> Double? {
      entry.traffic.latencyMicroseconds.first { $0.quantile == share }.map { $0.value * 1e-6 }
    }
    return TrafficView(minutes: minutes, p50Seconds: quantile(0.5), p99Seconds: quantile(0.99))
  }

  private func describe(_ version: ModelVersion, metric: String, on page: inout ModelPage.Model) throws {
    page.algorithm = version.summary["algorithm"]?.stringValue
    page.gate = RecordLines.gate(version.gate?.json ?? .null)
    page.decisions = version.decisions
    let run = try? workspace.run(version.run)
    let report = run?.report ?? .null
    page.metrics = (version.metrics.objectValue ?? []).compactMap { name, value in
      RecordLines.measured(value).map { test in
        ModelPage.MetricLine(
          name: name, test: test, validation: name == metric ? report["validation_value"]?.doubleValue : nil,
          train: name == metric ? report["train_value"]?.doubleValue : nil)
      }
    }
    page.remarks = [report["verdict"]?["sentence"]?.stringValue].compactMap { $0 }
    page.importance = (report["importance"]?.arrayValue ?? []).compactMap { entry in
      guard let name = entry["column"]?.stringValue, let value = entry["value"]?.doubleValue else { return nil }
      return (name, value)
    }
    page.importanceUnit = "Share of what is lost when the column is scrambled"
  }

  private func drift(_ window: WindowRecord?, on page: inout ModelPage.Model) {
    guard let window else { return }
    page.driftVerdict = window.verdict
    page.windowRowCount = window.rowCount
    page.drift = (window.drift["columns"]?.arrayValue ?? []).compactMap(RecordLines.drift)
  }

  private func realised(of name: String, metric: String) throws -> [RealisedPoint] {
    try workspace.windows(model: name, limit: 50).compactMap { RecordLines.realised($0, metric: metric) }
      .sorted { $0.at < $1.at }
  }

  private func story(of name: String) throws -> [EventLine] {
    try workspace.auditEntries(limit: 200).filter { $0.subject == name || $0.subject.hasPrefix(name + "@") }.prefix(20)
      .map { RecordLines.audit($0) }
  }
}
