import Basics
import Evaluation
import Frames
import Lifecycle
import Modeling
import Storage
import Testing

@Suite struct ConstraintTests {
  // MARK: Reading

  @Test func limitsAreReadWithTheirUnits() throws {
    #expect(try TrainingConstraints.microseconds("50us") == 50)
    #expect(try TrainingConstraints.microseconds("0.2 ms") == 200)
    #expect(try TrainingConstraints.microseconds("1s") == 1_000_000)
    #expect(try TrainingConstraints.bytes("5MB") == 5_000_000)
    #expect(try TrainingConstraints.bytes("2 KiB") == 2048)
    #expect(try TrainingConstraints.bytes("1000") == 1000)
    for text in ["", "50", "-5us", "soon", "0ms", "5 parsecs"] {
      #expect(throws: MLError.self) { try TrainingConstraints.microseconds(text) }
    }
    for text in ["", "-1MB", "0", "5 furlongs", "1e99GB"] {
      #expect(throws: MLError.self) { try TrainingConstraints.bytes(text) }
    }
    let directions = try TrainingConstraints.directions("income:+, zip:code:-")
    #expect(directions.map(\.column) == ["income", "zip:code"])
    #expect(directions.map(\.isIncreasing) == [true, false])
    for text in ["income", ":+", "income:sideways"] {
      #expect(throws: MLError.self) { try TrainingConstraints.directions(text) }
    }
  }

  @Test func theProjectFileSaysTheSameAsTheCommandLine() throws {
    let text = """
      objective:
        target: y
        prefer: size
        constraints: {latency: 50us, size: 5MB, monotone: {income: increasing, age: "-"}}
      fairness: {protected: [sex], mitigate: thresholds, constraint: equal_opportunity, at_most: 0.05}
      """
    let read = try ProjectFile(parsing: text, origin: "apus.yaml")
    var typed = ProjectFile(project: "model")
    typed.objective.target = "y"
    typed.protectedColumns = ["sex"]
    try typed.promise(
      latency: "50us", size: "5MB", monotone: ["income:+,age:-"], prefer: "size",
      mitigate: "thresholds=equal_opportunity")
    typed.fairness.atMost = 0.05
    #expect(read == typed)
    #expect(read.protectedColumns == ["sex"])
    for bad in [
      "objective: {constraints: {latncy: 5us}}\n", "objective: {prefer: sped}\n", "fairness: {mitigate: reweigh}\n",
      "objective: {constraints: {monotone: {a: up, a: down}}}\n", "fairness: {at_most: 2}\n",
    ] {
      #expect(throws: MLError.self, "\(bad)") { try ProjectFile(parsing: bad, origin: "apus.yaml") }
    }
  }

  // MARK: Directions

  /// Probabilities for rows in which one column is led through its values.
  static func curve(_ model: ModelArchive, _ column: String, _ values: [Double], row: Int, of frame: Frame) throws
    -> [Double]
  {
    let repeated = frame.gathered([Int](repeating: row, count: values.count))
    let kind = try frame.column(column).kind
    let cells = kind == .integer ? Column(.integer(values.map { Int64($0) })) : Column(.number(values))
    let said = try model.score(repeated.setting(Field(column, kind), cells))
    return said.values ?? said.probabilities(ofClass: 1) ?? []
  }

