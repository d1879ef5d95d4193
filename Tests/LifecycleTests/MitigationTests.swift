import Basics
import Evaluation
import Frames
import Lifecycle
import Modeling
import Storage
import Testing

@Suite struct MitigationTests {
  /// Loans: women were refused more often for the same income, and their jobs give them away.
  static func table(_ bench: Bench, rows: Int) throws -> String {
    var random = RandomStream(Seed(11))
    var lines = ["income,job,sex,age,granted"]
    for _ in 0..<rows {
      let isWoman = random.index(below: 2) == 0
      let job = random.uniform() < 0.85 ? (isWoman ? "care" : "build") : "office"
      let income = 30 + 20 * random.normal()
      let score = (income - 30) / 12 + (isWoman ? -1.2 : 1.2) + random.normal()
      let cells = [
        NumberText.shortest((income * 100).rounded() / 100), job, isWoman ? "f" : "m",
        "\(20 + random.index(below: 50))",
        score > 0 ? "yes" : "no",
      ]
      lines.append(cells.joined(separator: ","))
    }
    let path = "\(bench.folder)/loans.csv"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    return path
  }

  static func request(
    _ bench: Bench, _ path: String, mitigate: String?, protected: [String] = ["sex"]
  ) throws -> TrainRequest {
    var request = bench.request(path, model: "loans")
    request.project.objective.target = "granted"
    request.project.protectedColumns = protected
    request.project.training.budget = .trials(4)
    try request.project.promise(latency: nil, size: nil, monotone: [], prefer: nil, mitigate: mitigate)
    return request
  }

  static func gap(_ report: TrainReport, _ metric: String, by attribute: String = "sex") -> (
    before: Double, after: Double
  )? {
    let gaps = report.json["mitigation"]?["gaps"]?.arrayValue ?? []
    let entry = gaps.first {
      $0["metric"]?.stringValue == metric && $0["attribute"]?.stringValue == attribute
    }
    guard let before = entry?["before"]?["value"]?.doubleValue, let after = entry?["after"]?["value"]?.doubleValue
    else { return nil }
    return (before, after)
  }

  @Test func reweighingNarrowsTheGapAndNeedsNoGroupToPredict() throws {
    let bench = try Bench(seed: 3)
    defer { bench.remove() }
    let path = try Self.table(bench, rows: 1500)
    let report = try Trainer(workspace: bench.workspace, context: bench.context)
      .run(Self.request(bench, path, mitigate: "reweighing"))
    let gap = try #require(Self.gap(report, "demographic_parity"))
    #expect(gap.before > 0.3)
    #expect(gap.after < 0.85 * gap.before, "\(gap)")
    let model = try Models.load("loans@1", workspace: bench.workspace, registry: .standard).archive
    #expect(model.contract.index(of: "sex") == nil && model.groups == nil)
    let price = report.json["mitigation"]?["price"]?.arrayValue ?? []
    #expect(price.contains { $0["metric"]?.stringValue == "accuracy" && $0["change"]?["low"]?.doubleValue != nil })
    let card = try ModelCard(bench.workspace.modelVersion("loans", 1), in: bench.workspace).markdown
    #expect(card.contains("## Mitigation") && card.contains("demographic_parity"))
  }

  @Test func thresholdsCloseTheGapAndTheContractAsksForTheGroup() throws {
    let bench = try Bench(seed: 3)
    defer { bench.remove() }
    let path = try Self.table(bench, rows: 1500)
    let report = try Trainer(workspace: bench.workspace, context: bench.context)
      .run(Self.request(bench, path, mitigate: "thresholds"))
    let gap = try #require(Self.gap(report, "demographic_parity"))
    #expect(gap.before > 0.3 && gap.after < 0.12, "\(gap)")
    let loaded = try Models.load("loans@1", workspace: bench.workspace, registry: .standard)
    let model = loaded.archive
    #expect(model.contract.names.last == "sex")
    let thresholds = try #require(model.groups?.thresholds.thresholds)
    #expect(Set(thresholds.map(\.values)) == [["f"], ["m"]])
    let (frame, _) = try FrameSources.read(path, options: SourceOptions(contract: model.contract, workers: .serial))
    let said = try model.score(frame)
    let shown = try #require(said.probabilities(ofClass: 1))
    let sexes = try frame.column("sex")
    for row in stride(from: 0, to: frame.rowCount, by: 7) {
      let limit = try #require(thresholds.first { $0.values == [sexes.text(at: row) ?? ""] }?.threshold)
      #expect(said.classCodes[row] == (shown[row] >= limit ? 1 : 0))
    }
    let error = #expect(throws: MLError.self) { try model.score(frame.removing(["sex"])) }
    #expect(error?.code == .schemaMismatch && error?.message.contains("sex") == true)
    // The probabilities are explained by what the model reads; what would flip a row leaves the group alone.
    var options = Explaining.Options()
    options.counterfactuals = true
    let document = try Explaining.explain(loaded, path: path, options: options, context: bench.context)
    #expect(document["columns"]?.arrayValue?.contains { $0["column"]?.stringValue == "sex" } == false)
    let json = try Reproducing.run(
      report.json["run"]?.stringValue ?? "", workspace: bench.workspace, context: bench.context)
    #expect(json["reproduced"]?.boolValue == true)
  }

