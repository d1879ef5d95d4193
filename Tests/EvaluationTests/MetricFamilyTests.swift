import Basics
import Evaluation
import Frames
import Modeling
import Testing

@Suite struct MetricFamilyTests {
  @Test func averagesAgreeWithGolden() throws {
    let file = try #require(golden("evaluation/evaluation.json")["averages"])
    let names = (0..<4).map { "c\($0)" }
    let truth = file["truth"]?.doubles.map { Int32($0) } ?? []
    let decided = file["decided"]?.doubles.map { Int32($0) } ?? []
    let even = [Double](repeating: 0.25, count: 4 * truth.count)
    let predictions = Predictions(.probabilities(even, classes: names), decisions: decided)
    for (name, expected) in file["metrics"]?.objectValue ?? [] {
      let value = try MetricCatalog.metric(named: name)
        .value(predictions, .classes(codes: truth, names: names), weights: file["weights"]?.doubles)
      #expect(isClose(value, expected.doubleValue), "\(name)")
    }
  }

  @Test func clusteringsAgreeWithGolden() throws {
    for problem in try golden("evaluation/evaluation.json")["clusterings"]?.arrayValue ?? [] {
      let clusters = problem["clusters"]?.doubles.map { Int32($0) } ?? []
      let truth = problem["truth"]?.doubles.map { Int32($0) }
      for (key, weights) in [("plain", nil), ("weighted", problem["weights"]?.doubles)] {
        let rows = try ClusteredRows(
          points: problem["points"]?.doubles ?? [], width: Int(problem["width"]?.integerValue ?? 0),
          clusters: clusters, truth: truth, weights: weights)
        for (name, expected) in problem[key]?.objectValue ?? [] {
          let value = try MetricCatalog.clustering.entry(name).init().value(rows)
          #expect(isClose(value, expected.doubleValue, 1e-9), "\(key) \(name) \(String(describing: value))")
        }
      }
    }
  }

  @Test func noiseTakesNoPartAndOneClusterSaysNothing() throws {
    let points: [Double] = [0, 0.1, 5, 5.1, 100]
    let rows = try ClusteredRows(points: points, width: 1, clusters: [0, 0, 1, 1, -1])
    let without = try ClusteredRows(points: Array(points.dropLast()), width: 1, clusters: [0, 0, 1, 1])
    for type in MetricCatalog.clustering.entries { #expect(type.init().value(rows) == type.init().value(without)) }
    let one = try ClusteredRows(points: [1, 2, 3], width: 1, clusters: [4, 4, 4])
    #expect(Silhouette().value(one) == nil && DaviesBouldin().value(one) == nil && Inertia().value(one) == 2)
    #expect(throws: MLError.self) { try ClusteredRows(points: [1, 2], width: 1, clusters: [0]) }
    #expect(throws: MLError.self) { try ClusteredRows(points: [.nan], width: 1, clusters: [0]) }
  }

  @Test func aSampleOfRowsGivesNearlyTheSameSilhouette() throws {
    var stream = Seed(4).generator
    let clusters = (0..<1500).map { Int32($0 % 3) }
    let points = clusters.flatMap { code in (0..<2).map { _ in 4 * Double(code) + stream.normal() } }
    let all = try ClusteredRows(points: points, width: 2, clusters: clusters)
    let whole = try #require(Silhouette().value(all))
    let part = try #require(Silhouette(maximumRowCount: 500).value(all))
    #expect(abs(whole - part) < 0.03 && whole != part)
    let order = shuffled(1500)
    let mixed = try ClusteredRows(
      points: order.flatMap { points[(2 * $0)..<(2 * $0 + 2)] }, width: 2, clusters: order.map { clusters[$0] })
    #expect(isClose(Silhouette(maximumRowCount: 500).value(mixed), part, 1e-9))
  }

  @Test func frameColumnsBecomePoints() throws {
    let frame = try Frame([
      ("a", Column(numbers: [1, .nan, 3])), ("c", Column(categories: ["x", "y", "x"])),
      ("t", Column(.text(["", "", ""]))),
    ])
    let rows = try ClusteredRows(frame, clusters: [0, 1, 0])
    #expect(rows.width == 3 && rows.points == [1, 1, 0, 2, 0, 1, 3, 1, 0])
  }

  @Test func rankingsAgreeWithGolden() throws {
    let file = try #require(golden("evaluation/evaluation.json")["rankings"])
    let lists = file["lists"]?.arrayValue?.map { $0.doubles.map { String(Int($0)) } } ?? []
    let relevant = file["relevant"]?.arrayValue?.map { Set($0.doubles.map { String(Int($0)) }) } ?? []
    let ranked = try RankedLists(recommended: lists, relevant: relevant)
    for (name, expected) in file["metrics"]?.objectValue ?? [] {
      let metric = try MetricCatalog.recommendation.entry(name).init(count: 5)
      #expect(isClose(metric.value(ranked), expected.doubleValue), "\(name)")
      let interval = try #require(try metric.interval(ranked))
      #expect(interval.low < interval.value && interval.value < interval.high)
    }
    #expect(RecallAtK().value(try RankedLists(recommended: [["a"]], relevant: [[]])) == nil)
    #expect(throws: MLError.self) { try RankedLists(recommended: [["a", "a"]], relevant: [["a"]]) }
    #expect(throws: MLError.self) { try RecallAtK(count: 0) }
  }

  @Test func forecastsAgreeWithGolden() throws {
    let file = try #require(golden("evaluation/evaluation.json")["forecasts"])
    let truth = file["truth"]?.doubles ?? []
    let scale = ForecastRows.scale(past: file["past"]?.doubles ?? [], season: 12)
    let rows = try ForecastRows(
      truth: truth, predicted: file["predicted"]?.doubles ?? [],
      intervals: .init(low: file["low"]?.doubles ?? [], high: file["high"]?.doubles ?? [], coverage: 0.8),
      scales: truth.map { _ in scale })
    for (name, expected) in file["metrics"]?.objectValue ?? [] {
      #expect(isClose(try MetricCatalog.forecasting.entry(name).init().value(rows), expected.doubleValue), "\(name)")
    }
    let bare = try ForecastRows(truth: [1], predicted: [2])
    #expect(ScaledError().value(bare) == nil && IntervalScore().value(bare) == nil)
    #expect(ForecastRows.scale(past: [1, 2], season: 2) == 0)
  }

  @Test func anomalyScoresAreJudgedAsARanking() throws {
    let problem = Problem.binary(300)
    let shown = problem.predictions.probabilities(ofClass: 1) ?? []
    let scores = Predictions(.values(shown.map { 100 * $0 * $0 - 7 }))
    let report = try AnomalyRanking.evaluate(
      scores, isAnomalous: problem.target.doubles.map { $0 == 1 }, options: .init(replicateCount: 50))
    for metric in MetricCatalog.metrics(for: .anomaly) {
      let expected = try metric.value(problem.predictions, problem.target, weights: nil)
      #expect(isClose(report[metric.name]?.value, expected))
    }
    #expect(throws: MLError.self) { try AnomalyRanking.probabilities(problem.predictions) }
  }
}
