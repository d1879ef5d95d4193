import Basics
import Lifecycle
import Modeling
import Storage
import Testing

/// What a run finds out beside its model, and settings that are given.
@Suite struct AnalysisTests {
  /// Pictures have hundreds of columns; experiments on each of them must not take hours.
  @Test func wideTablesAreAnalysedWithinReason() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var random = RandomStream(Seed(5))
    let names = (0..<130).map { "p\($0)" }
    var lines = [(names + ["churned"]).joined(separator: ",")]
    for _ in 0..<150 {
      let cells = names.map { _ in NumberText.shortest((random.normal() * 100).rounded() / 100) }
      let truth = (Double(cells[0]) ?? 0) + (Double(cells[1]) ?? 0) > 0 ? "yes" : "no"
      lines.append((cells + [truth]).joined(separator: ","))
    }
    let path = bench.folder + "/wide.csv"
    try FileSystem.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    var request = bench.request(path)
    request.project.training.algorithms = ["k-nearest-neighbours"]
    request.project.training.budget = .trials(1)
    request.project.split.nested = false
    let json = try Trainer(workspace: bench.workspace, context: bench.context).run(request).json
    let digest = try Digest(hex: #require(json["analysis"]?.stringValue))
    let analysis = try JSONValue(parsing: String(decoding: bench.workspace.objects.get(digest), as: UTF8.self))
    #expect(analysis["importance"]?.arrayValue?.count == 130)
    let entries = try #require(analysis["robustness"]?["entries"]?.arrayValue)
    let single = Set(entries.compactMap { $0["column"]?.stringValue })
    #expect(single.count == 30)
    // Found by experiment, which is left out and said.
    #expect(analysis["shares"] == nil && analysis["examples"] == nil)
    let left = try #require(analysis["left_out"]?.arrayValue).compactMap(\.stringValue)
    #expect(left.contains { $0.contains("apus explain") })
  }

  private func run(_ bench: Bench, _ change: (inout ProjectFile) -> Void) throws -> [JSONValue] {
    var request = bench.request(try bench.table("customers.csv", rows: 200))
    request.project.split.nested = false
    change(&request.project)
    let json = try Trainer(workspace: bench.workspace, context: bench.context).run(request).json
    return try #require(json["candidates"]?.arrayValue)
  }

  @Test func settingsThatAreGivenAreKept() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let tried = try run(bench) {
      $0.training.algorithms = ["gradient-boosted-trees"]
      $0.training.budget = .trials(8)
      $0.training.settings = [
        "gradient-boosted-trees": ["leaf_count": 5, "iteration_count": 20, "early_stopping_rounds": 0]
      ]
    }.filter { $0["algorithm"]?.stringValue == "gradient-boosted-trees" }
    #expect(tried.count > 4)
    for candidate in tried {
      #expect(candidate["parameters"]?["leaf_count"] == 5 && candidate["parameters"]?["iteration_count"] == 20)
    }
    // Without early stopping the kept model has as many rounds as were asked for.
    let archive = try Models.load("churn", workspace: bench.workspace, registry: .standard).archive
    #expect(archive.pipeline.members.allSatisfy { $0.model.iterationCount == 20 })
  }

  @Test func settingsThatCannotBeAreRefusedByName() throws {
    let bench = try Bench()
    defer { bench.remove() }
    #expect {
      _ = try run(bench) { $0.training.settings = ["gradient-boosted-trees": ["leafs": 5]] }
    } throws: { ($0 as? MLError)?.message.contains("leafs") ?? false }
    #expect {
      _ = try run(bench) {
        $0.training.algorithms = ["logistic-regression"]
        $0.training.settings = ["gradient-boosted-trees": ["leaf_count": 5]]
      }
    } throws: { ($0 as? MLError)?.message.contains("not tried") ?? false }
    #expect {
      _ = try run(bench) { $0.training.settings = ["magic": ["leaf_count": 5]] }
    } throws: { ($0 as? MLError)?.message.contains("magic") ?? false }
  }
}
