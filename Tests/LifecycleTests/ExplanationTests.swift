import Basics
import Frames
import Lifecycle
import Modeling
import Storage
import Testing

@Suite struct ExplanationTests {
  /// Baseline and shares are the prediction, whatever the model is made of.
  @Test(arguments: [["gradient-boosted-trees"], ["logistic-regression"], ["gaussian-naive-bayes"], []])
  func sharesSumToThePrediction(algorithms: [String]) throws {
    let bench = try Bench(seed: 3)
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 400)
    var request = bench.request(path)
    request.project.training.algorithms = algorithms
    request.project.training.budget = .trials(algorithms.isEmpty ? 6 : 2)
    _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    let model = try Models.load("churn@1", workspace: bench.workspace, registry: .standard).archive
    let (frame, _) = try FrameSources.read(
      path, options: SourceOptions(contract: model.contract, workers: .serial))
    let rows = frame.gathered(Array(0..<30))
    let found = try Explainer(model, context: bench.context).explain(rows)
    let said = try model.score(rows).probabilities(ofClass: 1) ?? []
    #expect(found.columns == model.contract.names && found.outputs == ["yes"])
    for row in 0..<30 {
      let sum = found.shares(row: row, output: 0).reduce(found.baseline[0], +)
      #expect(abs(sum - said[row]) < 1e-9, "row \(row): \(sum) is not \(said[row])")
    }
    let means = found.meanAbsolute
    let age = try #require(found.columns.firstIndex(of: "age"))
    #expect(means[age] > 0.02, "age moves this target")
  }

  @Test func theDocumentNamesWhatMovesRowsAndWhatWouldFlipThem() throws {
    let bench = try Bench(seed: 3)
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 300)
    _ = try Trainer(workspace: bench.workspace, context: bench.context).run(bench.request(path))
    let model = try Models.load("churn", workspace: bench.workspace, registry: .standard)
    var options = Explaining.Options()
    options.rows = [2, 5]
    options.counterfactuals = true
    let json = try Explaining.explain(model, path: path, options: options, context: bench.context)
    #expect(json["columns"]?.arrayValue?.count == 3)
    #expect(json["columns"]?.arrayValue?.first?["permutation_loss"]?["value"]?.doubleValue ?? 0 > 0)
    let examples = json["examples"]?.arrayValue ?? []
    #expect(examples.map { $0["row"]?.integerValue } == [2, 5])
    #expect(examples.contains { $0["counterfactual"]?["changes"]?.arrayValue?.isEmpty == false })
    options.rows = [301]
    #expect {
      try Explaining.explain(model, path: path, options: options, context: bench.context)
    } throws: { ($0 as? MLError)?.field == "row" }
  }

  /// Images, bright in one corner or not: what moves a prediction lies in that corner; dark pixels keep their places.
  @Test func regionsOfImagesAreNamed() throws {
    let bench = try Bench(seed: 3)
    defer { bench.remove() }
    var random = RandomStream(Seed(4))
    var lines = [(0..<64).map { "p\($0)" }.joined(separator: ",") + ",corner"]
    for row in 0..<160 {
      let cells = (0..<64).map { pixel -> String in
        if pixel == 63 { return "0" }
        let isCorner = pixel / 8 < 2 && pixel % 8 < 2
        return String(isCorner && row % 2 == 0 ? 200 + random.index(below: 50) : random.index(below: 60))
      }
      lines.append(cells.joined(separator: ",") + (row % 2 == 0 ? ",bright" : ",dark"))
    }
    let path = bench.folder + "/images.csv"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    var request = bench.request(path)
    request.project.objective.target = "corner"
    request.project.training.algorithms = ["convolutional-network"]
    request.project.training.budget = .trials(1)
    _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    let model = try Models.load("churn@1", workspace: bench.workspace, registry: .standard)
    #expect(model.archive.contract.count == 64)
    var options = Explaining.Options()
    options.rows = [1, 2]
    let json = try Explaining.explain(model, path: path, options: options, context: bench.context)
    #expect(json["image"]?["height"]?.integerValue == 8)
    for example in json["examples"]?.arrayValue ?? [] {
      let output = try #require(example["outputs"]?.arrayValue?.first)
      let regions = output["regions"]?.arrayValue ?? []
      #expect(regions.count == 16)
      let values = regions.map { abs($0["value"]?.doubleValue ?? 0) }
      let largest = try #require(values.indices.max { values[$0] < values[$1] })
      #expect(regions[largest]["top"]?.integerValue == 0 && regions[largest]["left"]?.integerValue == 0)
      let sum = regions.reduce(output["baseline"]?.doubleValue ?? 0) { $0 + ($1["value"]?.doubleValue ?? 0) }
      let said = example["probabilities"]?[output["class"]?.stringValue ?? ""]?.doubleValue ?? -1
      #expect(abs(sum - said) < 1e-9)
    }
    options.image = ImageSize(height: 8, width: 9)
    #expect {
      try Explaining.explain(model, path: path, options: options, context: bench.context)
    } throws: { ($0 as? MLError)?.field == "image" }
  }

  /// Every row that such a table has at even places is of one class; steps through it would see that class alone.
  @Test func rowsOfReferenceFollowNoOrderOfTheTable() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let lines = { (count: Int) in
      ["x,churned"]
        + (0..<count).map { "\(Double($0 * 7919 % 1000) / 1000 + Double($0 % 2)),\($0 % 2 == 0 ? "no" : "yes")" }
    }
    let (known, judged) = (bench.folder + "/known.csv", bench.folder + "/judged.csv")
    for (path, count) in [(known, 300), (judged, 320)] {
      try FileSystem.write(Array((lines(count).joined(separator: "\n") + "\n").utf8), to: path)
    }
    var request = bench.request(known)
    request.testFile = judged
    request.project.training.algorithms = ["k-nearest-neighbours"]
    request.project.training.budget = .trials(1)
    _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    let archive = try Models.load("churn@1", workspace: bench.workspace, registry: .standard).archive
    let rows = try FrameSources.read(judged, options: SourceOptions(contract: archive.contract, workers: .serial)).0
    let said = try Explainer(archive, context: bench.context).explain(rows.gathered([0]))
    #expect(said.baseline[0] > 0.1 && said.baseline[0] < 0.9, "\(said.baseline)")
  }

  @Test func aRunIsReproducedByteForByte() throws {
    let bench = try Bench(seed: 9)
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 300))
    request.runID = "first"
    request.project.protectedColumns = ["plan"]
    _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    var other = bench.context
    other.seed = Seed(12345)
    let json = try Reproducing.run("first", workspace: bench.workspace, context: other)
    #expect(json["reproduced"]?.boolValue == true, "\(json.compact)")
    #expect(try bench.workspace.modelVersions(of: "churn").count == 1, "nothing is registered")
    #expect(throws: MLError.self) { try Reproducing.run("second", workspace: bench.workspace, context: other) }
    let card = try ModelCard(bench.workspace.modelVersion("churn", 1), in: bench.workspace).markdown
    #expect(card.hasPrefix("---\n") && card.contains("type: roc_auc") && card.contains("## Fairness"))
    #expect(card.contains("Columns not learnt from, protected: `plan`"))
  }
}
