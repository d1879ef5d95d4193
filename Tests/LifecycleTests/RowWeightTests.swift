import Basics
import Lifecycle
import Modeling
import Storage
import Testing

/// Weights of rows and classes, estimates by folds within folds, and refits of the chosen candidate.
@Suite struct RowWeightTests {
  private func run(_ bench: Bench, _ path: String, _ change: (inout ProjectFile) throws -> Void) throws -> JSONValue {
    var request = bench.request(path)
    try change(&request.project)
    return try Trainer(workspace: bench.workspace, context: bench.context).run(request).json
  }

  private func write(_ bench: Bench, _ lines: [String]) throws -> String {
    let path = "\(bench.folder)/table.csv"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    return path
  }

  /// Every second row tells the opposite of the truth and has no weight.
  private func halfWrong(_ bench: Bench) throws -> String {
    var random = RandomStream(Seed(21))
    var lines = ["x,z,w,churned"]
    for row in 0..<640 {
      let x = random.uniform()
      let isWrong = row % 2 == 0
      let truth = (x > 0.5) != isWrong
      lines.append("\(NumberText.shortest(x)),\(random.index(below: 50)),\(isWrong ? 0 : 2),\(truth ? "yes" : "no")")
    }
    return try write(bench, lines)
  }

  @Test func weightsReachFittingAndMetricsAndAreNoFeature() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try halfWrong(bench)
    let weighed = try run(bench, path) { $0.weightsColumn = "w" }
    #expect(try #require(weighed["test"]?["roc_auc"]?["value"]?.doubleValue) > 0.95)
    #expect(try #require(weighed["validation_value"]?.doubleValue) > 0.95)
    let columns = (weighed["importance"]?.arrayValue ?? []).compactMap { $0["column"]?.stringValue }
    #expect(!columns.contains("w") && columns.contains("x"))
    let alike = try run(bench, path) { $0.privateColumns = ["w"] }
    #expect(try #require(alike["test"]?["roc_auc"]?["value"]?.doubleValue) < 0.7)
  }

  @Test(arguments: [("-1", "at least 0"), ("heavy", "must be a number")])
  func weightsThatAreNoneAreRefused(value: String, words: String) throws {
    let bench = try Bench()
    defer { bench.remove() }
    let lines = ["x,w,churned"] + (0..<60).map { "\($0),\($0 < 30 && value == "-1" ? "1" : value),\($0 % 2 == 0)" }
    let path = try write(bench, lines)
    let error = #expect(throws: MLError.self) { try run(bench, path) { $0.weightsColumn = "w" } }
    #expect(error?.code == .invalidData && error?.message.contains(words) == true, "\(String(describing: error))")
  }

  @Test func balancedClassesFindMoreOfTheRareOne() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var random = RandomStream(Seed(22))
    let lines =
      ["x,churned"]
      + (0..<1500).map { _ in
        let isRare = random.uniform() < 0.08
        return "\(NumberText.shortest(random.normal() + (isRare ? 1.2 : 0))),\(isRare ? "yes" : "no")"
      }
    let path = try write(bench, lines)
    let plain = try run(bench, path) { $0.split.nested = false }
    let balanced = try run(bench, path) { $0.training.classWeight = .balanced }
    let (few, many) = (
      plain["test"]?["recall"]?["value"]?.doubleValue, balanced["test"]?["recall"]?["value"]?.doubleValue
    )
    #expect(try #require(many) > #require(few) + 0.2)
  }

  @Test func foldsWithinFoldsJudgeSmallTables() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = try bench.table("customers.csv", rows: 240)
    let json = try run(bench, path) { _ in }
    let nested = try #require(json["nested"])
    let value = try #require(nested["value"]?.doubleValue)
    #expect(value > 0.7 && value < 1)
    #expect(try #require(nested["low"]?.doubleValue) < value && value < #require(nested["high"]?.doubleValue))
    #expect(nested["rows"]?.integerValue == json["rows"]?["training"]?.integerValue)
    let metrics = try bench.workspace.run(try #require(json["run"]?.stringValue)).summary.metrics
    #expect(metrics.contains { $0.split == "nested" })
    let without = try run(bench, path) { $0.split.nested = false }
    #expect(without["nested"]?.isNull == true)
  }

  /// Groups, weights, nested folds and refits: nothing of it depends on the number of threads.
  @Test func sameBytesForAnyThreadCount() throws {
    var digests: [String] = []
    var analyses: [JSONValue] = []
    var nested: [JSONValue] = []
    for threads in [1, 2] {
      let bench = try Bench(seed: 5, threads: threads)
      defer { bench.remove() }
      var random = RandomStream(Seed(23))
      let lines =
        ["who,x,z,w,churned"]
        + (0..<300).map { row in
          let x = random.normal()
          let truth = x + random.normal() * 0.5 > 0 ? "yes" : "no"
          return "p\(row % 30),\(NumberText.shortest(x)),\(random.index(below: 9)),\(1 + row % 3),\(truth)"
        }
      let json = try run(bench, try write(bench, lines)) {
        $0.split = try SplitPlan(parsing: "group:who")
        $0.weightsColumn = "w"
        $0.training.classWeight = .balanced
      }
      digests.append(try bench.workspace.modelVersion("churn", 1).archive.hex)
      nested.append(try #require(json["nested"]))
      let analysis = try RunRecords.analysis(of: try #require(json["run"]?.stringValue), in: bench.workspace)
      analyses.append(["curve": analysis["learning_curve"] ?? .null, "drop": analysis["drop_column"] ?? .null])
    }
    #expect(digests[0] == digests[1])
    #expect(nested[0] == nested[1])
    #expect(analyses[0] == analyses[1])
    let points = analyses[0]["curve"]?["points"]?.arrayValue ?? []
    #expect(points.count >= 4, "\(analyses[0].compact)")
    #expect(analyses[0]["curve"]?["sentence"]?.stringValue?.isEmpty == false)
    let drops = analyses[0]["drop"]?.arrayValue ?? []
    #expect(drops.first?["column"]?.stringValue == "x", "\(analyses[0].compact)")
    #expect(try #require(drops.first?["low"]?.doubleValue) < #require(drops.first?["high"]?.doubleValue))
  }

  @Test func aRunWithRolesIsReproduced() throws {
    let bench = try Bench(seed: 7)
    defer { bench.remove() }
    let path = try halfWrong(bench)
    let json = try run(bench, path) {
      $0.weightsColumn = "w"
      $0.split = try SplitPlan(parsing: "stratified")
    }
    let again = try Reproducing.run(
      try #require(json["run"]?.stringValue), workspace: bench.workspace, context: bench.context)
    #expect(again["reproduced"]?.boolValue == true)
  }
}
