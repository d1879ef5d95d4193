package import Basics
import Foundation
import Modeling
package import Storage
import Synchronization
import Tuning

/// A search as its folder of trials shows it: at work in some process, or stopped before its end.
package struct SearchProgress: Sendable, Hashable {
  /// Whether a process is at work on it.
  package enum State: String, Sendable, Hashable {
    /// Its run's process is alive.
    case running
    /// Its run was killed, cancelled or failed; the same training goes on from what it left.
    case stopped
  }

  /// Name of its folder.
  package let id: String
  /// The run it belongs to.
  package let run: String
  /// Name of the model that is trained.
  package let model: String
  /// Whether a process is at work on it.
  package let state: State
  /// When it began.
  package let startedAt: Timestamp
  /// When its latest trial was kept.
  package let changedAt: Timestamp
  /// What it has tried.
  package let leaderboard: Leaderboard
}

/// Reads the folders that searches leave while they are at work: the only record of a search that has not ended.
///
/// Files of trials never change, so each is read once; keep one reader for a process that looks again and again.
package final class SearchProgressReader: Sendable {
  private let known = Mutex<[String: Leaderboard.Trial?]>([:])

  /// Knows nothing yet.
  package init() {}

  /// All searches of `workspace` that have not ended, those at work first, the newest first among them.
  package func all(in workspace: Workspace) throws -> [SearchProgress] {
    let folders = SearchFolders.all(in: workspace)
    let found = folders.compactMap { search($0, in: workspace) }
    known.withLock { known in
      known = known.filter { entry in folders.contains { entry.key.hasPrefix($0 + "/") } }
    }
    return found.sorted { a, b in
      if a.state != b.state { return a.state == .running }
      return (b.startedAt, a.id) < (a.startedAt, b.id)
    }
  }

  /// Grows with every trial of every search that has not ended.
  package func revision(in workspace: Workspace) -> Int {
    SearchFolders.all(in: workspace).reduce(0) { sum, folder in
      sum + 1 + ((try? FileSystem.list(folder).count) ?? 0)
    }
  }

  private func search(_ folder: String, in workspace: Workspace) -> SearchProgress? {
    guard let about = SearchAbout(folder: folder), let names = try? FileSystem.list(folder) else { return nil }
    var board = Leaderboard(
      metric: about.metric, higherIsBetter: about.higherIsBetter, foldCount: about.foldCount,
      plannedCount: about.plannedCount)
    for name in names.sorted() {
      guard let fold = TrialStore.fold(ofFile: name), let trial = trial("\(folder)/\(name)", fold) else { continue }
      board.add(trial)
    }
    let isRunning = (try? workspace.run(about.run).state) == .running
    return SearchProgress(
      id: FileSystem.name(folder), run: about.run, model: about.model, state: isRunning ? .running : .stopped,
      startedAt: about.startedAt, changedAt: SearchFolders.modifiedAt(folder) ?? about.startedAt, leaderboard: board)
  }

  /// What a trial's file says; `nil` for one that is damaged or of a release that did not name its candidate.
  private func trial(_ path: String, _ fold: Int) -> Leaderboard.Trial? {
    if let trial = known.withLock({ $0[path] }) { return trial }
    var trial: Leaderboard.Trial?
    if let archive = try? ArchiveReader(path: path), let candidate = try? TrialOutcome.candidate(of: archive),
      let outcome = try? TrialOutcome(from: archive)
    {
      trial = Leaderboard.Trial(candidate, fold: fold, outcome)
    }
    known.withLock { $0[path] = .some(trial) }
    return trial
  }
}

