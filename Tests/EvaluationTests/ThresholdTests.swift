import Basics
import Evaluation
import Modeling
import Testing

@Suite struct ThresholdTests {
  @Test func costsSetTheThreshold() throws {
    // Calibrated probabilities: the ideal threshold is near the best.
    var stream = Seed(5).generator
    var codes: [Int32] = []
    var values: [Double] = []
    for _ in 0..<4000 {
      let p = Mathematics.logistic(1.5 * stream.normal() - 1)
      codes.append(stream.uniform() < p ? 1 : 0)
      values += [1 - p, p]
    }
    let predictions = Predictions(.probabilities(values, classes: ["no", "yes"]))
    let target = Target.classes(codes: codes, names: ["no", "yes"])
    let costs = try DecisionCosts(falsePositive: 5, falseNegative: 60)
    #expect(isClose(costs.idealThreshold, 5.0 / 65))
    let threshold = try Threshold.choose(predictions, target, costs: costs)
    #expect(threshold.reason == .costs && abs(threshold.probability - 5.0 / 65) < 0.05)
    let cost = { (p: Predictions) throws -> Double in
      let matrix = try Curves.confusion(p, target)
      return matrix[0, 1] * 5 + matrix[1, 0] * 60
    }
    #expect(try cost(threshold.applied(to: predictions)) < cost(predictions) * 0.8)
    let curve = try ThresholdCurve(predictions, target).costs(costs)
    #expect(curve.count == 200)
    let least = try #require(curve.min { $0.cost < $1.cost })
    #expect(isClose(try cost(threshold.applied(to: predictions)) / 4000, least.cost, 0.03))
    #expect(throws: MLError.self) { try DecisionCosts(falsePositive: -1, falseNegative: 1) }
    #expect(throws: MLError.self) { try DecisionCosts(falsePositive: 0, falseNegative: 0) }
  }

  @Test func guardrailsMoveItOnlyWhenTheyMust() throws {
    let problem = Problem.binary(2000, signal: 1, positives: 0.2)
    #expect(try Threshold.choose(problem.predictions, problem.target) == .largestProbability)
    let easy = try Threshold.choose(
      problem.predictions, problem.target, guardrails: [try Goal(parsing: "recall >= 0.05")])
    #expect(easy == .largestProbability)
    let recall = try Goal(parsing: "recall >= 0.8")
    let moved = try Threshold.choose(problem.predictions, problem.target, guardrails: [recall])
    #expect(moved.reason == .guardrail && moved.probability < 0.5 && moved.unmet.isEmpty)
    let reached = try #require(
      try Recall().value(moved.applied(to: problem.predictions), problem.target, weights: nil))
    #expect(reached >= 0.8 && reached < 0.85)
    let both = try Threshold.choose(
      problem.predictions, problem.target, guardrails: [recall, try Goal(parsing: "precision >= 0.95")])
    #expect(both.reason == .largestProbability && both.unmet.count >= 1)
  }

  @Test func aimsAreReached() throws {
    let problem = Problem.binary(500, signal: 1, positives: 0.15)
    let f1 = try Threshold.choose(problem.predictions, problem.target, aim: .f1)
    let value = { (t: DecisionThreshold) throws -> Double in
      try #require(try F1().value(t.applied(to: problem.predictions), problem.target, weights: nil))
    }
    for share in stride(from: 0.05, to: 0.95, by: 0.05) {
      let other = DecisionThreshold(probability: share, reason: .f1)
      let reached = try F1().value(other.applied(to: problem.predictions), problem.target, weights: nil) ?? 0
      #expect(try value(f1) >= reached)
    }
    #expect(try Threshold.choose(problem.predictions, problem.target, aim: .balanced).probability < 0.5)
    let multiclass = Problem.multiclass(50)
    #expect(try Threshold.choose(multiclass.predictions, multiclass.target, aim: .f1) == .largestProbability)
  }

  @Test func curvesAgreeWithGoldenAndMetrics() throws {
    let problem = try #require(try golden("metrics/metrics.json")["binary"]?[0])
    let predictions = Predictions(.probabilities(problem["probabilities"]?.doubles ?? [], classes: ["no", "yes"]))
    let target = Target.classes(codes: (problem["truth"]?.doubles ?? []).map { Int32($0) }, names: ["no", "yes"])
    let curve = try Curves.roc(predictions, target)
    let (x, y) = (problem["roc_x"]?.doubles ?? [], problem["roc_y"]?.doubles ?? [])
    #expect(curve.count == x.count)
    for (point, expected) in zip(curve, zip(x, y)) {
      #expect(isClose(point.x, expected.0) && isClose(point.y, expected.1))
    }
    // Every point's threshold decides what the point says.
    for point in curve {
      let threshold = DecisionThreshold(probability: try #require(point.threshold), reason: .costs)
      let decided = threshold.applied(to: predictions)
      let matrix = try Curves.confusion(decided, target)
      #expect(isClose(matrix.recall(1), point.y))
    }
    let precision = try Curves.precisionRecall(predictions, target)
    #expect(precision.last?.x == 1)
    let lift = try Curves.lift(predictions, target)
    #expect(isClose(lift.last?.x, 1) && isClose(lift.last?.y, 1) && (lift.first?.y ?? 0) > 1)
    let residuals = try #require(try ResidualSummary.make(Predictions(.values([1, 2, 4])), .values([2, 2, 2])))
    #expect(isClose(residuals.mean, -1.0 / 3) && residuals.quantiles.first == -2 && residuals.quantiles.last == 1)
  }

  @Test(arguments: [
    (0.99, 0.87, 0.86, 0.88, FitVerdict.Kind.overfitting), (0.90, 0.88, 0.86, 0.90, .balanced),
    (0.80, 0.51, 0.47, 0.55, .noSignal), (0.56, 0.55, 0.54, 0.56, .underfitting), (1.0, 1.0, 1.0, 1.0, .tooGood),
  ])
  func verdictsInWords(training: Double, test: Double, low: Double, high: Double, kind: FitVerdict.Kind) throws {
    let verdict = FitVerdict.judge(
      metric: AreaUnderROC(), training: training, test: MetricValue(value: test, low: low, high: high), baseline: 0.5)
    #expect(verdict.kind == kind, "\(verdict.sentence)")
    if kind == .overfitting {
      #expect(verdict.sentence.hasPrefix("Training roc_auc 0.99 against 0.87 on unseen rows: the model memorises"))
    }
    #expect(verdict.kind == .balanced || verdict.advice != nil)
  }

  @Test func verdictsForErrorsAndValidation() throws {
    let error = FitVerdict.judge(
      metric: RootMeanSquaredError(), training: 10, test: MetricValue(value: 60, low: 55, high: 65), baseline: 100)
    #expect(error.kind == .overfitting)
    let luck = FitVerdict.judge(
      metric: AreaUnderROC(), training: 0.9, validation: 0.89, test: MetricValue(value: 0.8, low: 0.78, high: 0.82),
      baseline: 0.5)
    #expect(luck.kind == .optimisticValidation)
    #expect(FitVerdict.judge(metric: AreaUnderROC(), training: 0.9, test: nil, baseline: 0.5).kind == .unknown)
  }
}
