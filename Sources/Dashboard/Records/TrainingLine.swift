package import Basics
import Lifecycle

/// A training that has not ended: at work now, or stopped on the way.
package struct TrainingLine: Sendable {
  /// One candidate so far.
  package struct Candidate: Sendable {
    /// Name of the algorithm.
    package var algorithm: String
    /// Settings that differ from the defaults.
    package var settings: String
    /// Mean over the folds so far, with an interval from two folds on.
    package var mean: Measured
    /// Metric by fold, in order.
    package var folds: [Double]
    /// Time of all its fits, in seconds.
    package var fitSeconds: Double

    /// Makes a line.
    package init(algorithm: String, settings: String, mean: Measured, folds: [Double], fitSeconds: Double) {
      self.algorithm = algorithm
      self.settings = settings
      self.mean = mean
      self.folds = folds
      self.fitSeconds = fitSeconds
    }
  }

  /// The run.
  package var run: String
  /// The model that is trained.
  package var model: String
  /// Whether a process is at work on it; else it was stopped.
  package var isRunning: Bool
  /// When it began.
  package var startedAt: Timestamp
  /// When it was last heard of.
  package var changedAt: Timestamp
  /// Name of the metric.
  package var metric: String
  /// Folds that a candidate goes through.
  package var foldCount: Int
  /// Candidates tried.
  package var count: Int
  /// Candidates there will be; `nil` where time decides.
  package var plannedCount: Int?
  /// The best so far, best first.
  package var candidates: [Candidate]

  /// Makes a line.
  package init(
    run: String, model: String, isRunning: Bool, startedAt: Timestamp, changedAt: Timestamp, metric: String
  ) {
    self.run = run
    self.model = model
    self.isRunning = isRunning
    self.startedAt = startedAt
    self.changedAt = changedAt
    self.metric = metric
    foldCount = 1
    count = 0
    candidates = []
  }

  /// What a search's folder shows.
  init(_ search: SearchProgress) {
    let board = search.leaderboard
    self.init(
      run: search.run, model: search.model, isRunning: search.state == .running, startedAt: search.startedAt,
      changedAt: search.changedAt, metric: board.metric)
    foldCount = board.foldCount
    count = board.count
    plannedCount = board.plannedCount
    candidates = board.entries.compactMap { entry in
      entry.mean.map { mean in
        let half = entry.standardError.map { 1.96 * $0 }
        return Candidate(
          algorithm: entry.algorithm, settings: entry.settings,
          mean: Measured(mean, low: half.map { mean - $0 }, high: half.map { mean + $0 }), folds: entry.values,
          fitSeconds: entry.fitSeconds)
      }
    }
  }
}

extension TrainingLine {
  /// What it does, and the best candidates so far with their folds.
  ///
  /// - Parameter isAlone: on the page of its own run, which has its name and more room.
  func html(now: Timestamp, isAlone: Bool) -> HTML {
    let planned = plannedCount.map { $0 > count ? " of \(Figures.count($0))" : "" } ?? ""
    let tried = "\(Figures.count(count))\(planned) \(count == 1 && planned.isEmpty ? "candidate" : "candidates") tried"
    let state: HTML =
      isRunning
      ? Parts.badge(.good, "at work") : Parts.badge(.attention, "stopped \(Figures.ago(changedAt, now: now))")
    let words =
      isRunning
      ? "Begun \(Figures.ago(startedAt, now: now)); \(tried)."
      : "It was killed, cancelled or failed; \(tried). The same command goes on from there. What is left of it is "
        + "removed \(SearchFolders.keptDays) days after its last trial."
    let name: HTML =
      isAlone ? "" : "<strong>\(model)</strong>, run <a class=\"one\" href=\"\(Parts.runAddress(run))\">\(run)</a> "
    return """
      <article class="training"><p>\(name)\(state)</p><p class="soft">\(words)</p>\
      \(table(isAlone ? 10 : isRunning ? 5 : 3))</article>
      """
  }

  private func table(_ limit: Int) -> HTML {
    guard !candidates.isEmpty else { return "" }
    let best = candidates.prefix(limit)
    let axis = Axis(
      covering: best.flatMap { [$0.mean.value, $0.mean.low ?? $0.mean.value, $0.mean.high ?? $0.mean.value] })
    let rows = best.map { candidate -> [HTML] in
      [
        "\(candidate.algorithm)", "\(Figures.number(candidate.mean.value))",
        IntervalMark(measured: candidate.mean, axis: axis).html, "\(candidate.folds.count)/\(foldCount)",
        "<span class=\"soft\">\(Self.shortened(candidate.folds))</span>",
        "\(Figures.duration(seconds: candidate.fitSeconds))",
        "<span class=\"soft\">\(Self.shortened(candidate.settings))</span>",
      ]
    }
    return Parts.table(
      ["Best so far", metric, "On a scale", "Folds", "By fold", "Fit", "Settings"], numeric: [1, 3, 5], Array(rows))
  }

  private static func shortened(_ folds: [Double]) -> String {
    folds.prefix(5).map { Figures.number($0) }.joined(separator: " ") + (folds.count > 5 ? " …" : "")
  }

  private static func shortened(_ settings: String) -> String {
    settings.count > 60 ? "\(settings.prefix(59))…" : settings
  }

  /// Several trainings, one under the other.
  static func section(_ trainings: [TrainingLine], now: Timestamp) -> HTML? {
    guard !trainings.isEmpty else { return nil }
    let title = trainings.contains(where: \.isRunning) ? "Training now" : "Stopped trainings"
    return Parts.section(
      title, "Mean over the folds each candidate has seen so far.",
      trainings.html { $0.html(now: now, isAlone: false) })
  }
}
