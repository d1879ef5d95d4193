import Basics
import Dashboard

/// Pages with something of everything on them.
enum DashboardSamples {
  static let now = Timestamp(microseconds: 1_795_247_820_000_000)

  static func minutesAgo(_ minutes: Int) -> Timestamp {
    Timestamp(microseconds: now.microseconds - Int64(minutes) * 60_000_000)
  }

  static var traffic: TrafficView {
    let minutes = (0..<60).map { index -> TrafficMinute in
      let wave = 180 + 90 * (index % 17) / 5 + (index * 37) % 61
      return TrafficMinute(at: minutesAgo(60 - index), requestCount: wave, errorCount: index == 41 ? 12 : 0)
    }
    return TrafficView(minutes: minutes, p50Seconds: 0.00038, p99Seconds: 0.0021)
  }

  static var projects: [OverviewPage.Project] {
    var income = OverviewPage.Project(
      name: "income", about: "Classification of class", standing: .attention, verdict: "Data has moved", champion: 3,
      metric: "roc_auc", test: Measured(0.92713, low: 0.92214, high: 0.93186), goal: 0.9)
    income.gatePassed = true
    income.traffic = traffic
    income.watchedColumnCount = 14
    income.driftedColumns = ["hours-per-week", "age"]
    income.realised = RealisedPoint(
      at: minutesAgo(60), measured: Measured(0.911, low: 0.894, high: 0.928), rowCount: 1843)
    income.testOpenings = 3
    var price = OverviewPage.Project(
      name: "diamond-prices", about: "Regression of price", standing: .good, verdict: "Doing well", champion: 1,
      metric: "rmse", test: Measured(541.2, low: 522.8, high: 559.9), goal: 565)
    price.greaterIsBetter = false
    price.gatePassed = true
    price.testOpenings = 1
    var churn = OverviewPage.Project(
      name: "churn <b>&amp;</b>", about: "Classification of Churn", standing: .bad, verdict: "No champion",
      champion: nil, metric: "roc_auc", test: Measured(0.8124, low: 0.7931, high: 0.8310), goal: 0.83)
    churn.gatePassed = false
    churn.testOpenings = 2
    return [churn, price, income]
  }

  static var findings: [FindingLine] {
    [
      FindingLine(
        .bad, "No version of churn passed its gate.", evidence: "roc_auc 0.7931 at the low end, 0.83 asked for",
        command: "apus train customers.csv --target Churn --budget 120s", model: "churn <b>&amp;</b>",
        at: minutesAgo(190)),
      FindingLine(
        .attention, "hours-per-week has moved away from training.",
        evidence: "distance 0.214 (0.196 – 0.233), limit 0.1, 41 % of the change in predictions",
        command: "apus retrain --reason drift", model: "income", at: minutesAgo(12)),
    ]
  }

  static var runs: [RunLine] {
    [
      RunLine(
        id: "r-20261121-0712", model: "income", at: minutesAgo(45), seconds: 41.8, algorithm: "gradient-boosted-trees",
        metric: "roc_auc", test: Measured(0.92713, low: 0.92214, high: 0.93186), outcome: "promoted", standing: .good),
      RunLine(
        id: "r-20261121-0419", model: "churn <b>&amp;</b>", at: minutesAgo(190), seconds: 12.3,
        algorithm: "logistic-regression", metric: "roc_auc", test: Measured(0.8124, low: 0.7931, high: 0.831),
        outcome: "gate missed", standing: .bad),
      RunLine(
        id: "r-20261120-1802", model: "diamond-prices", at: minutesAgo(900), seconds: 25.1,
        algorithm: "gradient-boosted-trees", metric: "rmse", test: Measured(541.2, low: 522.8, high: 559.9),
        outcome: "promoted", standing: .good),
    ]
  }

  static var story: [EventLine] {
    [
      EventLine(
        at: minutesAgo(12), actor: "monitor", text: "hours-per-week drifted in the window from 07:00 to 07:45.",
        standing: .attention),
      EventLine(
        at: minutesAgo(45), actor: "local", text: "Promoted income@3 to champion; gate passed.", standing: .good),
      EventLine(at: minutesAgo(46), actor: "local", text: "Registered income@3 from run r-20261121-0712."),
      EventLine(
        at: minutesAgo(190), actor: "local", text: "Refused churn@1: roc_auc 0.7931 is below 0.83.", standing: .bad),
    ]
  }