  /// The table rises with age and spend; it is asked to fall with age, so that a model may not use it upwards.
  @Test(arguments: [["gradient-boosted-trees"], ["logistic-regression"], []])
  func predictionsKeepTheDirection(algorithms: [String]) throws {
    let bench = try Bench(seed: 4)
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 500)
    var request = bench.request(path)
    request.project.training.algorithms = algorithms
    request.project.training.budget = .trials(algorithms.isEmpty ? 8 : 3)
    try request.project.promise(
      latency: nil, size: nil, monotone: ["spend:+", "age:-"], prefer: nil, mitigate: nil)
    let report = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    let model = try Models.load("churn@1", workspace: bench.workspace, registry: .standard).archive
    let (frame, _) = try FrameSources.read(path, options: SourceOptions(contract: model.contract, workers: .serial))
    var largest = 0.0
    for row in stride(from: 0, to: 500, by: 17) {
      let spend = try Self.curve(
        model, "spend", stride(from: -10, through: 110, by: 1.3).map { $0 }, row: row, of: frame)
      let age = try Self.curve(model, "age", (10..<90).map(Double.init), row: row, of: frame)
      #expect(zip(spend, spend.dropFirst()).allSatisfy { $1 >= $0 - 1e-9 }, "row \(row)")
      #expect(zip(age, age.dropFirst()).allSatisfy { $1 <= $0 + 1e-9 }, "row \(row)")
      largest = max(largest, (spend.last ?? 0) - (spend.first ?? 0))
    }
    #expect(largest > 0.05, "spend is still used")
    let kept = report.json["constraints"]?["monotone"]?.arrayValue ?? []
    #expect(kept.map { $0["column"]?.stringValue } == ["spend", "age"])
    #expect(kept.allSatisfy { $0["kept"]?.boolValue == true })
    let checks = report.json["gate"]?["checks"]?.arrayValue ?? []
    #expect(checks.contains { $0["name"]?.stringValue == "monotone age" && $0["passed"]?.boolValue == true })
    let card = try ModelCard(bench.workspace.modelVersion("churn", 1), in: bench.workspace).markdown
    #expect(card.contains("Predictions are decreasing in `age`"))
    if algorithms.isEmpty {
      let tried = report.json["candidates"]?.arrayValue?.compactMap { $0["algorithm"]?.stringValue } ?? []
      #expect(!tried.contains("random-forest") && !tried.contains("k-nearest-neighbours"))
      let finding = report.json["findings"]?.arrayValue?.first { $0["kind"]?.stringValue == "excluded-algorithms" }
      #expect(finding?["message"]?.stringValue?.contains("random-forest") == true)
    }
  }

  @Test func whatCannotPromiseIsRefusedWhenNamed() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 200)
    func failure(_ algorithm: String?, _ monotone: String) throws -> MLError? {
      var request = bench.request(path)
      request.project.training.algorithms = algorithm.map { [$0] } ?? []
      try request.project.promise(latency: nil, size: nil, monotone: [monotone], prefer: nil, mitigate: nil)
      return #expect(throws: MLError.self) {
        try Trainer(workspace: bench.workspace, context: bench.context).run(request)
      }
    }
    #expect(try failure("random-forest", "age:+")?.hint?.contains("gradient-boosted-trees") == true)
    #expect(try failure(nil, "plan:+")?.message.contains("numbers") == true)
    #expect(try failure(nil, "agee:+")?.hint?.contains("age") == true)
  }

  // MARK: Limits

  @Test func aSizeLimitHoldsForChosenMembersAndArchive() throws {
    let bench = try Bench(seed: 2)
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 500)
    var request = bench.request(path)
    request.project.training.budget = .trials(10)
    let free = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    let sizes = free.json["candidates"]?.arrayValue?.compactMap { $0["size_bytes"]?.integerValue } ?? []
    #expect(sizes.count >= 10 && sizes.allSatisfy { $0 > 0 })
    let limit = 60_000
    request.model = "small"
    try request.project.promise(latency: nil, size: "\(limit)", monotone: [], prefer: nil, mitigate: nil)
    let report = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    let candidates = report.json["candidates"]?.arrayValue ?? []
    let refused = candidates.filter {
      $0["cross_validation"]?["failure"]?.stringValue?.contains("at most 60 kB is allowed") == true
    }
    #expect(!refused.isEmpty, "\(sizes)")
    for member in report.json["members"]?.arrayValue ?? [] {
      let index = Int(member["candidate"]?.integerValue ?? 0)
      #expect(candidates[index]["cross_validation"]?["failure"]?.isNull == true)
    }
    let digest = try bench.workspace.modelVersion("small", 1).archive
    #expect(try bench.workspace.objects.get(digest).count <= limit)
    let check = report.json["gate"]?["checks"]?.arrayValue?.first {
      $0["name"]?.stringValue?.contains("size_bytes") == true
    }
    #expect(check?["passed"]?.boolValue == true)
    let json = try Reproducing.run(
      report.json["run"]?.stringValue ?? "", workspace: bench.workspace, context: bench.context)
    #expect(json["reproduced"]?.boolValue == true)
  }

  @Test func limitsThatNothingKeepsAreSaid() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 200)
    for (latency, size) in [("1ns", nil), (nil, "2kB")] as [(String?, String?)] {
      var request = bench.request(path)
      try request.project.promise(latency: latency, size: size, monotone: [], prefer: nil, mitigate: nil)
      let error = #expect(throws: MLError.self) {
        try Trainer(workspace: bench.workspace, context: bench.context).run(request)
      }
      #expect(error?.code == .invalidParameter && error?.message.contains("none of 3 candidates") == true)
    }
  }

  /// Times differ between runs; a repetition takes those of the run, so that it chooses alike.
  @Test func aLatencyLimitIsMeasuredPromisedAndRepeatable() throws {
    let bench = try Bench(seed: 8)
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 300))
    try request.project.promise(latency: "1s", size: nil, monotone: [], prefer: "speed", mitigate: nil)
    let report = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    let entry = report.json["constraints"]?["latency_microseconds"]
    #expect(entry?["limit"]?.doubleValue == 1_000_000)
    #expect(entry?["value"]?.doubleValue.map { $0 > 0 && $0 < 1_000_000 } == true)
    #expect(report.json["members"]?.arrayValue?.count == 1, "a mixture is never the quickest")
    let front = report.json["pareto"]
    #expect(front?["prefer"]?.stringValue == "speed")
    let chosen = front?["points"]?.arrayValue?.filter { $0["chosen"]?.boolValue == true } ?? []
    #expect(chosen.count == 1 && chosen[0]["candidate"] == report.json["chosen"])
    let json = try Reproducing.run(
      report.json["run"]?.stringValue ?? "", workspace: bench.workspace, context: bench.context)
    #expect(json["reproduced"]?.boolValue == true)
  }

  @Test func otherTasksRefuseConstraints() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 100))
    request.project.objective.task = .clustering
    try request.project.promise(latency: nil, size: "5MB", monotone: [], prefer: nil, mitigate: nil)
    let error = #expect(throws: MLError.self) {
      try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    }
    #expect(error?.field == "constraints")
  }
}
