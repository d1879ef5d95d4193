import Basics
import Evaluation
import Frames
import Modeling
import Testing

@Suite struct SliceTests {
  /// Probabilities that are turned round in group "b".
  private func grouped(_ count: Int) throws -> (Frame, Problem) {
    let problem = Problem.binary(count, signal: 2.5)
    let groups = (0..<count).map { $0 % 4 == 0 ? "b" : $0 % 4 == 1 ? "c" : "a" }
    let values = (problem.predictions.probabilities(ofClass: 1) ?? []).enumerated().flatMap { row, p -> [Double] in
      groups[row] == "b" ? [p, 1 - p] : [1 - p, p]
    }
    let numbers = (0..<count).map { Double($0) }
    let frame = try Frame([
      ("group", Column(categories: groups.map { $0 })), ("noise", Column(numbers: numbers)),
      ("flag", Column(.boolean((0..<count).map { StableHash.mix(UInt64($0)) % 2 == 0 }))),
    ])
    let turned = Predictions(.probabilities(values, classes: ["no", "yes"]))
    return (frame, Problem(predictions: turned, target: problem.target, keys: problem.keys))
  }

  @Test func worstSliceLeads() throws {
    let (frame, problem) = try grouped(1200)
    let slices = try Slices.worst(AreaUnderROC(), frame, problem.predictions, problem.target, rowKeys: problem.keys)
    let first = try #require(slices.first)
    #expect(first.column == "group" && first.value == "b" && first.rows == 300)
    #expect(first.isClearlyWorse && first.shortfall > 0.2)
    #expect(slices.filter { $0.column == "noise" }.count == 4)
    #expect(!slices.contains { $0.column == "flag" && $0.isClearlyWorse })
    let few = try Slices.worst(
      AreaUnderROC(), frame, problem.predictions, problem.target, minimumCount: 301, excluding: ["flag", "noise"])
    #expect(few.map(\.value) == ["a"])
  }

  @Test func fairnessNamesTheGroupsApart() throws {
    let count = 2000
    // Group x: every positive is found; group y: half of them.
    let codes = (0..<count).map { Int32($0 / 2 % 2) }
    let decided = (0..<count).map { row in codes[row] == 1 && (row % 2 == 0 || row / 4 % 2 == 0) ? 0.9 : 0.1 }
    let predictions = Predictions(.probabilities(decided.flatMap { [1 - $0, $0] }, classes: ["no", "yes"]))
    let target = Target.classes(codes: codes, names: ["no", "yes"])
    var names: [String?] = (0..<count).map { $0 % 2 == 0 ? "x" : "y" }
    names[0] = nil
    let frame = try Frame([("side", Column(categories: names))])
    let report = try #require(try Fairness.evaluate(by: "side", frame, predictions, target))
    let gap = try #require(report.gap(.equalOpportunity))
    #expect(isClose(gap.value.value, 0.5, 0.01) && gap.lowest == "y" && gap.highest == "x")
    #expect(gap.value.low > 0.4 && gap.value.high < 0.6)
    #expect(isClose(report.gap(.demographicParity)?.value.value, 0.25, 0.01))
    #expect(isClose(report.gap(.equalizedOdds)?.value.value, gap.value.value))
    #expect(report.groups.map(\.group) == ["y", "x", "(missing)"])
    #expect(report.groups[0].falsePositiveRate?.value == 0)
    let limit = Guardrail.fairness(try FairnessLimit(metric: .equalOpportunity, by: "side", atMost: 0.1))
    let evidence = GateEvidence(
      test: MetricReport([]), needsBaseline: false, fairness: [report], parityMismatchCount: 0)
    let result = Gate(guardrails: [limit]).evaluate(evidence)
    #expect(result.refusals.count == 1)
    #expect(result.refusals[0].contains("between 'y' and 'x' of side, above the limit 0.1"))
    #expect(try Fairness.evaluate(by: "side", frame, Problem.numbers(count).predictions, target) == nil)
    #expect(throws: MLError.self) { try Fairness.evaluate(by: "sied", frame, predictions, target) }
    #expect(throws: MLError.self) { try FairnessMetric(named: "equal_oportunity") }
  }

  @Test func importanceFindsTheColumnThatCounts() throws {
    var stream = Seed(3).generator
    let signal = (0..<500).map { _ in stream.normal() }
    let noise = (0..<500).map { _ in stream.normal() }
    let frame = try Frame([("noise", Column(numbers: noise)), ("signal", Column(numbers: signal))])
    let target = Target.values(signal.map { 3 * $0 })
    let score: @Sendable (Frame) throws -> Predictions = { frame in
      Predictions(.values((try frame.column("signal").doubles ?? []).map { 3 * $0 }))
    }
    let result = try Importance.permutation(frame, target, metric: RootMeanSquaredError(), score: score)
    #expect(result.map(\.column) == ["signal", "noise"])
    #expect(result[0].loss.low > 3 && result[0].share == 1 && result[1].loss == MetricValue(value: 0))
    let parallel = try Importance.permutation(
      frame, target, metric: RootMeanSquaredError(), workers: Workers(count: 3), score: score)
    #expect(parallel == result)
    let keys = (0..<500).map { StableHash.mix(UInt64($0) + 3) }
    let order = shuffled(500)
    let straight = try Importance.permutation(
      frame, target, metric: RootMeanSquaredError(), rowKeys: keys, score: score)
    let mixed = try Importance.permutation(
      frame.gathered(order), target.gathered(order), metric: RootMeanSquaredError(), rowKeys: order.map { keys[$0] },
      score: score)
    #expect(isClose(straight[0].loss.value, mixed[0].loss.value))
  }
}
