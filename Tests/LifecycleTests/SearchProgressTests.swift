import Basics
import Lifecycle
import Modeling
import Storage
import Synchronization
import Testing

/// Searches as their folders show them.
@Suite struct SearchProgressTests {
  /// Trains until the search is over and stops there; the folder of trials stays.
  private func stopped(_ bench: Bench) throws -> Leaderboard? {
    var context = bench.context
    let cancellation = Cancellation()
    context.cancellation = cancellation
    let last = Mutex<Leaderboard?>(nil)
    context.observe = { event in
      if case .leaderboard(let board) = event { last.withLock { $0 = board } }
      if case .stage(let title) = event, title.hasPrefix("Fitting") { cancellation.cancel() }
    }
    var request = bench.request(try bench.table("customers.csv", rows: 400))
    request.runID = "monday"
    let sent = context
    #expect(throws: MLError.self) { try Trainer(workspace: bench.workspace, context: sent).run(request) }
    return last.withLock { $0 }
  }

  @Test func theFolderTellsWhatTheSearchDid() throws {
    let bench = try Bench()
    defer { bench.remove() }
    let told = try #require(try stopped(bench))
    let reader = SearchProgressReader()
    let found = try reader.all(in: bench.workspace)
    #expect(found.count == 1 && found[0].state == .stopped && found[0].run == "monday" && found[0].model == "churn")
    let board = found[0].leaderboard
    #expect(board.metric == "roc_auc" && board.higherIsBetter && board.foldCount == told.foldCount)
    #expect(board.count == told.count && board.fitCount == told.fitCount && board.count >= 3)
    #expect(board.entries.map(\.algorithm) == told.entries.map(\.algorithm))
    #expect(board.entries.map(\.values) == told.entries.map(\.values))
    let deepest = board.entries.map(\.foldCount).max() ?? 0
    let means = board.entries.prefix { 2 * $0.foldCount >= deepest }.compactMap(\.mean)
    #expect(means == means.sorted(by: >) && means.count >= 2)
    #expect(try reader.all(in: bench.workspace) == found, "a second look finds the same")
    #expect(reader.revision(in: bench.workspace) > board.fitCount)
  }

  /// Stopped after each number of fits, also right after proposing: what was never tried is listed, not judged.
  @Test func aSearchStopsBetweenProposingAndTrying() throws {
    let bench = try Bench()
    defer { bench.remove() }
    var request = bench.request(try bench.table("customers.csv", rows: 90))
    request.project.training.algorithms = ["decision-tree"]
    request.project.training.budget = .trials(8)
    request.project.split.nested = false
    var untried: [Int] = []
    for fits in 4...12 {
      request.project.training.extent = SearchExtent(candidateCount: 9, fitCount: fits)
      let report = try Trainer(workspace: bench.workspace, context: bench.context).run(request)
      let candidates = report.json["candidates"]?.arrayValue ?? []
      untried.append(
        candidates.count { $0["cross_validation"]?["folds"]?.arrayValue?.isEmpty ?? true })
      #expect(candidates.count <= 9)
    }
    #expect(untried.contains { $0 > 0 }, "\(untried)")
  }

  @Test func aSearchWhoseRunIsAtWorkIsRunning() throws {
    let bench = try Bench()
    defer { bench.remove() }
    _ = try stopped(bench)
    _ = try bench.workspace.beginRun(RunDraft(id: "monday", project: "churn", kind: "train"))
    #expect(try SearchProgressReader().all(in: bench.workspace).map(\.state) == [.running])
    let later = Timestamp(microseconds: SystemClock().now().microseconds + 30 * 86_400_000_000)
    #expect(SearchFolders.removeStale(in: bench.workspace, now: later).isEmpty)
  }

  @Test func damagedFilesAreLeftOutAndOldFoldersGo() throws {
    let bench = try Bench()
    defer { bench.remove() }
    _ = try stopped(bench)
    let place = bench.workspace.path + "/search"
    let folder = try #require(try FileSystem.list(place).first)
    let before = try SearchProgressReader().all(in: bench.workspace)[0].leaderboard.fitCount
    let trial = try #require(try FileSystem.list("\(place)/\(folder)").first { $0.hasSuffix(".trial") })
    try FileSystem.write([1, 2, 3], to: "\(place)/\(folder)/\(trial)")
    #expect(try SearchProgressReader().all(in: bench.workspace)[0].leaderboard.fitCount == before - 1)
    try FileSystem.createDirectory("\(place)/other")
    #expect(try SearchProgressReader().all(in: bench.workspace).count == 1, "a folder that says nothing is not shown")
    let now = SystemClock().now().microseconds
    let soon = Timestamp(microseconds: now + (SearchFolders.keptDays - 1) * 86_400_000_000)
    #expect(SearchFolders.removeStale(in: bench.workspace, now: soon).isEmpty)
    let later = Timestamp(microseconds: now + (SearchFolders.keptDays + 1) * 86_400_000_000)
    #expect(SearchFolders.removeStale(in: bench.workspace, now: later) == [folder, "other"].sorted())
    #expect(try FileSystem.list(place).isEmpty)
  }
}