/// The folders that searches leave.
package enum SearchFolders {
  /// Days after its latest trial that the folder of a stopped search is kept.
  package static let keptDays: Int64 = 7

  /// Paths, sorted by name.
  static func all(in workspace: Workspace) -> [String] {
    let place = "\(workspace.path)/search"
    guard let names = try? FileSystem.list(place) else { return [] }
    return names.sorted().map { "\(place)/\($0)" }.filter(FileSystem.isDirectory)
  }

  /// When the list of names in a folder was last changed; `nil` where there is none.
  static func modifiedAt(_ path: String) -> Timestamp? {
    let date = (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    return date.map { Timestamp(microseconds: Int64($0.timeIntervalSince1970 * 1e6)) }
  }

  /// Removes folders of stopped searches whose latest trial is older than `keptDays`.
  ///
  /// - Returns: their names.
  @discardableResult
  package static func removeStale(in workspace: Workspace, now: Timestamp) -> [String] {
    guard !workspace.isReadOnly else { return [] }
    let limit = now.microseconds - keptDays * 86_400_000_000
    return all(in: workspace).compactMap { folder in
      guard let changed = SearchFolders.modifiedAt(folder), changed.microseconds < limit else { return nil }
      if let about = SearchAbout(folder: folder), (try? workspace.run(about.run).state) == .running { return nil }
      // A folder that cannot be removed is only space.
      return (try? FileSystem.remove(folder)) == nil ? nil : FileSystem.name(folder)
    }
  }
}

/// What a search's folder says about it, beside its trials.
struct SearchAbout: Sendable, Hashable {
  var run: String
  var model: String
  var metric: String
  var higherIsBetter: Bool
  var foldCount: Int
  /// Candidates there will be; `nil` where time decides.
  var plannedCount: Int?
  var startedAt: Timestamp

  static let fileName = "search.json"

  var json: JSONValue {
    [
      "run": .string(run), "model": .string(model), "metric": .string(metric),
      "higher_is_better": .boolean(higherIsBetter), "folds": .integer(Int64(foldCount)),
      "candidates": plannedCount.map { .integer(Int64($0)) } ?? .null, "started_at": .string(startedAt.description),
    ]
  }

  init(
    run: String, model: String, metric: any Metric, foldCount: Int, plannedCount: Int?, startedAt: Timestamp
  ) {
    self.run = run
    self.model = model
    self.metric = type(of: metric).card.name
    higherIsBetter = type(of: metric).higherIsBetter
    self.foldCount = foldCount
    self.plannedCount = plannedCount
    self.startedAt = startedAt
  }

  /// What a folder says; `nil` where it says nothing that can be read.
  init?(folder: String) {
    guard let bytes = try? FileSystem.read("\(folder)/\(Self.fileName)"), let json = try? JSONValue(parsing: bytes),
      let run = json["run"]?.stringValue, let model = json["model"]?.stringValue,
      let metric = json["metric"]?.stringValue, let higher = json["higher_is_better"]?.boolValue,
      let folds = json["folds"]?.integerValue, (1...100_000).contains(folds),
      let started = json["started_at"]?.stringValue.flatMap(Timestamp.init(iso8601:))
    else { return nil }
    (self.run, self.model, self.metric, higherIsBetter) = (run, model, metric, higher)
    (foldCount, startedAt) = (Int(folds), started)
    plannedCount = json["candidates"]?.integerValue.map { Int(clamping: $0) }
  }
}

extension TrialStore {
  /// Says what the folder is about, for whoever looks at it while the search is at work.
  func begin(_ about: SearchAbout) throws {
    guard let folder else { return }
    try FileSystem.createDirectory(folder)
    try FileSystem.write(Array(about.json.compact.utf8), to: "\(folder)/\(SearchAbout.fileName)")
  }

  /// The fold of a trial's file, from its name; `nil` for other files.
  static func fold(ofFile name: String) -> Int? {
    guard name.hasSuffix(".trial"), let mark = name.lastIndex(of: "-") else { return nil }
    return Int(name[name.index(after: mark)...].dropLast(".trial".count))
  }
}

extension TrialOutcome {
  /// The candidate that a trial's file is about.
  ///
  /// - Throws: `.corruptFile` where it does not say.
  static func candidate(of archive: ArchiveReader) throws -> Candidate {
    let json = try archive.value("candidate")
    guard let algorithm = json["algorithm"]?.stringValue, let parameters = json["parameters"],
      parameters.objectValue != nil
    else { throw archive.corrupt("does not name its candidate") }
    return Candidate(algorithm: algorithm, parameters: parameters)
  }
}
