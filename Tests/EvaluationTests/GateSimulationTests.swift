import Basics
import Evaluation
import Modeling
import Testing

/// How often the gate promotes, over simulated pairs of models.
@Suite struct GateSimulationTests {
  /// Promotions of 200 challengers: scores share most of their noise, as models of one training set do.
  private func promotions(champion: Double, challenger: Double, rows: Int, seed: UInt64) throws -> Int {
    var promoted = 0
    for trial in 0..<200 {
      var stream = Seed(seed).derived(trial).generator
      var codes: [Int32] = []
      var scores: [[Double]] = [[], []]
      for _ in 0..<rows {
        let isPositive = stream.uniform() < 0.3
        let shared = stream.normal()
        codes.append(isPositive ? 1 : 0)
        for (index, shift) in [challenger, champion].enumerated() {
          let noise = 0.9.squareRoot() * shared + 0.1.squareRoot() * stream.normal()
          let p = Mathematics.logistic((isPositive ? shift : 0) + noise - 1)
          scores[index] += [1 - p, p]
        }
      }
      let made = scores.map { Predictions(.probabilities($0, classes: ["no", "yes"])) }
      let pair = try Intervals.compare(
        AreaUnderROC(), made[0], made[1], .classes(codes: codes, names: ["no", "yes"]))
      var evidence = GateEvidence(test: MetricReport([]), champion: pair, championName: "churn@1")
      evidence.needsBaseline = false
      let check = Gate().evaluate(evidence).checks.first { $0.name == "beats_champion" }
      if check?.passed == true { promoted += 1 }
    }
    return promoted
  }

  @Test func theSameRecipeIsRarelyPromoted() throws {
    // 1.5 % are expected; more than 10 of 200 (5 %) would come by chance once in four thousand times.
    let count = try promotions(champion: 1.19, challenger: 1.19, rows: 1000, seed: 1)
    #expect(count <= 10, "\(count)")
  }

  @Test func aBetterModelIsPromoted() throws {
    // Areas 0.800 and 0.810: Φ(d / √2).
    let count = try promotions(champion: 1.1902, challenger: 1.2415, rows: 5000, seed: 2)
    #expect(count >= 160, "\(count)")
  }

  private func evidence() throws -> GateEvidence {
    var evidence = GateEvidence(test: MetricReport([]), championName: "churn@1", parityMismatchCount: 0)
    evidence.needsBaseline = false
    return evidence
  }

  @Test func furtherChecksAreMadeWhenAskedFor() throws {
    var gate = Gate(mustBeatChampion: false)
    #expect(gate.evaluate(try evidence()).checks.map(\.name) == ["parity"])
    gate.guardsSlices = true
    gate.calibrationLimit = 0.05
    gate.requiresLinter = true
    var evidence = try evidence()
    let lacking = gate.evaluate(evidence)
    #expect(lacking.checks.map(\.name) == ["no_slice_regression", "calibration", "linter", "parity"])
    #expect(lacking.checks.dropLast().allSatisfy { !$0.passed && $0.value == nil })
    evidence.slices = []
    evidence.calibrationError = MetricValue(value: 0.03, low: 0.02, high: 0.06)
    evidence.linterFindings = [Finding("constant", .warning, "A column is constant.")]
    #expect(gate.evaluate(evidence).passed)
    evidence.linterFindings?.append(Finding("leakage", .critical, "A column knows the target."))
    evidence.calibrationError = MetricValue(value: 0.07)
    let refused = gate.evaluate(evidence)
    #expect(refused.refusals.count == 2 && refused.refusals[1].contains("A column knows the target."))
    #expect(try Configuration.decode(Gate.self, from: Configuration.encode(gate)) == gate)
    let old: JSONValue = ["guardrails": [], "must_beat_champion": true]
    #expect(try Configuration.decode(Gate.self, from: old) == Gate())
  }

  @Test func overridesAreNamedAndStay() throws {
    var result = Gate().evaluate(try evidence())
    #expect(!result.passed && !result.isAdmitted && result.json["override"] == nil)
    result.override = try GateOverride(by: "ana", reason: "the champion leaks")
    #expect(!result.passed && result.isAdmitted)
    #expect(result.json["override"]?["reason"]?.stringValue == "the champion leaks")
    #expect(try Configuration.decode(GateResult.self, from: Configuration.encode(result)) == result)
    #expect(throws: MLError.self) { try GateOverride(by: " ", reason: "x") }
    #expect(throws: MLError.self) { try Configuration.decode(GateOverride.self, from: ["by": "ana", "reason": ""]) }
  }
}

@Suite struct GateServiceTests {
  private func evidence() -> GateEvidence {
    GateEvidence(test: MetricReport([]), needsBaseline: false, parityMismatchCount: 0)
  }

  @Test func latencyAndSizeAreShownAndLimited() throws {
    var gate = Gate()
    gate.showsMeasurements = true
    var evidence = evidence()
    evidence.measurements = ["latency_p99_ms": 4, "size_bytes": 2000]
    let shown = gate.evaluate(evidence)
    #expect(shown.passed && shown.checks.map(\.name) == ["latency", "size", "parity"])
    #expect(shown.checks[0].value == 4 && shown.checks[0].limit == nil)
    (gate.latencyLimit, gate.sizeLimit) = (3, 2000)
    let limited = gate.evaluate(evidence)
    #expect(limited.checks.map(\.passed) == [false, true, true])
    #expect(limited.refusals[0].contains("above the limit 3 ms"))
    evidence.measurements = [:]
    #expect(
      gate.evaluate(evidence).checks.map(\.passed) == [false, false, true], "what was not measured does not pass")
    #expect(try Configuration.decode(Gate.self, from: Configuration.encode(gate)) == gate)
  }

  @Test func theContractMustHaveBeenTriedOut() {
    var gate = Gate()
    gate.requiresContract = true
    var evidence = evidence()
    #expect(!gate.evaluate(evidence).passed)
    evidence.contractProblems = []
    #expect(gate.evaluate(evidence).passed)
    evidence.contractProblems = ["The archive asks for 'ssn'.", "And more."]
    let check = gate.evaluate(evidence).checks[0]
    #expect(!check.passed && check.value == 2 && check.why.contains("ssn"))
  }

  /// Perfect probabilities keep to what chance explains; bent ones do not keep to the tolerance beyond it.
  @Test(arguments: [60, 400, 4000]) func chanceIsAllowedForAndNothingElse(count: Int) throws {
    var gate = Gate()
    gate.calibrationTolerance = 0.02
    var (perfect, bent) = (0, 0)
    for seed in 0..<100 {
      var random = RandomStream(Seed(UInt64(seed)))
      let shown = (0..<count).map { _ in random.uniform() }
      let truth = shown.map { random.uniform() < $0 ? Int32(1) : 0 }
      let target = Target.classes(codes: truth, names: ["no", "yes"])
      for isBent in [false, true] {
        let given = shown.map { isBent ? ($0 > 0.5 ? 0.999 : 0.001) : $0 }
        let predictions = Predictions(.probabilities(given.flatMap { [1 - $0, $0] }, classes: ["no", "yes"]))
        let report = try #require(
          try CalibrationReport.make(predictions, target, options: BootstrapOptions(replicateCount: 0)))
        var evidence = evidence()
        evidence.calibrationError = report.expectedError
        evidence.calibrationChance = report.chanceError
        let passed = gate.evaluate(evidence).checks[0].passed
        if isBent { bent += passed ? 1 : 0 } else { perfect += passed ? 1 : 0 }
      }
    }
    #expect(perfect >= 99)
    #expect(bent == 0)
  }
}
