package import Basics

/// One run: what was planned, what was tried, what was found, how it ended.
package struct RunPage: Page {
  /// One algorithm with its settings.
  package struct CandidateLine: Sendable {
    /// Name of the algorithm.
    package var algorithm: String
    /// Settings that differ from the defaults, in words.
    package var parameters: String
    /// The metric over the validation folds.
    package var validation: Measured?
    /// Time to fit, in seconds.
    package var fitSeconds: Double?
    /// Time to score one row, in microseconds.
    package var predictMicroseconds: Double?
    /// Whether the run chose it.
    package var isChosen: Bool
    /// Why it failed; `nil` when it did not.
    package var failure: String?

    /// Makes a line.
    package init(
      algorithm: String, parameters: String, validation: Measured?, fitSeconds: Double?, predictMicroseconds: Double?,
      isChosen: Bool = false, failure: String? = nil
    ) {
      self.algorithm = algorithm
      self.parameters = parameters
      self.validation = validation
      self.fitSeconds = fitSeconds
      self.predictMicroseconds = predictMicroseconds
      self.isChosen = isChosen
      self.failure = failure
    }
  }

  /// Everything on the page.
  package struct Model: Sendable {
    /// Folder of the workspace.
    package var workspace: String
    /// When it was read.
    package var now: Timestamp
    /// The run's line.
    package var run: RunLine
    /// How it ended, one sentence.
    package var verdict: String
    /// The version it registered.
    package var version: Int?
    /// What preparation and training were planned to do, sentence by sentence.
    package var plan: [String] = []
    /// Candidates, best first.
    package var candidates: [CandidateLine] = []
    /// What checks said.
    package var findings: [FindingLine] = []
    /// Checks of the gate.
    package var gate: [GateCheckLine] = []
    /// Approvals and overrides of the version it registered, a sentence each.
    package var decisions: [String] = []
    /// Whether there is a whole report to look at.
    package var hasReport = false
    /// The search, while it is at work or where it stopped; `nil` once the run has ended.
    package var training: TrainingLine?
    /// Data, seed, code: names and values.
    package var provenance: [(name: String, value: String)] = []

    /// Makes it; lists are empty until filled.
    package init(workspace: String, now: Timestamp, run: RunLine, verdict: String, version: Int? = nil) {
      self.workspace = workspace
      self.now = now
      self.run = run
      self.verdict = verdict
      self.version = version
    }
  }

  private let model: Model

  /// A page of `model`.
  package init(_ model: Model) { self.model = model }

  /// Title of the page.
  package var title: String { "Run \(model.run.id)" }
  /// Where the page stands, from the overview down.
  package var trail: [(name: String, address: String?)] {
    [
      ("Overview", "/"), (model.run.model, model.version.map { _ in Parts.modelAddress(model.run.model) }),
      (model.run.id, nil),
    ]
  }
  /// Folder of the workspace.
  package var workspace: String { model.workspace }
  /// When the records were read.
  package var moment: Timestamp? { model.now }

  /// What stands between head and foot.
  package var content: HTML {
    let parts: [HTML?] = [head, training, findings, leaderboard, gate, plan, provenance]
    return HTML(parts.compactMap { $0 })
  }

  private var head: HTML {
    let run = model.run
    let facts: [(name: String, value: HTML)] = [
      (run.metric.isEmpty ? "Sealed test" : "\(run.metric) on the sealed test", "\(Figures.interval(run.test))"),
      ("Chosen", "\(run.algorithm ?? "–")"),
      (
        "Registered as",
        model.version.map { "<a href=\"\(Parts.modelAddress(run.model))\">\(run.model)@\($0)</a>" } ?? "–"
      ),
      ("Took", "\(run.seconds == nil ? "running" : Figures.duration(seconds: run.seconds))"),
      ("Started", "\(Figures.moment(run.at))"),
    ]
    let report: HTML =
      model.hasReport
      ? "<p class=\"lead\"><a href=\"\(Parts.reportAddress(run.id))\">The whole report</a>: every plot, for whom it is worse, why it decides as it does.</p>"
      : ""
    return """
      <div class="headline"><h1>Run \(run.id)</h1>\(Parts.badge(run.standing, run.outcome))</div>\
      <p class="lead">\(model.verdict)</p>\(report)<div class="card summary">\(Parts.facts(facts))</div>
      """
  }

  private var training: HTML? {
    model.training.map {
      Parts.section("Training", "", $0.html(now: model.now, isAlone: true))
    }
  }

  private var findings: HTML? {
    guard !model.findings.isEmpty else { return nil }
    return Parts.section("What was found", "", Parts.findings(model.findings, now: model.now, showsModel: false))
  }

  private var leaderboard: HTML? {
    guard !model.candidates.isEmpty else { return nil }
    let measured = model.candidates.compactMap(\.validation)
    let axis = Axis(covering: measured.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] })
    let rows = model.candidates.map { candidate -> [HTML] in
      let mark: HTML =
        candidate.failure.map { "\($0)" }
        ?? candidate.validation.map {
          IntervalMark(measured: $0, axis: axis, standing: candidate.isChosen ? .good : .unknown).html
        } ?? "–"
      let name: HTML =
        candidate.isChosen ? "\(candidate.algorithm) \(Parts.badge(.good, "chosen"))" : "\(candidate.algorithm)"
      return [
        name, "<span class=\"one\">\(Figures.interval(candidate.validation))</span>", mark,
        "\(Figures.duration(seconds: candidate.fitSeconds))",
        "\(candidate.predictMicroseconds.map { Figures.chosen($0) + " µs" } ?? "–")", "\(candidate.parameters)",
      ]
    }
    return Parts.section(
      "Candidates",
      "\(Figures.count(model.candidates.count, "candidate")) over the validation folds, best first; scale \(axis.label(axis.low)) to \(axis.label(axis.high)).",
      Parts.table(
        ["Algorithm", model.run.metric, "On a scale", "Fit", "Score a row", "Settings"], numeric: [1, 3, 4], rows,
        chosen: model.candidates.firstIndex { $0.isChosen }))
  }

  private var gate: HTML? {
    guard !model.gate.isEmpty else { return nil }
    let rows = model.gate.map { check -> [HTML] in
      [
        "\(check.name)", Parts.badge(check.passed ? .good : .bad, check.passed ? "met" : "missed"),
        "\(Figures.number(check.value))", "\(check.limit)", "\(check.why)",
      ]
    }
    return Parts.section(
      "Gate", "",
      Parts.table(["Check", "Result", "Measured", "Asked for", "Why"], numeric: [2], rows)
        + Parts.decisions(model.decisions))
  }

  private var plan: HTML? {
    guard !model.plan.isEmpty else { return nil }
    return Parts.section(
      "Plan", "Fitted inside each fold on its training rows only.",
      "<div class=\"card\"><ol class=\"sentences\">\(model.plan.html { "<li>\($0)</li>" })</ol></div>")
  }

  private var provenance: HTML? {
    guard !model.provenance.isEmpty else { return nil }
    return Parts.section(
      "Where it comes from", "",
      "<div class=\"card\">\(Parts.facts(model.provenance.map { ($0.name, "\($0.value)") }))</div>")
  }
}
