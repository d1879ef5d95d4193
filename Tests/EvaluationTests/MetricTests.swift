import Basics
import Evaluation
import Modeling
import Testing

@Suite struct MetricTests {
  @Test func classificationAgreesWithGolden() throws {
    let file = try golden("metrics/metrics.json")
    for group in ["binary", "multiclass"] {
      for (index, problem) in (file[group]?.arrayValue ?? []).enumerated() {
        let count = Int(problem["classes"]?.integerValue ?? 0)
        let names = (0..<count).map { "c\($0)" }
        let codes = (problem["truth"]?.doubles ?? []).map { Int32($0) }
        let predictions = Predictions(.probabilities(problem["probabilities"]?.doubles ?? [], classes: names))
        let weights = problem["weights"].flatMap { $0.isNull ? nil : $0.doubles }
        for (name, expected) in problem["metrics"]?.objectValue ?? [] {
          let value = try MetricCatalog.metric(named: name)
            .value(predictions, .classes(codes: codes, names: names), weights: weights)
          #expect(isClose(value, expected.doubleValue), "\(group) \(index) \(name): \(String(describing: value))")
        }
      }
    }
  }

  @Test func singleClassesAgreeWithGolden() throws {
    let (file, classes) = (try golden("metrics/metrics.json"), try golden("metrics/classes.json"))
    for group in ["binary", "multiclass"] {
      for (problem, expected) in zip(file[group]?.arrayValue ?? [], classes[group]?.arrayValue ?? []) {
        let names = (0..<Int(problem["classes"]?.integerValue ?? 0)).map { "c\($0)" }
        let codes = (problem["truth"]?.doubles ?? []).map { Int32($0) }
        let found = try ClassMetrics.make(
          Predictions(.probabilities(problem["probabilities"]?.doubles ?? [], classes: names)),
          .classes(codes: codes, names: names),
          weights: problem["weights"].flatMap { $0.isNull ? nil : $0.doubles })
        #expect(found.entries.map(\.name) == names)
        for (index, entry) in found.entries.enumerated() {
          for (key, value) in entry.json.objectValue ?? [] {
            let ours = value.doubleValue ?? value["value"]?.doubleValue
            #expect(isClose(ours, expected[key]?.doubles[index]), "\(group) \(entry.name) \(key)")
            guard let low = value["low"]?.doubleValue, let high = value["high"]?.doubleValue else { continue }
            #expect(try low < #require(ours) && #require(ours) < high, "\(group) \(entry.name) \(key)")
          }
        }
      }
    }
  }

  @Test func aClassNeverDecidedHasNoPrecision() throws {
    let names = ["a", "b", "c"]
    let predictions = Predictions(
      .probabilities((0..<60).flatMap { $0 % 2 == 0 ? [0.8, 0.1, 0.1] : [0.1, 0.8, 0.1] }, classes: names))
    let target = Target.classes(codes: (0..<60).map { Int32($0 % 2) }, names: names)
    let found = try ClassMetrics.make(predictions, target).entries
    #expect(found[2].precision == nil && found[2].recall == nil && found[2].rocAUC == nil && found[2].rowCount == 0)
    let recall = try #require(found[0].recall)
    #expect(recall.value == 1 && isClose(recall.low, Mathematics.pow(0.025, 1 / 30.0)))
  }

  @Test func regressionAgreesWithGolden() throws {
    for problem in try golden("metrics/metrics.json")["numbers"]?.arrayValue ?? [] {
      let target = Target.values(problem["truth"]?.doubles ?? [])
      let predictions = Predictions(.values(problem["predicted"]?.doubles ?? []))
      let weights = problem["weights"].flatMap { $0.isNull ? nil : $0.doubles }
      for (name, expected) in problem["metrics"]?.objectValue ?? [] {
        let value = try MetricCatalog.metric(named: name).value(predictions, target, weights: weights)
        #expect(isClose(value, expected.doubleValue), "\(name): \(String(describing: value))")
      }
      let upper = try PinballLoss(quantile: 0.9).value(predictions, target, weights: weights)
      #expect(isClose(upper, problem["pinball_90"]?.doubleValue))
    }
  }

  @Test func brierOfTheExampleIsAsDocumented() throws {
    let predictions = Predictions(.probabilities([0.9, 0.1, 0.4, 0.6], classes: ["no", "yes"]))
    let value = try BrierScore().value(predictions, .classes(codes: [0, 1], names: ["no", "yes"]), weights: nil)
    #expect(isClose(value, 0.17))
  }

  @Test(arguments: MetricCatalog.all.names)
  func weightsRepeatRowsAndOrderDoesNotMatter(name: String) throws {
    let metric = try MetricCatalog.metric(named: name)
    let isNumbers = type(of: metric).card.tasks.contains(.regression)
    for problem in isNumbers ? [Problem.numbers(60)] : [Problem.binary(60), Problem.multiclass(60)] {
      let weights = (0..<60).map { Double(StableHash.mix(UInt64($0)) % 4) }
      let rows = weights.enumerated().flatMap { Array(repeating: $0.offset, count: Int($0.element)) }
      let repeated = problem.gathered(rows)
      let weighted = try metric.value(problem.predictions, problem.target, weights: weights)
      #expect(weighted != nil)
      #expect(isClose(weighted, try metric.value(repeated.predictions, repeated.target, weights: nil)))
      let ones = try metric.value(problem.predictions, problem.target, weights: [Double](repeating: 1, count: 60))
      let plain = try metric.value(problem.predictions, problem.target, weights: nil)
      #expect(ones == plain)
      let mixed = problem.gathered(shuffled(60))
      #expect(isClose(try metric.value(mixed.predictions, mixed.target, weights: nil), plain))
    }
  }