  static var overview: OverviewPage.Model {
    var model = OverviewPage.Model(workspace: "/srv/models/.apus", now: now, projects: projects)
    model.findings = findings
    model.runs = runs
    model.audit = story
    model.trainings = trainings
    return model
  }

  /// One at work, one that was stopped.
  static var trainings: [TrainingLine] {
    var atWork = TrainingLine(
      run: "20261121-075600-7K3Q9D", model: "income", isRunning: true, startedAt: minutesAgo(2),
      changedAt: minutesAgo(0), metric: "roc_auc")
    (atWork.foldCount, atWork.count, atWork.plannedCount) = (5, 12, 41)
    atWork.candidates = [
      .init(
        algorithm: "gradient-boosted-trees", settings: "learning_rate=0.06 leaves=48",
        mean: Measured(0.9268, low: 0.9231, high: 0.9304), folds: [0.9251, 0.9270, 0.9283], fitSeconds: 3.41),
      .init(
        algorithm: "logistic-regression", settings: "penalty=0.01", mean: Measured(0.9047), folds: [0.9047],
        fitSeconds: 0.42),
      .init(
        algorithm: "baseline", settings: "", mean: Measured(0.5, low: 0.5, high: 0.5),
        folds: [0.5, 0.5, 0.5, 0.5, 0.5], fitSeconds: 0.001),
    ]
    var stopped = TrainingLine(
      run: "20261120-181100-1AB2C3", model: "diamond-prices", isRunning: false, startedAt: minutesAgo(900),
      changedAt: minutesAgo(880), metric: "rmse")
    (stopped.foldCount, stopped.count) = (5, 1)
    return [atWork, stopped]
  }

  static var gate: [GateCheckLine] {
    [
      GateCheckLine(
        name: "roc_auc", passed: true, value: 0.92214, limit: "≥ 0.9",
        why: "Goal: low end of the 95 % interval on the sealed test."),
      GateCheckLine(name: "recall", passed: true, value: 0.6412, limit: "≥ 0.5", why: "Guardrail of the project file."),
      GateCheckLine(
        name: "fairness", passed: false, value: 0.131, limit: "≤ 0.1",
        why: "Guardrail: equal opportunity by sex; the difference is 0.131 on 9,768 rows."),
      GateCheckLine(
        name: "must-beat-champion", passed: true, value: 0.0041, limit: "> 0", why: "Paired on the same rows, income@2."
      ),
    ]
  }

  static func drift(_ name: String, _ kind: String, _ value: Double, _ impact: Double, shift: Int) -> DriftColumnLine {
    let shape: [Double] = [1, 3, 7, 14, 22, 20, 14, 9, 6, 4]
    let total = shape.reduce(0, +)
    let bins = shape.indices.map { index in
      HistogramBin(
        "\(index * 10) – \(index * 10 + 10)", reference: shape[index] / total,
        window: shape[max(0, min(shape.count - 1, index - shift))] / total)
    }
    return DriftColumnLine(
      name: name, kind: kind, distance: "Wasserstein, in standard deviations",
      measured: Measured(value, low: max(0, value - 0.019), high: value + 0.019), threshold: 0.1, drifted: value > 0.1,
      impact: impact, bins: bins)
  }

