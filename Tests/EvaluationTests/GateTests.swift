import Basics
import Evaluation
import Modeling
import Testing

@Suite struct GateTests {
  private func evidence(signal: Double = 1.5, count: Int = 600) throws -> GateEvidence {
    let problem = Problem.binary(count, signal: signal)
    let constant = Predictions(
      .probabilities((0..<count).flatMap { _ in [0.65, 0.35] }, classes: ["no", "yes"]))
    return GateEvidence(
      test: try Intervals.evaluateAll(problem.predictions, problem.target),
      baseline: try Intervals.compare(AreaUnderROC(), problem.predictions, constant, problem.target),
      measurements: ["latency_p99_ms": 2], parityMismatchCount: 0)
  }

  private func comparison(_ a: Double, _ b: Double, doubt: Double) -> PairedComparison {
    PairedComparison(
      metric: AreaUnderROC(), a: a, b: b, low: a - b - 0.01, high: a - b + 0.01, probabilityNotBetter: doubt)
  }

  @Test func passesWhenEverythingIsShown() throws {
    let gate = Gate(
      goal: try Goal(parsing: "roc_auc >= 0.7"),
      guardrails: [.goal(try Goal(parsing: "recall >= 0.1")), .goal(try Goal(parsing: "latency_p99_ms <= 5"))])
    let result = gate.evaluate(try evidence())
    #expect(result.passed, "\(result.refusals)")
    #expect(
      result.checks.map(\.name) == [
        "beats_baseline", "goal", "guardrail recall >= 0.1", "guardrail latency_p99_ms <= 5", "parity",
      ])
    #expect(result.json["passed"] == true)
    #expect(result.json["checks"]?[1]?.objectValue?.map(\.0) == ["name", "passed", "value", "limit", "why"])
  }

  @Test func shuffledTargetsDoNotBeatTheBaseline() throws {
    var passed: [String] = []
    for seed in 100..<160 {
      let problem = Problem.binary(400, signal: 0, seed: UInt64(seed))
      let constant = Predictions(.probabilities((0..<400).flatMap { _ in [0.65, 0.35] }, classes: ["no", "yes"]))
      let baseline = try Intervals.compare(
        AreaUnderROC(), problem.predictions, constant, problem.target, options: .init(replicateCount: 200))
      let evidence = GateEvidence(test: MetricReport([]), baseline: baseline, parityMismatchCount: 0)
      let check = Gate().evaluate(evidence).checks[0]
      if check.passed { passed.append("seed \(seed): \(check.why)") }
    }
    // Three standard errors: one in 740.
    #expect(passed.isEmpty, "\(passed)")
  }

  @Test func refusalNamesCheckValueAndLimit() throws {
    let gate = Gate(goal: try Goal(parsing: "roc_auc >= 0.99"))
    let result = gate.evaluate(try evidence())
    let check = try #require(result.checks.first { $0.name == "goal" })
    #expect(!result.passed && !check.passed && check.limit == 0.99)
    #expect(check.why.contains("misses the goal roc_auc >= 0.99") && check.why.contains("lower end"))
    #expect(result.refusals == [check.why])
  }

  @Test func theCautiousEndCountsUnlessPoint() throws {
    var evidence = try evidence()
    evidence.test = MetricReport([
      ("roc_auc", MetricValue(value: 0.86, low: 0.84, high: 0.88)),
      ("log_loss", MetricValue(value: 0.4, low: 0.38, high: 0.45)),
    ])
    let passes = { (goal: Goal) in Gate(goal: goal).evaluate(evidence).checks[1].passed }
    #expect(!passes(try Goal(parsing: "roc_auc >= 0.85")))
    #expect(passes(try Goal(parsing: "roc_auc >= 0.85", point: true)))
    #expect(!passes(try Goal(parsing: "log_loss <= 0.42")))
    #expect(passes(try Goal(parsing: "log_loss <= 0.45")))
  }

  @Test func whatWasNotMeasuredDoesNotPass() throws {
    let gate = Gate(
      goal: try Goal(parsing: "latency_p50_ms <= 1"),
      guardrails: [.fairness(try FairnessLimit(metric: .equalOpportunity, by: "sex", atMost: 0.1))])
    var evidence = GateEvidence(test: MetricReport([]), championName: "churn@3")
    let result = gate.evaluate(evidence)
    #expect(result.checks.count == 5 && result.checks.allSatisfy { !$0.passed })
    evidence.parityMismatchCount = 2
    #expect(gate.evaluate(evidence).checks.last?.why == "The archive differs from its golden rows in 2 rows, limit 0.")
    #expect(!GateResult(checks: []).passed)
  }

  @Test func challengerMustBeBetterAndProbablySo() throws {
    var evidence = try evidence()
    evidence.championName = "churn@3"
    let passes = { (comparison: PairedComparison) -> Bool in
      evidence.champion = comparison
      return Gate().evaluate(evidence).checks.first { $0.name == "beats_champion" }?.passed == true
    }
    #expect(passes(comparison(0.87, 0.86, doubt: 0.009)))
    #expect(!passes(comparison(0.87, 0.86, doubt: 0.02)))
    #expect(!passes(comparison(0.87, 0.86, doubt: 0.1)))
    #expect(!passes(comparison(0.861, 0.86, doubt: 0.4)))
    #expect(!passes(comparison(0.85, 0.86, doubt: 0.9)))
    #expect(!passes(comparison(0.86, 0.86, doubt: 0.5)))
    evidence.champion = comparison(0.85, 0.86, doubt: 0.9)
    #expect(Gate(mustBeatChampion: false).evaluate(evidence).passed)
  }

  @Test func aTamperedRecordIsRefused() throws {
    let result = Gate(goal: try Goal(parsing: "roc_auc >= 0.99")).evaluate(try evidence())
    var json = try Configuration.encode(result)
    #expect(try Configuration.decode(GateResult.self, from: json) == result)
    json["passed"] = true
    #expect(throws: MLError.self) { try Configuration.decode(GateResult.self, from: json) }
  }

  @Test(arguments: [
    ("roc_auc >= 0.85", "roc_auc", ">=", 0.85), ("rmse<=565", "rmse", "<=", 565),
    ("latency_p99_ms <= 5", "latency_p99_ms", "<=", 5), ("  f1>0.5 ", "f1", ">", 0.5),
    ("recall ≥ 85 %", "recall", ">=", 0.85),
    ("mape < 1e-1", "mape", "<", 0.1),
  ])
  func goalsAreRead(text: String, metric: String, sign: String, limit: Double) throws {
    let goal = try Goal(parsing: text)
    #expect(goal.metric == metric && goal.comparison.rawValue == sign && isClose(goal.limit, limit))
    #expect(try Goal(parsing: goal.description) == goal)
    #expect(try Configuration.decode(Goal.self, from: Configuration.encode(goal)) == goal)
  }

  @Test(arguments: [
    "", "roc_auc", "roc_auc 0.8", ">= 0.8", "roc_auc >= ", "roc_auc >= high", "roc_auc >= nan", "rocauc >= 1",
  ])
  func badGoalsAreRefused(text: String) {
    #expect {
      try Goal(parsing: text)
    } throws: { error in
      guard let error = error as? MLError else { return false }
      let isHelpful = error.hint != nil || text.contains("nan")
      return error.code == .invalidParameter && error.message.hasPrefix("goal") && isHelpful
    }
  }

  @Test func slipsOfThePenAreNoticed() throws {
    #expect(try Goal(parsing: "rmse >= 565").warning?.contains("did you mean 'rmse <= 565'") == true)
    #expect(try Goal(parsing: "roc_auc >= 85").warning?.contains("'roc_auc >= 0.85'") == true)
    #expect(try Goal(parsing: "roc_auc >= 0.85").warning == nil)
    #expect(try Goal(parsing: "latency_p99_ms <= 5").warning == nil)
  }
}
