import Basics
import Evaluation
import Modeling
import Testing

@Suite struct ConformalTests {
  private struct Numbers {
    var predictions: Predictions
    var target: Target
    var difficulty: [Double]

    init(_ count: Int, seed: UInt64) {
      var stream = Seed(seed).generator
      difficulty = (0..<count).map { _ in 0.3 + 2 * stream.uniform() }
      let predicted = (0..<count).map { _ in stream.normal() }
      predictions = Predictions(.values(predicted))
      target = .values(zip(predicted, difficulty).map { $0 + $1 * stream.normal() })
    }
  }

  /// Mean coverage over 20 draws of 1,000 calibration and 4,000 test rows.
  private func mean(_ body: (UInt64) throws -> Double?) throws -> Double {
    let shares = try (1...20).compactMap { try body(UInt64($0)) }
    #expect(shares.count == 20)
    return shares.reduce(0, +) / 20
  }

  @Test(arguments: [false, true]) func intervalsHoldWhatTheyPromise(normalised: Bool) throws {
    let coverage = try mean { seed in
      let (some, others) = (Numbers(1000, seed: seed), Numbers(4000, seed: seed + 1000))
      let fitted = try ConformalRegressor.fit(
        some.predictions, some.target, difficulty: normalised ? some.difficulty : nil)
      let ends = try fitted.intervals(others.predictions, difficulty: normalised ? others.difficulty : nil)
      return try ConformalReport.make(ends, others.target, nominal: 0.9)?.coverage.value
    }
    #expect(abs(coverage - 0.9) < 0.01, "\(coverage)")
  }

  @Test func quantilesAreWidenedOrNarrowedToFit() throws {
    let coverage = try mean { seed in
      let (some, others) = (Numbers(1000, seed: seed), Numbers(4000, seed: seed + 1000))
      let ends = [some, others].map { part in
        (0...1).map { side in
          zip(part.predictions.values ?? [], part.difficulty).map { $0 + (side == 0 ? -0.8 : 0.8) * $1 }
        }
      }
      let fitted = try ConformalRegressor.fit(low: ends[0][0], high: ends[0][1], some.target)
      #expect(fitted.reach > 0)
      return try ConformalReport.make(
        fitted.intervals(low: ends[1][0], high: ends[1][1]), others.target, nominal: 0.9)?.coverage.value
    }
    #expect(abs(coverage - 0.9) < 0.01, "\(coverage)")
  }

  @Test(arguments: ConformalClassifier.Method.allCases, [false, true])
  func setsHoldWhatTheyPromise(method: ConformalClassifier.Method, byClass: Bool) throws {
    let coverage = try mean { seed in
      let (some, others) = (Problem.multiclass(1000, seed: seed), Problem.multiclass(4000, seed: seed + 1000))
      let fitted = try ConformalClassifier.fit(
        some.predictions, some.target, method: method, byClass: byClass, rowKeys: some.keys)
      let sets = try fitted.sets(others.predictions, rowKeys: others.keys)
      let report = try ConformalReport.make(sets, others.target, classes: fitted.classes, nominal: 0.9)
      #expect((report?.size ?? 9) < 3 && report?.byClass.count == 3)
      return report?.coverage.value
    }
    #expect(abs(coverage - 0.9) < 0.01, "\(method) \(coverage)")
  }

  @Test func setsFollowTheKeyAndMayBeNonEmpty() throws {
    let problem = Problem.multiclass(400)
    let fitted = try ConformalClassifier.fit(
      problem.predictions, problem.target, coverage: 0.5, rowKeys: problem.keys)
    let sets = try fitted.sets(problem.predictions, rowKeys: problem.keys)
    let order = shuffled(400)
    let mixed = problem.gathered(order)
    #expect(try fitted.sets(mixed.predictions, rowKeys: mixed.keys) == order.map { sets[$0] })
    #expect(sets.contains { $0.isEmpty })
    #expect(try fitted.sets(problem.predictions, rowKeys: problem.keys, allowsEmpty: false).allSatisfy { !$0.isEmpty })
    #expect(try Configuration.decode(ConformalClassifier.self, from: Configuration.encode(fitted)) == fitted)
    #expect(throws: MLError.self) { try fitted.sets(Problem.binary(5).predictions) }
  }

