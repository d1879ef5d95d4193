package import Basics

/// Every project at a glance: first what needs a person, then how each is doing, then what was done.
package struct OverviewPage: Page {
  /// One project.
  package struct Project: Sendable {
    /// Name, also of its model.
    package var name: String
    /// Task and target in words, such as `classification of Occupancy`.
    package var about: String
    /// How it stands.
    package var standing: Standing
    /// The same in a word or two, such as `Serving well`.
    package var verdict: String
    /// The version that answers; `nil` when none has passed its gate.
    package var champion: Int?
    /// Name of the metric of the goal.
    package var metric: String
    /// The metric on the sealed test.
    package var test: Measured?
    /// Value that the goal asks for; `nil` without a goal.
    package var goal: Double?
    /// Whether a greater value of the metric is better.
    package var greaterIsBetter: Bool
    /// Whether the newest version passed its gate; `nil` before any was judged.
    package var gatePassed: Bool?
    /// Traffic of the champion.
    package var traffic: TrafficView
    /// Columns watched.
    package var watchedColumnCount: Int
    /// Names of drifted columns, strongest first.
    package var driftedColumns: [String]
    /// Quality on rows whose truth has come back; `nil` when none has.
    package var realised: RealisedPoint?
    /// How often the sealed test set has been opened.
    package var testOpenings: Int

    /// Makes a project; traffic, drift and truth are empty until there is some.
    package init(
      name: String, about: String, standing: Standing, verdict: String, champion: Int?, metric: String,
      test: Measured?, goal: Double?
    ) {
      self.name = name
      self.about = about
      self.standing = standing
      self.verdict = verdict
      self.champion = champion
      self.metric = metric
      self.test = test
      self.goal = goal
      greaterIsBetter = true
      traffic = TrafficView()
      watchedColumnCount = 0
      driftedColumns = []
      testOpenings = 0
    }
  }

  /// Everything on the page.
  package struct Model: Sendable {
    /// Folder of the workspace.
    package var workspace: String
    /// When it was read.
    package var now: Timestamp
    /// Projects in order of name.
    package var projects: [Project]
    /// Open findings, most serious first.
    package var findings: [FindingLine]
    /// Newest runs first.
    package var runs: [RunLine]
    /// Newest lines of the audit log first.
    package var audit: [EventLine]
    /// Whether the audit log's chain holds.
    package var auditIsIntact: Bool
    /// Trainings that have not ended, those at work first.
    package var trainings: [TrainingLine] = []

    /// Makes it; lists are empty until filled.
    package init(workspace: String, now: Timestamp, projects: [Project] = []) {
      self.workspace = workspace
      self.now = now
      self.projects = projects
      findings = []
      runs = []
      audit = []
      auditIsIntact = true
    }
  }

  let model: Model

  /// A page of `model`.
  package init(_ model: Model) { self.model = model }

  /// Title of the page.
  package var title: String { "Overview" }
  /// Where the page stands, from the overview down.
  package var trail: [(name: String, address: String?)] { [("Overview", nil)] }
  /// Folder of the workspace.
  package var workspace: String { model.workspace }
  /// When the records were read.
  package var moment: Timestamp? { model.now }

  /// What stands between head and foot.
  package var content: HTML {
    guard !model.projects.isEmpty else {
      return model.trainings.isEmpty ? empty : "<h1>A first model is on its way.</h1>\(trainings)"
    }
    var out: HTML = "<h1>\(verdict)</h1><p class=\"lead\">\(activity)</p>"
    if !model.findings.isEmpty {
      out += Parts.section("What needs you", "", Parts.findings(model.findings, now: model.now, showsModel: true))
    }
    if let trainings { out += trainings }
    out += Parts.section(
      "Projects", "",
      "<div class=\"\(model.projects.count > 1 ? "grid-two" : "grid-one")\">\(model.projects.html(card))</div>")
    if !model.runs.isEmpty { out += Parts.section("Latest runs", "", Parts.runs(model.runs, now: model.now)) }
    if !model.audit.isEmpty {
      let chain =
        model.auditIsIntact
        ? "Every line is chained to the one before; the chain is whole."
        : "The chain of the audit log is broken: somebody changed a line. Run apus doctor."
      out += Parts.section("What was done", chain, Parts.story(model.audit))
    }
    return out
  }

  private var trainings: HTML? { TrainingLine.section(model.trainings, now: model.now) }

  private var verdict: String {
    let bad = model.projects.filter { $0.standing == .bad }.map(\.name)
    let attention = model.projects.filter { $0.standing == .attention }.map(\.name)
    let one = model.projects.count == 1
    if !bad.isEmpty { return "\(Figures.list(bad)) \(bad.count == 1 ? "needs" : "need") you now." }
    if !attention.isEmpty { return "\(Figures.list(attention)) \(attention.count == 1 ? "wants" : "want") a look." }
    if model.projects.allSatisfy({ $0.standing == .good }) {
      return one ? "\(model.projects[0].name) is doing well." : "All \(model.projects.count) projects are doing well."
    }
    return "Nothing needs you."
  }

  private var activity: String {
    let requests = model.projects.reduce(0) { $0 + $1.traffic.requestCount }
    let errors = model.projects.reduce(0) { $0 + $1.traffic.errorCount }
    let serving = model.projects.filter { $0.champion != nil }.count
    let answered =
      requests == 0
      ? "No requests lately."
      : "\(Figures.count(requests, "request")) answered lately, \(errors == 0 ? "none" : Figures.count(errors)) with an error."
    return
      "\(serving) of \(Figures.count(model.projects.count, "project")) \(serving == 1 ? "has" : "have") a champion. \(answered)"
  }

  private func card(_ project: Project) -> HTML {
    """
    <article class="card project"><header><div><h3><a href="\(Parts.modelAddress(project.name))">\(project.name)</a></h3>\
    <p class="about">\(project.about)\(project.champion.map { " · version \($0)" } ?? "")</p></div>\
    \(Parts.badge(project.standing, project.verdict))</header>\(goal(project))\(traffic(project))\
    \(Parts.facts(facts(project)))</article>
    """
  }

  private func goal(_ project: Project) -> HTML {
    guard let test = project.test else {
      return "<p class=\"soft\">Not judged yet.</p>"
    }
    let values = [test.value, test.low ?? test.value, test.high ?? test.value] + (project.goal.map { [$0] } ?? [])
    let axis = Axis(covering: values)
    let standing: Standing = project.goal.map { isMet(project, test, $0) ? .good : .bad } ?? .unknown
    let range = test.low.flatMap { low in test.high.map { " (\(Figures.number(low)) – \(Figures.number($0)))" } } ?? ""
    let sign = project.greaterIsBetter ? "at least" : "at most"
    let wish = project.goal.map { "; the goal is \(sign) \(Figures.chosen($0))" } ?? ""
    return """
      <div class="goal"><span class="big">\(Figures.number(test.value))</span>\
      \(IntervalMark(measured: test, axis: axis, limit: project.goal, standing: standing).html)\
      <p class="words">\(project.metric) on the sealed test\(range)\(wish).</p></div>
      """
  }

  private func isMet(_ project: Project, _ test: Measured, _ goal: Double) -> Bool {
    project.greaterIsBetter ? (test.low ?? test.value) >= goal : (test.high ?? test.value) <= goal
  }

  private func traffic(_ project: Project) -> HTML {
    guard project.traffic.requestCount > 0 else { return "" }
    return TrafficChart(title: "Requests a minute", minutes: project.traffic.minutes, isSmall: true).html
  }

  private func facts(_ project: Project) -> [(name: String, value: HTML)] {
    var facts: [(name: String, value: HTML)] = []
    let gate = project.gatePassed.map { $0 ? "passed" : "missed" } ?? "not judged"
    facts.append(("Gate", "\(gate)"))
    if project.traffic.requestCount > 0 {
      let p50 = Figures.duration(seconds: project.traffic.p50Seconds)
      facts.append(
        (
          "Latency, half / 99 %",
          "<span class=\"one\">\(p50) / \(Figures.duration(seconds: project.traffic.p99Seconds))</span>"
        ))
      facts.append(("Errors", "\(Figures.count(project.traffic.errorCount))"))
    }
    if project.watchedColumnCount > 0 {
      let moved = project.driftedColumns.count
      facts.append(("Drift", "\(moved) of \(Figures.count(project.watchedColumnCount, "column"))"))
    }
    if let realised = project.realised {
      facts.append(
        (
          "Came true",
          "\(Figures.number(realised.measured.value)) <span class=\"soft one\">on \(Figures.count(realised.rowCount, "row"))</span>"
        ))
    }
    facts.append(("Test set opened", "\(Figures.count(project.testOpenings, "time"))"))
    return facts
  }

  private var empty: HTML {
    """
    <h1>Nothing here yet.</h1><p class="lead">Train a model, and it shows up here with its goal, its traffic and what \
    has changed since.</p><div class="card empty summary"><p>A table with a column to predict is enough:</p>\
    \(Parts.command("apus train data.csv --target y"))<p class="soft">Or watch a whole life on a bundled table:</p>\
    \(Parts.command("apus demo"))</div>
    """
  }
}
