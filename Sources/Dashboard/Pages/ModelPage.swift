package import Basics

/// One model: what it promised, what it does, what has changed, and how it came to be.
package struct ModelPage: Page {
  /// A metric on the rows it was measured on.
  package struct MetricLine: Sendable {
    /// Name, such as `roc_auc`.
    package var name: String
    /// On the sealed test.
    package var test: Measured
    /// Mean over the validation folds.
    package var validation: Double?
    /// On the rows it was fitted on.
    package var train: Double?

    /// Makes a line.
    package init(name: String, test: Measured, validation: Double? = nil, train: Double? = nil) {
      self.name = name
      self.test = test
      self.validation = validation
      self.train = train
    }
  }

  /// One version of the model.
  package struct VersionLine: Sendable {
    /// Number, from 1.
    package var version: Int
    /// Names that point to it, such as `champion`.
    package var aliases: [String]
    /// The goal's metric on the sealed test.
    package var test: Measured?
    /// Whether it passed its gate; `nil` before it was judged.
    package var gatePassed: Bool?
    /// Who let it pass in spite of its gate; `nil` otherwise.
    package var overriddenBy: String?
    /// Persons who must still approve it.
    package var openApprovals = 0
    /// The run it came from.
    package var run: String?
    /// When it was registered.
    package var at: Timestamp

    /// Makes a line.
    package init(
      version: Int, aliases: [String] = [], test: Measured?, gatePassed: Bool?, run: String?, at: Timestamp
    ) {
      self.version = version
      self.aliases = aliases
      self.test = test
      self.gatePassed = gatePassed
      self.run = run
      self.at = at
    }
  }

  /// Everything on the page.
  package struct Model: Sendable {
    /// Folder of the workspace.
    package var workspace: String
    /// When it was read.
    package var now: Timestamp
    /// The project's card of the overview.
    package var project: OverviewPage.Project
    /// The algorithm of the champion.
    package var algorithm: String?
    /// What the decision is made by, one sentence; `nil` where there is none.
    package var decision: String?
    /// Open findings, most serious first.
    package var findings: [FindingLine] = []
    /// Checks of the newest gate.
    package var gate: [GateCheckLine] = []
    /// Approvals and overrides of that version, a sentence each.
    package var decisions: [String] = []
    /// Metrics of the champion.
    package var metrics: [MetricLine] = []
    /// What fitting said about itself, in sentences: over- and underfitting, leakage.
    package var remarks: [String] = []
    /// Columns by what they contribute, greatest first.
    package var importance: [(name: String, value: Double)] = []
    /// What `importance` measures.
    package var importanceUnit = "Gain"
    /// Columns by drift, as ranked by the monitor.
    package var drift: [DriftColumnLine] = []
    /// What the latest window said, one sentence.
    package var driftVerdict: String?
    /// Rows in the latest window.
    package var windowRowCount = 0
    /// Quality window by window, oldest first.
    package var realised: [RealisedPoint] = []
    /// Predictions logged.
    package var predictionCount = 0
    /// Predictions whose truth has come back.
    package var labelledCount = 0
    /// Versions, newest first.
    package var versions: [VersionLine] = []
    /// What happened, newest first.
    package var story: [EventLine] = []

    /// Makes it; lists are empty until filled.
    package init(workspace: String, now: Timestamp, project: OverviewPage.Project) {
      self.workspace = workspace
      self.now = now
      self.project = project
    }
  }

  let model: Model
  var project: OverviewPage.Project { model.project }

  /// A page of `model`.
  package init(_ model: Model) { self.model = model }

  /// Title of the page.
  package var title: String { project.name }
  /// Where the page stands, from the overview down.
  package var trail: [(name: String, address: String?)] { [("Overview", "/"), (project.name, nil)] }
  /// Folder of the workspace.
  package var workspace: String { model.workspace }
  /// When the records were read.
  package var moment: Timestamp? { model.now }

  /// What stands between head and foot.
  package var content: HTML {
    let parts: [HTML?] = [
      head, findings, quality, gate, traffic, drift, realised, importance, versions, story,
    ]
    return HTML(parts.compactMap { $0 })
  }

  private var head: HTML {
    let champion = project.champion.map { "Version \($0) is champion" } ?? "No version is champion"
    let algorithm = model.algorithm.map { ", \($0)" } ?? ""
    return """
      <div class="headline"><h1>\(project.name)</h1>\(Parts.badge(project.standing, project.verdict))</div>\
      <p class="lead">\(project.about). \(champion)\(algorithm).\(model.decision.map { " " + $0 } ?? "")</p>
      """
  }

  private var findings: HTML? {
    guard !model.findings.isEmpty else { return nil }
    return Parts.section("What needs you", "", Parts.findings(model.findings, now: model.now, showsModel: false))
  }

  private var versions: HTML? {
    guard !model.versions.isEmpty else { return nil }
    let rows = model.versions.map { version -> [HTML] in
      let aliases = version.aliases.html { "<span class=\"one\">\($0)</span> " }
      let gate: HTML =
        version.overriddenBy.map { Parts.badge(.attention, "overridden by \($0)") }
        ?? (version.openApprovals > 0 ? Parts.badge(.attention, "\(version.openApprovals) to approve") : nil)
        ?? version.gatePassed.map { Parts.badge($0 ? .good : .bad, $0 ? "passed" : "missed") }
        ?? Parts.badge(.unknown, "not judged")
      return [
        "\(version.version)", version.aliases.isEmpty ? "–" : aliases,
        "<span class=\"one\">\(Figures.interval(version.test))</span>", gate,
        version.run.map { "<a class=\"one\" href=\"\(Parts.runAddress($0))\">\($0)</a>" } ?? "–",
        "<span class=\"one\">\(Figures.moment(version.at))</span>",
      ]
    }
    return Parts.section(
      "Versions", "A version never changes; what answers is the one that champion points to.",
      Parts.table(["Version", "Aliases", project.metric, "Gate", "Run", "Registered"], rows))
  }

  private var story: HTML? {
    model.story.isEmpty ? nil : Parts.section("Story", "", Parts.story(model.story))
  }
}
