import Basics
import Evaluation
import Modeling
import Testing

@Suite struct IntervalTests {
  @Test func sameForAnyThreadCountAndRowOrder() throws {
    let problem = Problem.binary(400)
    let serial = try Intervals.evaluateAll(
      problem.predictions, problem.target, rowKeys: problem.keys, options: .init(replicateCount: 100, seed: Seed(4)))
    let parallel = try Intervals.evaluateAll(
      problem.predictions, problem.target, rowKeys: problem.keys,
      options: .init(replicateCount: 100, seed: Seed(4), workers: Workers(count: 4)))
    #expect(serial == parallel)
    #expect(serial.entries.count == 11)
    let mixed = problem.gathered(shuffled(400))
    let reordered = try Intervals.evaluateAll(
      mixed.predictions, mixed.target, rowKeys: mixed.keys, options: .init(replicateCount: 100, seed: Seed(4)))
    for entry in serial.entries {
      let other = try #require(reordered[entry.name])
      #expect(isClose(entry.value.low, other.low) && isClose(entry.value.high, other.high), "\(entry.name)")
      #expect(entry.value.low <= entry.value.value && entry.value.value <= entry.value.high)
    }
    let reseeded = try Intervals.evaluateAll(
      problem.predictions, problem.target, rowKeys: problem.keys, options: .init(replicateCount: 100, seed: Seed(5)))
    #expect(reseeded != serial)
  }

  @Test func repeatedKeysAreDrawnApart() throws {
    // One key for all rows would make every replicate all or nothing.
    let problem = Problem.binary(300)
    let keys = [UInt64](repeating: 7, count: 300)
    let same = try #require(try Intervals.evaluate(Accuracy(), problem.predictions, problem.target, rowKeys: keys))
    #expect(same.high - same.low > 0.05 && same.high - same.low < 0.2)
  }