  @Test(arguments: MetricCatalog.all.names)
  func undefinedIsNilAndBadInputThrows(name: String) throws {
    let metric = try MetricCatalog.metric(named: name)
    let isNumbers = type(of: metric).card.tasks.contains(.regression)
    let empty = isNumbers ? Problem.numbers(0) : Problem.binary(0)
    #expect(try metric.value(empty.predictions, empty.target, weights: nil) == nil)
    let problem = isNumbers ? Problem.numbers(8) : Problem.binary(8)
    #expect(try metric.value(problem.predictions, problem.target, weights: [Double](repeating: 0, count: 8)) == nil)
    #expect(throws: MLError.self) { try metric.value(problem.predictions, problem.target, weights: [1]) }
    #expect(throws: MLError.self) {
      try metric.value(problem.predictions, problem.target, weights: [Double](repeating: -1, count: 8))
    }
    #expect(throws: MLError.self) { try metric.value(problem.predictions, empty.target, weights: nil) }
    let other = isNumbers ? Problem.binary(8) : Problem.numbers(8)
    #expect(throws: MLError.self) { try metric.value(other.predictions, other.target, weights: nil) }
  }

  @Test func oneClassLeavesRankingUndefined() throws {
    let predictions = Predictions(.probabilities([0.3, 0.7, 0.8, 0.2], classes: ["no", "yes"]))
    let target = Target.classes(codes: [0, 0], names: ["no", "yes"])
    for name in ["roc_auc", "average_precision", "recall", "mcc"] {
      #expect(try MetricCatalog.metric(named: name).value(predictions, target, weights: nil) == nil, "\(name)")
    }
    let constant = try RSquared().value(Predictions(.values([1, 2])), .values([0.1, 0.1]), weights: nil)
    #expect(constant == nil)
    let zeros = try MeanAbsolutePercentageError().value(Predictions(.values([1])), .values([0]), weights: nil)
    #expect(zeros == nil)
  }

  @Test func classesAreMatchedByName() throws {
    let predictions = Predictions(.probabilities([0.9, 0.1, 0.2, 0.8], classes: ["no", "yes"]))
    let turned = Target.classes(codes: [1, 0], names: ["yes", "no"])
    #expect(try Accuracy().value(predictions, turned, weights: nil) == 1)
    let spare = Target.classes(codes: [0, 1], names: ["no", "yes", "maybe"])
    #expect(try Accuracy().value(predictions, spare, weights: nil) == 1)
    #expect {
      try Accuracy().value(predictions, .classes(codes: [0, 2], names: ["no", "yes", "maybe"]), weights: nil)
    } throws: { error in
      (error as? MLError)?.message.contains("'maybe' in row 2 is unknown to the model") == true
    }
  }

  @Test func decisionsChangeDecidedMetricsOnly() throws {
    var problem = Problem.binary(200)
    let before = try AreaUnderROC().value(problem.predictions, problem.target, weights: nil)
    let threshold = DecisionThreshold(probability: 0.1, reason: .costs)
    let recall = try Recall().value(problem.predictions, problem.target, weights: nil) ?? 1
    problem.predictions = threshold.applied(to: problem.predictions)
    #expect(try AreaUnderROC().value(problem.predictions, problem.target, weights: nil) == before)
    let lowered = try Recall().value(problem.predictions, problem.target, weights: nil)
    #expect(try #require(lowered) > recall)
  }

  @Test func radixAndComparisonSortAgree() throws {
    // 4,000 rows go through the radix sort; their halves through the comparison sort.
    let problem = Problem.binary(4000)
    let scores = problem.predictions.probabilities(ofClass: 1) ?? []
    let codes = problem.target.doubles
    var (above, pairs) = (0.0, 0.0)
    let positives = codes.indices.filter { codes[$0] == 1 }.map { scores[$0] }
    let negatives = codes.indices.filter { codes[$0] == 0 }.map { scores[$0] }
    for p in positives { for n in negatives { above += p > n ? 1 : p == n ? 0.5 : 0 } }
    pairs = Double(positives.count) * Double(negatives.count)
    #expect(isClose(try AreaUnderROC().value(problem.predictions, problem.target, weights: nil), above / pairs))
  }

  @Test func catalogNamesAreThoseOfTheReports() throws {
    let names = [
      "accuracy", "balanced_accuracy", "precision", "recall", "f1", "macro_f1", "roc_auc", "average_precision",
      "log_loss", "brier", "mcc", "rmse", "mae", "r2", "mape", "median_absolute_error", "pinball", "smape",
      "macro_precision", "macro_recall", "weighted_precision", "weighted_recall", "weighted_f1",
    ]
    #expect(Set(MetricCatalog.all.names) == Set(names))
    #expect(MetricCatalog.all.entries.allSatisfy { !$0.card.source.isEmpty && !$0.card.tasks.isEmpty })
    #expect(!MetricCatalog.metrics(for: .classification).contains { $0.name.hasPrefix("weighted") })
    #expect(MetricCatalog.metrics(for: .anomaly).map(\.name) == ["roc_auc", "average_precision"])
    #expect(MetricCatalog.primary(for: .classification).name == "roc_auc")
    #expect(MetricCatalog.primary(for: .classification, classCount: 3).name == "log_loss")
    #expect(MetricCatalog.primary(for: .regression).name == "rmse")
    #expect(!MetricCatalog.metrics(for: .classification, classCount: 3).contains { $0.name == "f1" })
    #expect {
      try MetricCatalog.metric(named: "auc")
    } throws: { ($0 as? MLError)?.hint == "Did you mean 'roc_auc'?" }
    #expect {
      try MetricCatalog.metric(named: "rmsse")
    } throws: { ($0 as? MLError)?.hint == "Did you mean 'rmse'?" }
  }
}
