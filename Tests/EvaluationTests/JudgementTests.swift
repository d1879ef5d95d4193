import Basics
import Evaluation
import Frames
import Modeling
import Testing

/// Calibration reports, threshold tables, slices, learning curves, robustness.
@Suite struct JudgementTests {
  @Test func betaCurveAgreesWithGolden() throws {
    let file = try #require(golden("evaluation/evaluation.json")["beta"])
    let p = file["probabilities"]?.doubles ?? []
    let curve = try #require(
      BetaCurve.fitted(
        p, p.map { 1 - $0 }, isPositive: (file["truth"]?.doubles ?? []).map { $0 == 1 }, weights: p.map { _ in 1 }))
    #expect(isClose(curve.a, file["a"]?.doubleValue, 1e-6) && isClose(curve.b, file["b"]?.doubleValue, 1e-6))
    #expect(isClose(curve.c, file["c"]?.doubleValue, 1e-6))
    #expect(throws: MLError.self) { try Configuration.decode(BetaCurve.self, from: ["a": -1, "b": 1, "c": 0]) }
  }

  @Test func betaIsChosenWhereASigmoidCannotBend() throws {
    var stream = Seed(3).generator
    var (codes, values): ([Int32], [Double]) = ([], [])
    for _ in 0..<4000 {
      let p = min(max(stream.uniform(), 1e-4), 1 - 1e-4)
      // True log-odds rise on the left end only.
      let truth = Mathematics.logistic(2.2 * Mathematics.log(p) - 0.2 * Mathematics.log(1 - p) + 1.2)
      codes.append(stream.uniform() < truth ? 1 : 0)
      values += [1 - p, p]
    }
    let predictions = Predictions(.probabilities(values, classes: ["no", "yes"]))
    let target = Target.classes(codes: codes, names: ["no", "yes"])
    let calibrator = try Calibration.fit(predictions, target)
    #expect(calibrator.name == "beta", "\(calibrator.name)")
    #expect(try Configuration.decode(Calibrator.self, from: Configuration.encode(calibrator)) == calibrator)
    let after = calibrator.applied(to: predictions)
    let report = try #require(try CalibrationReport.make(after, target, options: .init(replicateCount: 50)))
    #expect(report.expectedError.value < 0.03 && report.bias.low < 0 && report.bias.high > 0)
  }

  @Test func expectedCalibrationErrorAgreesWithGolden() throws {
    let file = try #require(golden("evaluation/evaluation.json")["calibration"])
    let p = file["probabilities"]?.doubles ?? []
    let predictions = Predictions(.probabilities(p.flatMap { [1 - $0, $0] }, classes: ["no", "yes"]))
    let target = Target.classes(codes: (file["truth"]?.doubles ?? []).map { Int32($0) }, names: ["no", "yes"])
    let report = try #require(try CalibrationReport.make(predictions, target, binning: .equalWidth))
    #expect(isClose(report.expectedError.value, file["equal_width"]?.doubleValue))
    #expect(report.expectedError.low < report.expectedError.high)
    let equal = try #require(try CalibrationReport.make(predictions, target))
    let curve = try ReliabilityCurve(predictions, target)
    #expect(equal.bins.count == 10 && isClose(equal.expectedError.value, curve.expectedError))
    #expect(equal.bins.allSatisfy { $0.observed.low <= $0.observed.value && $0.observed.value <= $0.observed.high })
  }

  @Test func thresholdTableAgreesWithMetrics() throws {
    let problem = Problem.binary(500)
    let costs = try DecisionCosts(falsePositive: 5, falseNegative: 60)
    let table = try ThresholdTable.make(
      problem.predictions, problem.target, rowKeys: problem.keys, thresholds: [0.5, 0.1, 2], costs: costs)
    #expect(table.rows.map(\.threshold) == [0.1, 0.5, 2])
    for row in table.rows.prefix(2) {
      let decided = DecisionThreshold(probability: row.threshold, reason: .costs).applied(to: problem.predictions)
      #expect(isClose(row.precision?.value, try Precision().value(decided, problem.target, weights: nil)))
      #expect(isClose(row.recall?.value, try Recall().value(decided, problem.target, weights: nil)))
      #expect(isClose(row.f1?.value, try F1().value(decided, problem.target, weights: nil)))
      #expect((row.cost?.low ?? 1) < (row.cost?.high ?? 0) && row.flagged.low < row.flagged.high)
    }
    #expect(table.rows[2].precision == nil && table.rows[2].flagged.value == 0 && table.cheapest?.threshold == 0.1)
    #expect(throws: MLError.self) {
      try ThresholdTable.make(Problem.multiclass(9).predictions, Problem.multiclass(9).target)
    }
  }

  private func sliced(_ count: Int, hard: Bool) throws -> (Frame, Predictions, Target) {
    var stream = Seed(5).generator
    var (codes, values): ([Int32], [Double]) = ([], [])
    var (city, plan, x): ([String?], [String?], [Double]) = ([], [], [])
    for _ in 0..<count {
      city.append(["a", "b", "c", "d"][stream.index(below: 4)])
      plan.append(["p", "q", "r"][stream.index(below: 3)])
      x.append(stream.normal())
      let isHard = hard && city.last == "b" && plan.last == "q"
      let isPositive = stream.uniform() < 0.5
      let right = stream.uniform() < (isHard ? 0.5 : 0.85)
      codes.append(isPositive ? 1 : 0)
      let p = isPositive == right ? 0.8 : 0.2
      values += [1 - p, p]
    }
    let frame = try Frame([
      ("city", Column(categories: city)), ("plan", Column(categories: plan)), ("x", Column(numbers: x)),
    ])
    return (
      frame, Predictions(.probabilities(values, classes: ["no", "yes"])), .classes(codes: codes, names: ["no", "yes"])
    )
  }

  @Test func theSliceThatIsHardIsFoundAndNoOther() throws {
    let (frame, predictions, target) = try sliced(4000, hard: true)
    let found = try SliceFinder().find(frame, predictions, target, metric: Accuracy())
    let first = try #require(found.first)
    #expect(Set(first.conditions.map(\.column)) == ["city", "plan"])
    #expect(Set(first.conditions.map(\.value)) == ["b", "q"])
    #expect((first.metric?.value ?? 1) < 0.6 && first.effect.low > 0 && first.chance < 1e-6)
    #expect(found.allSatisfy { slice in slice.conditions.contains { ["b", "q"].contains($0.value) } })
    let (calm, same, truth) = try sliced(4000, hard: false)
    #expect(try SliceFinder().find(calm, same, truth).isEmpty)
    var finder = SliceFinder()
    finder.excluding = ["city", "plan"]
    #expect(try finder.find(frame, predictions, target).isEmpty)
  }

  /// A row of weight 3 is three rows; rows of weight 0 are not there.
  @Test func weightsCountInSlices() throws {
    let (frame, predictions, target) = try sliced(2000, hard: true)
    let weights = (0..<2000).map { $0 < 1500 ? 1.0 : 0 }
    let without = try SliceFinder().find(
      frame, predictions, target, metric: Accuracy(), weights: weights, options: BootstrapOptions(replicateCount: 20))
    let rows = Array(0..<1500)
    let plain = try SliceFinder().find(
      frame.gathered(rows), predictions.gathered(rows), target.gathered(rows), metric: Accuracy(),
      options: BootstrapOptions(replicateCount: 20))
    #expect(!plain.isEmpty && without.map(\.conditions) == plain.map(\.conditions))
    for (a, b) in zip(without, plain) {
      #expect(abs(a.effect.value - b.effect.value) < 1e-12 && abs(a.effect.low - b.effect.low) < 1e-9)
      #expect(a.metric?.value == b.metric?.value)
    }
    let heavy = (0..<2000).map { 1 + Double($0 % 3) }
    let weighted = try #require(
      SliceFinder().find(frame, predictions, target, weights: heavy).first { $0.conditions.count == 2 })
    let tripled = (0..<2000).flatMap { [Int](repeating: $0, count: 1 + $0 % 3) }
    let repeated = try #require(
      SliceFinder().find(frame.gathered(tripled), predictions.gathered(tripled), target.gathered(tripled))
        .first { $0.conditions == weighted.conditions })
    #expect(abs(weighted.effect.value - repeated.effect.value) < 1e-12)
    #expect(weighted.effect.high - weighted.effect.low > 1.1 * (repeated.effect.high - repeated.effect.low))
  }

  @Test func lossesOfSlicesUnderANewModelAreSeen() throws {
    let (frame, champion, target) = try sliced(4000, hard: false)
    let (_, challenger, truth) = try sliced(4000, hard: true)
    #expect(truth == target)
    let compared = try SliceRegression.compare(Accuracy(), challenger, champion, target, frame: frame)
    // The whole has become worse too; the two values whose meeting is hard have lost most.
    let worst = compared.filter(\.isRegression).sorted {
      $0.comparison.improvement < $1.comparison.improvement
    }
    #expect(Set(worst.prefix(2).map(\.value)) == ["b", "q"])
    let same = try SliceRegression.compare(Accuracy(), champion, champion, target, frame: frame)
    #expect(!same.isEmpty && !same.contains(where: \.isRegression))
  }

  @Test func learningCurvesTellRisingFromFlat() throws {
    let sizes = LearningCurve.sizes(rowCount: 3200)
    #expect(sizes.first == 50 && sizes.last == 3200 && sizes.count == 6)
    let rising = LearningCurve.judge(
      AreaUnderROC(), sizes.map { .init(rows: $0, value: 0.9 - Mathematics.pow(Double($0), -0.4), error: 0.001) })
    #expect(rising.verdict == .helps && abs((rising.ceiling ?? 0) - 0.9) < 0.02, "\(rising.sentence)")
    let expected = Mathematics.pow(3200, -0.4) - Mathematics.pow(6400, -0.4)
    #expect(abs((rising.gain?.value ?? 0) - expected) < 0.002)
    let flat = LearningCurve.judge(
      RootMeanSquaredError(), sizes.map { .init(rows: $0, value: 5 + 40 / Double($0), error: 0.005) })
    #expect(flat.verdict == .flat, "\(flat.sentence)")
    #expect(LearningCurve.judge(LogLoss(), [.init(rows: 10, value: 1)]).verdict == .tooFew)
    let keys = (0..<400).map { StableHash.mix(UInt64($0)) }
    var seen: [[Int]] = []
    let measured = try LearningCurve.measure(
      RootMeanSquaredError(), rowKeys: keys, sizes: [50, 100, 200, 400], rounds: 2
    ) { rows, _ in
      seen.append(rows)
      return 1 / Double(rows.count)
    }
    #expect(Set(seen[0]).isSubset(of: seen[1]) && Set(seen[4]) != Set(seen[0]) && measured.points.count == 4)
  }

  @Test func robustnessNamesTheColumnThatMatters() throws {
    var stream = Seed(6).generator
    let x = (0..<600).map { _ in stream.normal() }
    let frame = try Frame([("x", Column(numbers: x)), ("spare", Column(numbers: x.map { -$0 * $0 }))])
    let target = Target.values(x.map { 3 * $0 })
    let score: (Frame) throws -> Predictions = { frame in
      Predictions(.values((try frame.column("x").doubles ?? []).map { $0.isNaN ? 0 : 3 * $0 }))
    }
    let report = try #require(
      try Robustness.evaluate(frame, target, metric: RootMeanSquaredError(), score: score))
    let losses = Dictionary(
      grouping: report.entries, by: { "\($0.disturbance.kind) \($0.disturbance.amount ?? 0) \($0.column ?? "")" }
    ).compactMapValues { $0.first?.loss }
    #expect(report.baseline == 0 && report.entries.count == 8)
    #expect(abs((losses["noise 0.5 "]?.value ?? 0) - 1.5) < 0.15)
    #expect(abs((losses["absent-column 0.0 x"]?.value ?? 0) - 3) < 0.3)
    #expect(losses["absent-column 0.0 spare"]?.value == 0 && losses["permuted-column 0.0 spare"]?.value == 0)
    #expect((losses["missing 0.1 "]?.low ?? 0) > 0)
  }
}