  @Test func coversTheTruthAboutAsOftenAsItSays() throws {
    // Mean absolute error of N(0, 1) errors is √(2/π); 200 tables of 100 rows.
    let truth = (2 / Double.pi).squareRoot()
    var covered = 0
    for round in 0..<200 {
      let problem = Problem.numbers(100, noise: 1, seed: UInt64(1000 + round))
      let value = try #require(
        try Intervals.evaluate(
          MeanAbsoluteError(), problem.predictions, problem.target,
          options: .init(replicateCount: 200, seed: Seed(UInt64(round)))))
      if value.low <= truth, truth <= value.high { covered += 1 }
    }
    #expect((178...200).contains(covered), "covered \(covered) of 200")
  }

  @Test func widthShrinksWithTheRootOfTheRows() throws {
    let width = { (count: Int) throws -> Double in
      let problem = Problem.binary(count)
      let value = try #require(try Intervals.evaluate(AreaUnderROC(), problem.predictions, problem.target))
      return value.high - value.low
    }
    let ratio = try width(400) / width(6400)
    #expect(ratio > 3 && ratio < 5.5, "\(ratio)")
  }

  @Test func aPerfectScoreOnFewRowsIsNotCertain() throws {
    let predictions = Predictions(
      .probabilities((0..<40).flatMap { $0 % 2 == 0 ? [0.9, 0.1] : [0.1, 0.9] }, classes: ["no", "yes"]))
    let target = Target.classes(codes: (0..<40).map { Int32($0 % 2) }, names: ["no", "yes"])
    let report = try Intervals.evaluateAll(predictions, target)
    let accuracy = try #require(report["accuracy"])
    #expect(accuracy.value == 1 && isClose(accuracy.low, Mathematics.pow(0.025, 1 / 40.0)))
    let recall = try #require(report["recall"])
    #expect(isClose(recall.low, Mathematics.pow(0.025, 1 / 20.0)))
  }

  @Test func rowsOfAGroupAreOnePieceOfEvidence() throws {
    // Every row ten times over: as much evidence as once, if the copies are drawn together.
    let once = Problem.binary(200)
    let copies = once.gathered((0..<2000).map { $0 % 200 })
    let together = BootstrapOptions(seed: Seed(3), keepsEqualKeysTogether: true)
    for metric in [AreaUnderROC(), Accuracy(), LogLoss()] as [any Metric] {
      let single = try #require(
        try Intervals.evaluate(metric, once.predictions, once.target, rowKeys: once.keys, options: together))
      let grouped = try #require(
        try Intervals.evaluate(metric, copies.predictions, copies.target, rowKeys: copies.keys, options: together))
      let apart = try #require(
        try Intervals.evaluate(metric, copies.predictions, copies.target, rowKeys: copies.keys))
      #expect(isClose(grouped.low, single.low) && isClose(grouped.high, single.high), "\(metric.name)")
      let ratio = (grouped.high - grouped.low) / (apart.high - apart.low)
      #expect(ratio > 2.4 && ratio < 4.2, "\(metric.name): √10 is 3.2; got \(ratio)")
    }
    let shifted = Predictions(
      .probabilities(
        (once.predictions.probabilities(ofClass: 1) ?? []).enumerated().flatMap { row, p -> [Double] in
          let q = min(0.99, max(0.01, p + (row % 3 == 0 ? 0.2 : -0.08)))
          return [1 - q, q]
        }, classes: ["no", "yes"]))
    let other = Problem(predictions: shifted, target: once.target, keys: once.keys)
      .gathered((0..<2000).map { $0 % 200 })
    let width = { (options: BootstrapOptions) throws -> Double in
      let found = try #require(
        try Intervals.compare(
          AreaUnderROC(), copies.predictions, other.predictions, copies.target, rowKeys: copies.keys, options: options))
      return found.high - found.low
    }
    #expect(try width(together) > 2.4 * width(BootstrapOptions(seed: Seed(3))))
  }

  @Test func aPerfectScoreOnFewGroupsIsLessCertain() throws {
    let predictions = Predictions(
      .probabilities((0..<40).flatMap { $0 % 2 == 0 ? [0.9, 0.1] : [0.1, 0.9] }, classes: ["no", "yes"]))
    let target = Target.classes(codes: (0..<40).map { Int32($0 % 2) }, names: ["no", "yes"])
    let report = try Intervals.evaluateAll(
      predictions, target, rowKeys: (0..<40).map { UInt64($0 / 8) },
      options: BootstrapOptions(keepsEqualKeysTogether: true))
    #expect(isClose(try #require(report["accuracy"]).low, Mathematics.pow(0.025, 1 / 5.0)))
  }

  @Test func reportsTravelAsJSON() throws {
    let problem = Problem.binary(100)
    let report = try Intervals.evaluateAll(problem.predictions, problem.target, options: .init(replicateCount: 50))
    let json = try Configuration.encode(report)
    #expect(try Configuration.decode(MetricReport.self, from: json) == report)
    #expect(report.json["roc_auc"]?["low"]?.doubleValue == report["roc_auc"]?.low)
  }

  @Test func pairingSeesWhatSeparateIntervalsHide() throws {
    let better = Problem.binary(1500, signal: 1.5)
    // The same scores with a little noise: a slightly worse model.
    var stream = Seed(9).generator
    let noisy = (better.predictions.probabilities(ofClass: 1) ?? []).flatMap { p -> [Double] in
      let q = Mathematics.logistic(Mathematics.log(p / (1 - p)) + 0.5 * stream.normal())
      return [1 - q, q]
    }
    let worse = Predictions(.probabilities(noisy, classes: ["no", "yes"]))
    let first = try #require(try Intervals.evaluate(AreaUnderROC(), better.predictions, better.target))
    let second = try #require(try Intervals.evaluate(AreaUnderROC(), worse, better.target))
    let paired = try #require(try Intervals.compare(AreaUnderROC(), better.predictions, worse, better.target))
    #expect(paired.verdict == .better && paired.improvement > 0 && paired.probabilityNotBetter < 0.05)
    #expect(second.high > first.low, "separate intervals overlap")
    let loss = try #require(try Intervals.compare(LogLoss(), better.predictions, worse, better.target))
    #expect(loss.difference < 0 && loss.improvement > 0)
    let same = try #require(
      try Intervals.compare(AreaUnderROC(), better.predictions, better.predictions, better.target))
    #expect(same.verdict == .undecided && same.difference == 0 && same.probabilityNotBetter == 0.5)
  }
}
