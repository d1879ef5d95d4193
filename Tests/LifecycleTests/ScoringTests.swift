import Basics
import Frames
import Lifecycle
import Modeling
import Monitoring
import Storage
import Testing

@Suite struct ScoringTests {
  private func model(_ bench: Bench) throws -> LoadedModel {
    _ = try Trainer(workspace: bench.workspace, context: bench.context)
      .run(bench.request(bench.table("customers.csv", rows: 500)))
    return try Models.load("churn", workspace: bench.workspace, registry: .standard)
  }

  /// Dirty rows as a file, as JSON and through the reloaded archive: the same bits.
  @Test func fileServerAndReloadedArchiveAgreeBitForBit() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let model = try model(bench)
    let plans = ["basic", "plus", "\"pro, max\"", "", "unseen", "Ünïcode 🪶", "NA"]
    var random = RandomStream(Seed(9))
    var lines = ["age,plan,spend,extra"]
    var rows: [JSONValue] = []
    for row in 0..<2000 {
      let age = random.index(below: 20) == 0 ? "" : "\(random.index(below: 400) - 100)"
      let plan = plans[random.index(below: plans.count)]
      let spend = random.index(below: 9) == 0 ? "" : NumberText.shortest(random.normal() * 1e3)
      lines.append("\"\(age)\",\(plan),\(spend),\(row)")
      let bare = plan.replacing("\"", with: "")
      rows.append([
        "plan": bare.isEmpty || bare == "NA" ? nil : .string(bare), "age": age.isEmpty ? nil : .string(age),
        "spend": spend.isEmpty ? nil : .number(Double(spend) ?? 0), "extra": .integer(Int64(row)),
      ])
    }
    let path = bench.folder + "/dirty.csv"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    var fromFile: [UInt8] = []
    var reader = try FrameSources.source(for: path).reader(
      for: path, options: SourceOptions(contract: model.archive.contract))
    let result = try BatchPrediction.run(model.archive, reader: &reader, jsonLines: false, context: bench.context) {
      fromFile += $0
    }
    #expect(result.rowCount == 2000)
    var body: [UInt8] = []
    JSONValue.object([("rows", .array(rows))]).write(into: &body)
    let decoded = try RowDecoder(contract: model.archive.contract).decode(body: body).frame
    let writer = CSVWriter(try PredictionRows.schema(classes: model.archive.classes))
    let fromJSON = try writer.document(PredictionRows.frame(model.archive.score(decoded)))
    #expect(fromFile == fromJSON)
    let file = bench.folder + "/churn.apus"
    try FileSystem.write(bench.workspace.objects.get(#require(model.version).archive), to: file)
    let reloaded = try ModelArchive.open(file)
    #expect(try writer.document(PredictionRows.frame(reloaded.score(decoded))) == fromFile)
    var one: [UInt8] = writer.header()
    for row in 0..<200 { one += try writer.rows(PredictionRows.frame(model.archive.score(decoded.gathered([row])))) }
    #expect(fromFile.starts(with: one))
  }

  /// `age` is whole in all training rows.
  @Test func wholeNumbersTakeFractions() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let archive = try model(bench).archive
    #expect(archive.contract["age"]?.kind == .number)
    let body = Array(
      #"{"rows":[{"age":41.5,"plan":"plus","spend":3},{"age":41,"plan":"plus","spend":3},{"age":42,"plan":"plus","spend":3}]}"#
        .utf8)
    let decoder = RowDecoder(contract: archive.contract)
    let scores = try #require(archive.score(decoder.decode(body: body).frame).probabilities(ofClass: 1))
    #expect(scores.allSatisfy { $0.isFinite })
    // Rows of whole numbers alone are read as before, to the last bit.
    let whole = try decoder.decode(body: Array(#"{"rows":[{"age":41,"plan":"plus","spend":3}]}"#.utf8)).frame
    #expect(try archive.score(whole).probabilities(ofClass: 1) == [scores[1]])
    let path = bench.folder + "/test.csv"
    let lines = ["age,plan,spend,churned"] + (0..<40).map { "\(20 + $0).5,plus,\($0 * 2),\($0 < 20 ? "no" : "yes")" }
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    var request = bench.request(bench.folder + "/customers.csv")
    request.testFile = path
    let json = try Trainer(workspace: bench.workspace, context: bench.context).run(request).json
    #expect(json["rows"]?["test"]?.integerValue == 40)
  }

  @Test func aFlippedByteIsRefused() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let bytes = try bench.workspace.objects.get(#require(model(bench).version).archive)
    for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect(throws: MLError.self, "byte \(place)") {
        try ModelArchive(from: ArchiveReader(bytes: damaged, origin: "x.apus"), registry: .standard)
      }
    }
  }

  @Test func watchingNeedsNoTrainingData() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let model = try model(bench)
    try FileSystem.remove(bench.folder + "/customers.csv")
    let still = try Watching.file(bench.table("later.csv", rows: 800, seed: 77), with: model, context: bench.context)
    #expect(!still.drift.drift, "\(still.drift.sentence)")
    let path = try bench.table("shifted.csv", rows: 800, seed: 78)
    let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
    let older = text.split(separator: "\n").enumerated().map { index, line -> String in
      guard index > 0, let comma = line.firstIndex(of: ","), let age = Int(line[..<comma]) else { return String(line) }
      return "\(age + 20)\(line[comma...])"
    }
    try FileSystem.write(Array((older.joined(separator: "\n") + "\n").utf8), to: path)
    let moved = try Watching.file(path, with: model, context: bench.context)
    #expect(moved.drift.drift)
    #expect(moved.drift.columns.first?.name == "age" || moved.drift.columns.first { $0.name == "age" }?.drifted == true)
  }

  @Test func labelledTrafficIsLearntThroughTheSameGate() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let model = try model(bench)
    let version = try #require(model.version)
    let path = try bench.table("traffic.csv", rows: 300, seed: 21)
    let (frame, _) = try FrameSources.read(path)
    let features = try frame.selecting(model.archive.contract.names)
    let truth = try frame.column("churned")
    var records: [PredictionRecord] = []
    var entries: [FeedbackEntry] = []
    for row in 0..<frame.rowCount {
      let id = PredictionID.make(at: bench.context.clock.now())
      records.append(
        PredictionRecord(
          id: id, model: "churn", version: version.version, endpoint: "test", time: bench.context.clock.now(),
          features: RowJSON.object(features, row).compact, prediction: .text("no"), probabilities: [1, 0],
          latencyMicroseconds: 5))
      entries.append(FeedbackEntry(predictionID: id, truth: .text(truth.text(at: row) ?? "")))
    }
    try bench.workspace.predictionLog().append(records)
    #expect(try bench.workspace.addFeedback(entries).accepted == 300)
    let report = try Retraining(workspace: bench.workspace, context: bench.context)
      .run(model: "churn", project: nil, reason: "labels", runID: nil)
    #expect(report.reference == "churn@2")
    #expect(report.json["rows"]?["training"]?.integerValue ?? 0 > 500)
    let dataset = try bench.workspace.dataset("churn@2")
    #expect(dataset.rowCount == 800)
    #expect(dataset.parents.count == 1)
    let checks = report.json["gate"]?["checks"]?.arrayValue ?? []
    #expect(checks.contains { $0["name"]?.stringValue == "beats_champion" })
  }
}
