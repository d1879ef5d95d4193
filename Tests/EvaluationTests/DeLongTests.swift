import Basics
import Evaluation
import Modeling
import Testing

@Suite struct DeLongTests {
  private func predictions(_ scores: [Double]) -> Predictions {
    Predictions(.probabilities(scores.flatMap { [1 - $0, $0] }, classes: ["no", "yes"]))
  }

  @Test func agreesWithTheDefinition() throws {
    for problem in try golden("evaluation/evaluation.json")["delong"]?.arrayValue ?? [] {
      let target = Target.classes(codes: (problem["truth"]?.doubles ?? []).map { Int32($0) }, names: ["no", "yes"])
      let (a, b) = (predictions(problem["a"]?.doubles ?? []), predictions(problem["b"]?.doubles ?? []))
      let area = try #require(try DeLong.interval(a, target))
      #expect(isClose(area.value, problem["area_a"]?.doubleValue))
      #expect(isClose(area.low, problem["low_a"]?.doubleValue) && isClose(area.high, problem["high_a"]?.doubleValue))
      let pair = try #require(try DeLong.compare(a, b, target))
      #expect(isClose(pair.b, problem["area_b"]?.doubleValue))
      #expect(isClose(pair.low, problem["low"]?.doubleValue) && isClose(pair.high, problem["high"]?.doubleValue))
      #expect(isClose(pair.probabilityNotBetter, problem["doubt"]?.doubleValue))
      let back = try #require(try DeLong.compare(b, a, target))
      #expect(isClose(back.probabilityNotBetter, 1 - pair.probabilityNotBetter))
    }
  }

  @Test func distributionsAgreeWithGolden() throws {
    let file = try #require(golden("evaluation/evaluation.json")["distributions"])
    for row in file["normal"]?.arrayValue?.map(\.doubles) ?? [] {
      #expect(isClose(Distributions.normalQuantile(row[0]), row[1], 1e-12), "\(row)")
      #expect(isClose(Distributions.normal(row[1]), row[0], 1e-14), "\(row)")
    }
    for row in file["student"]?.arrayValue?.map(\.doubles) ?? [] {
      #expect(isClose(Distributions.student(row[0], freedom: row[1]), row[2], 1e-12), "\(row)")
    }
    for row in file["student_quantile"]?.arrayValue?.map(\.doubles) ?? [] {
      #expect(isClose(Distributions.studentQuantile(row[0], freedom: row[1]), row[2], 1e-10), "\(row)")
    }
    for row in file["beta"]?.arrayValue?.map(\.doubles) ?? [] {
      #expect(isClose(Distributions.incompleteBeta(row[0], row[1], row[2]), row[3], 1e-12), "\(row)")
    }
    for row in file["wilson"]?.arrayValue?.map(\.doubles) ?? [] {
      let interval = try #require(Distributions.wilson(hits: row[0], total: row[1]))
      #expect(isClose(interval.low, row[2]) && isClose(interval.high, row[3]), "\(row)")
    }
    let hochberg = file["hochberg"]?.arrayValue?.map(\.doubles) ?? []
    for (a, b) in zip(Distributions.benjaminiHochberg(hochberg[0]), hochberg[1]) { #expect(isClose(a, b)) }
  }

  @Test func comparisonsUseItWhereItServes() throws {
    let (first, second) = (Problem.binary(400, signal: 2), Problem.binary(400, signal: 1))
    let pair = try #require(try Intervals.compare(AreaUnderROC(), first.predictions, second.predictions, first.target))
    #expect(pair.method == .delong && pair.json["method"]?.stringValue == "delong")
    let other = try Intervals.compare(LogLoss(), first.predictions, second.predictions, first.target)
    #expect(other?.method == .bootstrap)
    let few = Problem.binary(20, positives: 0.2)
    #expect(try Intervals.compare(AreaUnderROC(), few.predictions, few.predictions, few.target)?.method != .delong)
    let report = try Intervals.evaluateAll(first.predictions, first.target)
    let exact = try #require(try DeLong.interval(first.predictions, first.target))
    #expect(report["roc_auc"]?.low == exact.low && report["roc_auc"]?.high == exact.high)
    #expect(isClose(report["roc_auc"]?.value, exact.value))
    let old = try Configuration.encode(pair)
    var without = old
    without["method"] = nil
    #expect(try Configuration.decode(PairedComparison.self, from: without).method == nil)
  }

  @Test func agreesWithTheBootstrapAndHeedsWeights() throws {
    let problem = Problem.binary(600)
    let exact = try #require(try DeLong.interval(problem.predictions, problem.target))
    let weights = (0..<600).map { $0 % 3 == 0 ? 0.0 : 2.0 }
    let kept = problem.gathered((0..<600).filter { $0 % 3 != 0 })
    let weighted = try #require(try DeLong.interval(problem.predictions, problem.target, weights: weights))
    let alone = try #require(try DeLong.interval(kept.predictions, kept.target))
    #expect(isClose(weighted.low, alone.low) && isClose(weighted.high, alone.high))
    #expect(weighted.high - weighted.low > exact.high - exact.low)
    #expect(throws: MLError.self) {
      try DeLong.interval(Problem.multiclass(30).predictions, Problem.multiclass(30).target)
    }
  }
}
