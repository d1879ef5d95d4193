import Basics
import Frames
import Lifecycle
import Modeling
import Storage
import Synchronization
import Testing

/// Clustering, anomaly detection, recommendation and forecasting through the same stages and the same gate.
@Suite struct TaskTests {
  private func train(
    _ bench: Bench, _ lines: [String], _ task: Basics.Task, target: String? = nil, algorithms: [String] = [],
    observe: @escaping @Sendable (LifecycleEvent) -> Void = { _ in }
  ) throws -> TrainReport {
    let path = "\(bench.folder)/rows.csv"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    var project = ProjectFile(project: "thing")
    project.objective.task = task
    project.objective.target = target
    project.training.algorithms = algorithms
    let request = TrainRequest(project: project, model: "thing", data: .files([path]))
    var context = bench.context
    context.observe = observe
    return try Trainer(workspace: bench.workspace, context: context).run(request)
  }

  private func archive(_ bench: Bench) throws -> ModelArchive {
    try Models.load("thing@1", workspace: bench.workspace, registry: .standard).archive
  }

  private func readings(_ count: Int) -> [String] {
    var random = RandomStream(Seed(5))
    return ["a,b,odd"]
      + (0..<count).map { row in
        let (base, isFar) = (random.normal(), row % 25 == 3)
        let shift = isFar ? 7.0 : 0
        return "\(base + shift),\(base - shift + 0.2 * random.normal()),\(isFar ? "yes" : "no")"
      }
  }