  /// Several protected columns, one of them of numbers: groups are their intersections, cut where training said.
  @Test func numbersAreCutWhereTrainingSaid() throws {
    let bench = try Bench(seed: 5)
    defer { bench.remove() }
    let path = try Self.table(bench, rows: 2000)
    _ = try Trainer(workspace: bench.workspace, context: bench.context)
      .run(Self.request(bench, path, mitigate: "thresholds=equal_opportunity", protected: ["age", "sex"]))
    let model = try Models.load("loans@1", workspace: bench.workspace, registry: .standard).archive
    let groups = try #require(model.groups)
    #expect(groups.thresholds.constraint == .equalOpportunity && groups.thresholds.attributes == ["age", "sex"])
    #expect(groups.thresholds.thresholds.count == 8)
    let (frame, _) = try FrameSources.read(path, options: SourceOptions(contract: model.contract, workers: .serial))
    let all = try model.score(frame).classCodes
    for row in stride(from: 0, to: frame.rowCount, by: 97) {
      #expect(try model.score(frame.gathered([row])).classCodes == [all[row]], "row \(row) alone")
    }
  }

  @Test func sameSeedSameArchiveForAnyThreadCount() throws {
    for mitigate in ["reweighing", "thresholds"] {
      var digests: [String] = []
      for threads in [1, 2] {
        let bench = try Bench(seed: 5, threads: threads)
        defer { bench.remove() }
        var request = try Self.request(bench, Self.table(bench, rows: 500), mitigate: mitigate)
        try request.project.promise(
          latency: nil, size: "200kB", monotone: ["income:+"], prefer: "size", mitigate: nil)
        _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
        digests.append(try bench.workspace.modelVersion("loans", 1).archive.hex)
      }
      #expect(digests[0] == digests[1])
    }
  }

  @Test func whatCannotBeMitigatedIsSaid() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try Self.table(bench, rows: 200)
    for (protected, mitigate) in [([], "thresholds"), (["sex"], "thresholds=calibration")] {
      let request = try Self.request(bench, path, mitigate: mitigate, protected: protected)
      let error = #expect(throws: MLError.self) {
        try Trainer(workspace: bench.workspace, context: bench.context).run(request)
      }
      #expect(error?.code == .invalidParameter)
    }
    var request = try Self.request(bench, path, mitigate: "reweighing")
    request.project.training.algorithms = ["multilayer-perceptron"]
    let error = #expect(throws: MLError.self) {
      try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    }
    #expect(error?.message.contains("row weights") == true)
  }

  @Test func damagedThresholdsAreRefused() throws {
    let bench = try Bench(seed: 3)
    defer { bench.remove() }
    _ = try Trainer(workspace: bench.workspace, context: bench.context)
      .run(Self.request(bench, Self.table(bench, rows: 600), mitigate: "thresholds"))
    let model = try Models.load("loans@1", workspace: bench.workspace, registry: .standard).archive
    let json = try #require(model.groups).thresholds.json
    #expect(try GroupThresholds(json: json).json == json)
    for (key, value) in [
      ("constraint", "fair"), ("thresholds", [["values": ["f"], "threshold": -1]]), ("fallback", .null),
      ("attributes", [1]),
    ] as [(String, JSONValue)] {
      var broken = json
      broken[key] = value
      #expect(throws: MLError.self, "\(key)") { try GroupThresholds(json: broken) }
    }
  }
}