  @Test func tooFewRowsAreRefusedInWords() throws {
    let few = Numbers(8, seed: 1)
    #expect {
      try ConformalRegressor.fit(few.predictions, few.target)
    } throws: { ($0 as? MLError)?.message.contains("needs 9 rows; got 8") == true }
    let nine = Numbers(9, seed: 1)
    #expect(try ConformalRegressor.fit(nine.predictions, nine.target).rowCount == 9)
    #expect(throws: MLError.self) { try ConformalRegressor.fit(nine.predictions, nine.target, coverage: 1) }
    let fitted = try ConformalRegressor.fit(nine.predictions, nine.target, difficulty: nine.difficulty)
    #expect(throws: MLError.self) { try fitted.intervals(nine.predictions) }
  }

  @Test func rowsOfNoWeightDoNotCount() throws {
    let whole = Problem.multiclass(600)
    let kept = (0..<600).filter { $0 % 3 != 0 }
    let weights = (0..<600).map { $0 % 3 == 0 ? 0.0 : 2.0 }
    let part = whole.gathered(kept)
    for byClass in [false, true] {
      let weighted = try ConformalClassifier.fit(
        whole.predictions, whole.target, byClass: byClass, weights: weights, rowKeys: whole.keys)
      let alone = try ConformalClassifier.fit(part.predictions, part.target, byClass: byClass, rowKeys: part.keys)
      #expect(weighted == alone)
    }
    let sets = try ConformalClassifier.fit(part.predictions, part.target, rowKeys: part.keys)
    let all = try #require(
      try ConformalReport.make(
        sets.sets(whole.predictions, rowKeys: whole.keys), whole.target, classes: sets.classes, nominal: 0.9,
        weights: weights))
    let few = try #require(
      try ConformalReport.make(
        sets.sets(part.predictions, rowKeys: part.keys), part.target, classes: sets.classes, nominal: 0.9))
    #expect(isClose(all.coverage.low, few.coverage.low) && isClose(all.size, few.size))
    #expect(zip(all.byClass, few.byClass).allSatisfy { isClose($0.coverage.high, $1.coverage.high) })

    let (numbers, fewer) = (Problem.numbers(600), Problem.numbers(600).gathered(kept))
    let reach = try ConformalRegressor.fit(numbers.predictions, numbers.target, weights: weights).reach
    #expect(try reach == ConformalRegressor.fit(fewer.predictions, fewer.target).reach)

    let curve = try #require(try RiskCoverage.make(whole.predictions, whole.target, weights: weights))
    let apart = try #require(try RiskCoverage.make(part.predictions, part.target))
    #expect(isClose(curve.area, apart.area))
    #expect(isClose(try #require(curve.points.last).risk.high, try #require(apart.points.last).risk.high))
  }

  @Test func whatAnArchiveKeepsGivesTheSameIntervalsAndSets() throws {
    let (numbers, classes) = (Problem.numbers(500), Problem.multiclass(500))
    let weights = (0..<500).map { Double($0 % 4) }
    for weights in [nil, weights] {
      let ends = try ConformalScores(numbers.predictions, numbers.target, weights: weights)
      let sets = try ConformalScores(classes.predictions, classes.target, weights: weights, rowKeys: classes.keys)
      for coverage in [0.05, 0.5, 0.9, 0.95, 0.991] {
        let direct = try ConformalRegressor.fit(
          numbers.predictions, numbers.target, coverage: coverage, weights: weights)
        #expect(try ends.regressor(coverage: coverage) == direct)
        let set = try ConformalClassifier.fit(
          classes.predictions, classes.target, coverage: coverage, weights: weights, rowKeys: classes.keys)
        #expect(try sets.classifier(coverage: coverage) == set)
      }
    }
    let kept = try ConformalScores(numbers.predictions, numbers.target)
    // Between two coverages of the grid the wider answer is given.
    #expect(try kept.regressor(coverage: 0.9012).reach == kept.regressor(coverage: 0.902).reach)
    #expect(try kept.regressor(coverage: 0.893).reach == kept.regressor(coverage: 0.9).reach)
    #expect(try kept == ConformalScores(rowCount: kept.rowCount, classes: [], limits: kept.limits))
    #expect(throws: MLError.self) { try kept.regressor(coverage: 0.999) }
    #expect(throws: MLError.self) { try kept.regressor(coverage: 1) }
    #expect(throws: MLError.self) { try kept.regressor(coverage: 0) }
    #expect(throws: MLError.self) { try kept.regressor(coverage: .nan) }
    #expect(throws: MLError.self) { try kept.classifier(coverage: 0.9) }
    #expect(throws: MLError.self) { try ConformalScores(rowCount: 2, classes: [], limits: [2, 1]) }
  }

  @Test func weightsMoveTheLimitToWhereTheyLie() throws {
    // Half of the rows are hard; when they count nine times as much, intervals must reach as far as they ask.
    var stream = Seed(12).generator
    let truth = (0..<2000).map { $0 % 2 == 0 ? stream.normal() : 10 * stream.normal() }
    let zeros = Predictions(.values([Double](repeating: 0, count: 2000)))
    let weights = (0..<2000).map { $0 % 2 == 0 ? 1.0 : 9.0 }
    let plain = try ConformalRegressor.fit(zeros, .values(truth))
    let weighted = try ConformalRegressor.fit(zeros, .values(truth), weights: weights)
    let held = truth.indices.reduce(0.0) { $0 + (abs(truth[$1]) <= weighted.reach ? weights[$1] : 0) }
    #expect(weighted.reach > plain.reach)
    #expect(abs(held / weights.reduce(0, +) - 0.9) < 0.005)
  }

  @Test func abstainingLowersTheRisk() throws {
    let problem = Problem.binary(2000, signal: 2)
    let curve = try #require(try RiskCoverage.make(problem.predictions, problem.target))
    let all = try #require(curve.points.last)
    let accuracy = try Accuracy().value(problem.predictions, problem.target, weights: nil)
    #expect(all.coverage == 1 && isClose(all.risk.value, accuracy.map { 1 - $0 }))
    #expect(curve.area < all.risk.value)
    let limit = all.risk.value * 0.8
    let chosen = try #require(curve.widest(riskAtMost: limit))
    #expect(chosen.risk.high <= limit && chosen.coverage > 0.1 && chosen.coverage < 1)
    #expect(try RiskCoverage.make(losses: [], confidence: []) == nil)
  }
}