  static var model: ModelPage.Model {
    var model = ModelPage.Model(workspace: "/srv/models/.apus", now: now, project: projects[2])
    model.algorithm = "gradient-boosted-trees"
    model.decision =
      "It says >50K from a probability of 0.31 up, which costs least with 5 for a false alarm and 60 for a miss."
    model.findings = [findings[1]]
    model.gate = gate
    model.decisions = ["Gate overridden by Eve Miller on 2026-11-21: the old model <leaks>"]
    model.metrics = [
      .init(name: "roc_auc", test: Measured(0.92713, low: 0.92214, high: 0.93186), validation: 0.9268, train: 0.9391),
      .init(
        name: "average_precision", test: Measured(0.8274, low: 0.8142, high: 0.8401), validation: 0.8259, train: 0.8566),
      .init(name: "accuracy", test: Measured(0.8731, low: 0.8672, high: 0.8794), validation: 0.8728, train: 0.8812),
      .init(name: "f1", test: Measured(0.7122, low: 0.6987, high: 0.7254), validation: 0.7098, train: 0.7341),
      .init(name: "log_loss", test: Measured(0.2781, low: 0.2689, high: 0.2874), validation: 0.2788, train: 0.2601),
    ]
    model.remarks = ["Training and test agree within 0.012: no sign of overfitting."]
    model.importance = [
      ("capital-gain", 0.312), ("relationship", 0.221), ("age", 0.148), ("education-num", 0.121),
      ("hours-per-week", 0.064),
    ]
    model.drift = [
      drift("hours-per-week", "number", 0.214, 0.41, shift: 2), drift("age", "number", 0.131, 0.12, shift: 1),
      drift("capital-gain", "number", 0.012, 0.01, shift: 0),
    ]
    model.driftVerdict = "2 of 14 columns drifted."
    model.windowRowCount = 12_480
    model.realised = (0..<9).map { index in
      let value = 0.929 - Double(index) * 0.0021 + Double((index * 7) % 5) * 0.001
      return RealisedPoint(
        at: minutesAgo(9 * 60 - index * 60), measured: Measured(value, low: value - 0.014, high: value + 0.014),
        rowCount: 700 + index * 61)
    }
    model.predictionCount = 128_411
    model.labelledCount = 8_930
    model.versions = [
      .init(
        version: 3, aliases: ["champion"], test: Measured(0.92713, low: 0.92214, high: 0.93186), gatePassed: true,
        run: "r-20261121-0712", at: minutesAgo(46)),
      .init(
        version: 2, test: Measured(0.9230, low: 0.9178, high: 0.9281), gatePassed: true, run: "r-20261118-0900",
        at: minutesAgo(4300)),
      .init(version: 1, test: nil, gatePassed: nil, run: nil, at: minutesAgo(9000)),
    ]
    model.versions[0].overriddenBy = "Eve Miller"
    model.versions[1].openApprovals = 1
    model.story = story
    return model
  }

  static var run: RunPage.Model {
    var model = RunPage.Model(
      workspace: "/srv/models/.apus", now: now, run: runs[0],
      verdict: "The goal is met: roc_auc is at least 0.9221 with 95 % confidence, 0.9 was asked for.", version: 3)
    model.plan = [
      "Columns fnlwgt and education are dropped: one is constant per row, one repeats education-num.",
      "Missing numbers become the median of the fold; a column says where.", "Categories stay categories for trees.",
    ]
    model.candidates = [
      .init(
        algorithm: "gradient-boosted-trees", parameters: "learning_rate 0.06, leaves 48, 412 trees",
        validation: Measured(0.9268, low: 0.9231, high: 0.9304), fitSeconds: 3.41, predictMicroseconds: 1.3,
        isChosen: true),
      .init(
        algorithm: "logistic-regression", parameters: "penalty 0.01",
        validation: Measured(0.9047, low: 0.9002, high: 0.9091),
        fitSeconds: 0.42, predictMicroseconds: 0.2),
      .init(
        algorithm: "baseline", parameters: "", validation: Measured(0.5, low: 0.5, high: 0.5), fitSeconds: 0.001,
        predictMicroseconds: 0.01),
    ]
    model.findings = [
      FindingLine(
        .unknown, "29 duplicate rows were kept.", evidence: "0.1 % of 39,073 rows", command: nil, model: nil,
        at: minutesAgo(46))
    ]
    model.gate = gate
    model.decisions = ["Approved by 1 of 2 persons: Ben Cole (2026-11-21)."]
    model.hasReport = true
    model.training = trainings[1]
    model.provenance = [
      ("Dataset", "adult@2, 39,073 rows, sha256 1f3a9c…"), ("Seed", "42"), ("Apus", "0.1.0"), ("Threads", "2"),
    ]
    return model
  }

  static var pages: [(name: String, html: String)] {
    var quietModel = ModelPage.Model(workspace: "", now: now, project: projects[1])
    quietModel.predictionCount = 3
    let missing = MLError.unknown("model", "incme", among: ["income"], in: "models")
    return [
      ("overview", OverviewPage(overview).html), ("model", ModelPage(model).html), ("run", RunPage(run).html),
      ("empty", OverviewPage(OverviewPage.Model(workspace: ".apus", now: now)).html),
      ("quiet", ModelPage(quietModel).html), ("missing", MessagePage(missing, status: 404).html),
    ]
  }
}
