import Basics
import Tuning

/// The candidates of a search so far, best first: what was tried on which folds, and how it did there.
package struct Leaderboard: Sendable, Hashable {
  /// One candidate.
  package struct Entry: Sendable, Hashable {
    /// Algorithm, by name.
    package let algorithm: String
    /// Settings that differ from the defaults, in short: `depth=4 rate=0.1`.
    package let settings: String
    /// Metric by fold, in order of the folds; only folds where it is defined.
    package fileprivate(set) var folds: [Int: Double] = [:]
    /// Folds it was fitted on.
    package fileprivate(set) var foldCount = 0
    /// Time of all its fits, in seconds.
    package fileprivate(set) var fitSeconds = 0.0

    /// Mean over the folds so far; `nil` where it is nowhere defined.
    package var mean: Double? {
      folds.isEmpty ? nil : values.reduce(0, +) / Double(folds.count)
    }

    /// Standard error of that mean; `nil` with fewer than two folds.
    package var standardError: Double? {
      guard let mean, folds.count > 1 else { return nil }
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(folds.count - 1) / Double(folds.count)).squareRoot()
    }

    /// Metric by fold, in order.
    package var values: [Double] { folds.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Name of the metric.
  package let metric: String
  /// Whether more of it is better.
  package let higherIsBetter: Bool
  /// Folds that a candidate goes through unless it is dropped.
  package let foldCount: Int
  /// Candidates there will be, the baseline included; `nil` where time decides.
  package let plannedCount: Int?
  private var entriesByKey: [String: Entry] = [:]

  /// Nothing tried yet.
  package init(metric: String, higherIsBetter: Bool, foldCount: Int, plannedCount: Int? = nil) {
    self.metric = metric
    self.higherIsBetter = higherIsBetter
    self.foldCount = foldCount
    self.plannedCount = plannedCount
  }

  /// Candidates that have been tried.
  package var count: Int { entriesByKey.count }
  /// Fits made.
  package var fitCount: Int { entriesByKey.values.reduce(0) { $0 + $1.foldCount } }

  /// Best mean first; of equals the one seen on more folds, then by name and settings. Candidates seen on less than
  /// half of the folds of the deepest stand below all others: their means are a matter of luck, and most were dropped.
  package var entries: [Entry] {
    let sign = higherIsBetter ? 1.0 : -1
    let deepest = entriesByKey.values.map(\.foldCount).max() ?? 0
    return entriesByKey.sorted { a, b in
      let isDeep = (2 * a.value.foldCount >= deepest, 2 * b.value.foldCount >= deepest)
      if isDeep.0 != isDeep.1 { return isDeep.0 }
      let (left, right) = (a.value.mean.map { sign * $0 }, b.value.mean.map { sign * $0 })
      if left != right { return (left ?? -.infinity) > (right ?? -.infinity) }
      if a.value.foldCount != b.value.foldCount { return a.value.foldCount > b.value.foldCount }
      return a.key < b.key
    }.map(\.value)
  }

  /// Notes what came of a candidate on a fold.
  package mutating func add(_ trial: Trial) {
    let key = "\(trial.algorithm) \(trial.settings)"
    var entry = entriesByKey[key] ?? Entry(algorithm: trial.algorithm, settings: trial.settings)
    if let value = trial.value { entry.folds[trial.fold] = value }
    entry.foldCount += 1
    entry.fitSeconds += trial.fitSeconds
    entriesByKey[key] = entry
  }

  /// What a leaderboard keeps of one fit.
  package struct Trial: Sendable, Hashable {
    let algorithm: String
    let settings: String
    let fold: Int
    let value: Double?
    let fitSeconds: Double

    /// What came of a candidate on a fold.
    package init(algorithm: String, settings: String, fold: Int, value: Double?, fitSeconds: Double) {
      self.algorithm = algorithm
      self.settings = settings
      self.fold = fold
      self.value = value
      self.fitSeconds = fitSeconds
    }

    init(_ candidate: Candidate, fold: Int, _ outcome: TrialOutcome) {
      self.init(candidate, fold: fold, value: outcome.value, fitSeconds: outcome.fitSeconds)
    }

    init(_ candidate: Candidate, fold: Int, value: Double?, fitSeconds: Double) {
      self.init(
        algorithm: candidate.algorithm, settings: CandidateSearch.settings(candidate), fold: fold, value: value,
        fitSeconds: fitSeconds)
    }
  }
}