  @Test func knownAnomaliesJudgeAndNeverTeach() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let report = try train(bench, readings(500), .anomaly, target: "odd", algorithms: ["isolation-forest"])
    #expect(report.passed && report.promoted)
    #expect((report.json["test"]?["roc_auc"]?["value"]?.doubleValue ?? 0) > 0.95)
    let model = try archive(bench)
    #expect(model.contract.names == ["a", "b"])
    let rows = try Frame([("a", Column(.number([0, 7]))), ("b", Column(.number([0, -7])))])
    let said = try PredictionRows.frame(model.score(rows))
    #expect(said.schema.names == ["prediction", "score"])
    let scores = try said.column("score").doubles ?? []
    #expect(scores[1] > scores[0])
    #expect(try said.column("prediction").text(at: 0) == "usual")
    let (frame, _) = try FrameSources.read(
      "\(bench.folder)/rows.csv", options: SourceOptions(contract: model.contract, workers: .serial))
    let flagged = try model.score(frame).classCodes.count { $0 == 1 }
    #expect((1...20).contains(flagged), "one in a hundred is asked for; got \(flagged) of 500")
  }

  @Test func withoutKnownAnomaliesTheFirstDetectorIsTaken() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let lines = readings(200).map { $0.split(separator: ",").prefix(2).joined(separator: ",") }
    let report = try train(bench, lines, .anomaly)
    #expect(report.passed)
    #expect(report.json["test"]?.objectValue?.isEmpty == true)
    #expect(try archive(bench).target.isEmpty)
  }

  @Test func candidatesStandOnTheLeaderboardAsTheyAreTried() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let boards = Mutex<[Leaderboard]>([])
    let lines = readings(200).map { $0.split(separator: ",").prefix(2).joined(separator: ",") }
    let report = try train(bench, lines, .clustering, algorithms: ["k-means", "gaussian-mixture"]) { event in
      if case .leaderboard(let board) = event { boards.withLock { $0.append(board) } }
    }
    let (shown, tried) = (boards.withLock { $0 }, report.json["candidates"]?.arrayValue ?? [])
    #expect(shown.map(\.count) == tried.indices.map { $0 + 1 }, "\(shown.map(\.count))")
    let best = try #require(shown.last?.entries.first)
    let chosen = Int(try #require(report.json["chosen"]?.integerValue))
    #expect(best.algorithm == tried[chosen]["algorithm"]?.stringValue)
  }

  @Test func clustersAreFoundByTheirShape() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var random = RandomStream(Seed(6))
    let lines =
      ["x,y"]
      + (0..<300).map { row in
        let (x, y) = [(0.0, 0.0), (9.0, 1.0), (4.0, 8.0)][row % 3]
        return "\(x + random.normal()),\(y + random.normal())"
      }
    let report = try train(bench, lines, .clustering, algorithms: ["k-means"])
    #expect(report.passed)
    #expect((report.json["test"]?["silhouette"]?["value"]?.doubleValue ?? 0) > 0.5)
    let model = try archive(bench)
    let rows = try Frame([("x", Column(.number([0, 9, 4, 0.5]))), ("y", Column(.number([0, 1, 8, -0.5])))])
    let codes = try model.score(rows).classCodes
    #expect(Set(codes.prefix(3)).count == 3 && codes[3] == codes[0])
  }

  @Test func recommendersAreJudgedByLaterRowsAndAnswerWithLists() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var random = RandomStream(Seed(7))
    let lines =
      ["user,item,time"]
      + (0..<1500).map { row in
        let user = random.index(below: 60)
        let item = 2 * random.index(below: 15) + (random.uniform() < 0.9 ? user % 2 : 1 - user % 2)
        return "u\(user),i\(item),\(1_700_000_000 + row)"
      }
    let report = try train(bench, lines, .recommendation, algorithms: ["popularity", "item-similarity"])
    #expect(report.json["candidates"]?.arrayValue?.count == 2)
    let chosen = Int(report.json["chosen"]?.integerValue ?? -1)
    #expect(report.json["candidates"]?.arrayValue?[chosen]["algorithm"]?.stringValue == "item-similarity")
    #expect(report.json["test"]?["ndcg_at_k"] != nil)
    let users = try Frame([("user", Column(.text(["u4", "u5", "u4", "stranger"])))])
    let lists = try TaskAnswers.recommendations(archive(bench), for: users, count: 3, includesSeen: true)
    #expect(lists.schema.names == ["user", "rank", "item", "score"] && lists.rowCount == 9)
    let items = try lists.column("item")
    let own = (0..<6).compactMap { items.text(at: $0) }.compactMap { Int($0.dropFirst()) }
    #expect(own.prefix(3).allSatisfy { $0 % 2 == 0 } && own.suffix(3).allSatisfy { $0 % 2 == 1 })
  }

  @Test func forecastsStartWhereTheKnownValuesEnd() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var random = RandomStream(Seed(8))
    let lines =
      ["moment,load"]
      + (0..<480).map { hour in
        let day = 5 * Mathematics.cos(2 * Double.pi * Double(hour % 24) / 24)
        let (d, h) = (1 + hour / 24, hour % 24)
        return "2024-01-\(d < 10 ? "0" : "")\(d)T\(h < 10 ? "0" : "")\(h):00:00Z,\(40 + day + 0.3 * random.normal())"
      }
    let report = try train(
      bench, lines, .forecasting, target: "load", algorithms: ["seasonal-naive", "exponential-smoothing"])
    #expect(report.passed)
    #expect((report.json["test"]?["rmse"]?["value"]?.doubleValue ?? 9) < 1.5)
    let next = try TaskAnswers.forecast(archive(bench), steps: 24, coverage: 0.9)
    #expect(next.rowCount == 24 && next.schema.names == ["moment", "prediction", "low", "high"])
    let (low, high) = (try next.column("low").doubles ?? [], try next.column("high").doubles ?? [])
    let values = try next.column("prediction").doubles ?? []
    for hour in 0..<24 {
      #expect(abs(values[hour] - 40 - 5 * Mathematics.cos(2 * Double.pi * Double(hour) / 24)) < 2, "hour \(hour)")
      #expect(low[hour] < values[hour] && values[hour] < high[hour])
    }
    #expect(try next.column("moment").text(at: 0)?.hasPrefix("2024-01-21T00:00") == true)
    #expect(throws: MLError.self) { try TaskAnswers.forecast(archive(bench), steps: 0, coverage: 0.9) }
  }
}
