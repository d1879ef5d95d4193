import Basics
import Frames
import Lifecycle
import Modeling
import Storage
import Synchronization
import Testing

@Suite struct TrainingTests {
  @Test func trainsJudgesAndPromotes() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let report = try Trainer(workspace: bench.workspace, context: bench.context)
      .run(bench.request(bench.table("customers.csv", rows: 600)))
    #expect(report.passed && report.promoted)
    #expect(report.reference == "churn@1")
    let test = try #require(report.json["test"]?["roc_auc"]?["value"]?.doubleValue)
    #expect(test > 0.85)
    #expect(try bench.workspace.championVersion(of: "churn")?.version == 1)
    for key in ["run", "model", "task", "target", "metric", "test", "candidates", "gate", "findings", "seconds"] {
      #expect(report.json[key] != nil, "\(key)")
    }
  }

  /// A model trained on shuffled targets stays where it is, whoever asks.
  @Test func shuffledTargetsAreNotPromotedByAnybody() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let report = try Trainer(workspace: bench.workspace, context: bench.context)
      .run(bench.request(bench.table("noise.csv", rows: 600, shuffled: true)))
    #expect(!report.passed && !report.promoted)
    let refusal = #expect(throws: MLError.self) {
      try bench.workspace.promote("churn", 1, actor: "somebody", reason: "please")
    }
    #expect(refusal?.code == .conflict)
    #expect(refusal?.message.contains("beats_baseline") == true || refusal?.message.contains("baseline") == true)
    let again = try Workspace.open(at: bench.workspace.path, create: false)
    #expect(throws: MLError.self) { try again.promote("churn", 1, actor: "somebody", reason: "again") }
    #expect(try again.championVersion(of: "churn") == nil)
  }

  /// Where there is nothing to learn, algorithms that stop early must not look as if there were: on few rows the best
  /// moment for the held-out rows would be picked by chance.
  @Test func stoppingEarlyDoesNotFlatterOnFewRows() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var means: [Double] = []
    for seed in 0..<4 {
      let path = try bench.table("noise\(seed).csv", rows: 300, seed: UInt64(seed), shuffled: true)
      for algorithm in ["gradient-boosted-trees", "multilayer-perceptron"] {
        var request = bench.request(path, model: "noise\(seed)-\(algorithm)")
        request.project.training.algorithms = [algorithm]
        request.project.training.budget = .trials(1)
        request.project.split.nested = false
        let json = try Trainer(workspace: bench.workspace, context: bench.context).run(request).json
        let candidates = try #require(json["candidates"]?.arrayValue)
        let tried = try #require(candidates.first { $0["algorithm"]?.stringValue == algorithm })
        means.append(try #require(tried["cross_validation"]?["mean"]?.doubleValue))
      }
    }
    let mean = means.reduce(0, +) / Double(means.count)
    #expect(mean < 0.53 && mean > 0.45, "\(means)")
  }

  @Test func sameSeedSameArchiveForAnyThreadCount() throws {
    var digests: [String] = []
    for threads in [1, 2] {
      let bench = try Bench(seed: 5, threads: threads)
      defer { bench.remove() }
      _ = try Trainer(workspace: bench.workspace, context: bench.context)
        .run(bench.request(bench.table("customers.csv", rows: 400)))
      digests.append(try bench.workspace.modelVersion("churn", 1).archive.hex)
    }
    #expect(digests[0] == digests[1])
  }

  /// What a killed search had tried is not tried again, and the model is the same to the last byte.
  @Test func anInterruptedSearchGoesOnWhereItWas() throws {
    var digests: [String] = []
    var announced: [Int] = []
    for isInterrupted in [false, true] {
      let bench = try Bench(seed: 6)
      defer { bench.remove() }
      var request = bench.request(try bench.table("customers.csv", rows: 400))
      request.project.training.budget = .trials(8)
      if isInterrupted {
        let cancellation = Cancellation()
        var context = bench.context
        context.cancellation = cancellation
        let count = Counter()
        context.observe = { event in
          if case .candidate = event, count.increment() == 5 { cancellation.cancel() }
        }
        #expect(throws: MLError.self) { try Trainer(workspace: bench.workspace, context: context).run(request) }
        let kept = try FileSystem.list(bench.workspace.path + "/search").first
        let folder = try #require(kept)
        announced.append(try FileSystem.list(bench.workspace.path + "/search/" + folder).count)
      }
      _ = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
      digests.append(try bench.workspace.modelVersion("churn", 1).archive.hex)
      let left = try FileSystem.list(bench.workspace.path + "/search")
      #expect(left.isEmpty, "trials are kept only while a run is open")
    }
    #expect(digests[0] == digests[1])
    #expect(announced[0] >= 5)
  }

  @Test func aMissedGoalIsSaidWithValueAndLimit() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 400))
    request.project.objective.goal = "roc_auc >= 0.9999"
    let report = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
    #expect(!report.passed)
    let check = try #require(report.json["gate"]?["checks"]?.arrayValue?.first { $0["name"]?.stringValue == "goal" })
    #expect(check["limit"]?.doubleValue == 0.9999)
    #expect(check["value"]?.doubleValue != nil)
  }

  @Test func repeatingARunReportsItInsteadOfDoingItTwice() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 300))
    request.runID = "monday"
    let trainer = Trainer(workspace: bench.workspace, context: bench.context)
    let first = try trainer.run(request)
    let second = try trainer.run(request)
    #expect(first.reference == second.reference)
    #expect(try bench.workspace.modelVersions(of: "churn").count == 1)
  }

  @Test(arguments: [
    ("one-row.csv", "a,b,churned\n1,2,yes\n"),
    ("one-class.csv", "a,churned\n" + String(repeating: "1,yes\n2,yes\n", count: 30)),
    ("one-column.csv", "churned\n" + String(repeating: "yes\nno\n", count: 30)),
    ("no-target.csv", "a,b\n" + String(repeating: "1,2\n3,4\n", count: 30)), ("header.csv", "a,churned\n"),
    ("empty.csv", ""),
    ("missing.csv", "a,churned\n" + String(repeating: ",yes\n,no\n", count: 30)),
    ("twice.csv", "a,a,churned\n" + String(repeating: "1,2,yes\n3,4,no\n", count: 30)),
  ])
  func badTablesGetAClearError(name: String, text: String) throws {
    let bench = try Bench()
    defer { bench.remove() }
    let path = "\(bench.folder)/\(name)"
    try FileSystem.write(Array(text.utf8), to: path)
    let error = #expect(throws: MLError.self) {
      try Trainer(workspace: bench.workspace, context: bench.context).run(bench.request(path))
    }
    #expect(
      error.map { [.invalidData, .notFound, .schemaMismatch].contains($0.code) } == true, "\(String(describing: error))"
    )
    #expect(error?.message.isEmpty == false)
    #expect(try bench.workspace.models().isEmpty)
  }

  @Test func cancellingLeavesNothingRegistered() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let request = bench.request(try bench.table("customers.csv", rows: 300))
    var context = bench.context
    let cancellation = context.cancellation
    context.observe = { event in if case .progress = event { cancellation.cancel() } }
    let sent = context
    let error = #expect(throws: MLError.self) { try Trainer(workspace: bench.workspace, context: sent).run(request) }
    #expect(error?.code == .cancelled)
    #expect(try bench.workspace.models().isEmpty)
    #expect(try bench.workspace.runs().first?.state == .cancelled)
  }
}

/// Counts from several threads.
final class Counter: Sendable {
  private let value = Mutex(0)
  func increment() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}
