import Basics
import Evaluation
import Frames
import Modeling
import Tuning

/// What refits of the chosen candidate tell: whether more rows would help, and what is lost without each column.
///
/// Refits use the folds and seeds of the search, so the value with all rows and columns is known already. How many are
/// made depends on rows and columns alone; they are left out, and that is said, where they would take more than a fifth
/// of the search's time (a few seconds are always granted) or push a default run towards its two minutes.
struct RefitAnalysis: Sendable {
  let table: TrainingTable
  let search: CandidateSearch.Result
  let metric: any Metric
  let preparation: Preparation
  let training: TrainingPlan
  let terms: TrainingTerms
  let context: LifecycleContext
  /// When the run began.
  let started: Double

  /// Sizes of the learning curve, all rows included.
  static let sizeCount = 5
  /// Rows times columns up to which the curve is measured on three folds rather than one.
  static let smallCellCount = 200_000
  /// Rows times columns, and columns, up to which the model is learnt again without each column.
  static let dropCellCount = 100_000
  static let dropColumnCount = 15
  /// Seconds of refits that are always granted.
  static let grantedSeconds = 5.0
  /// Share of the search's time that refits may take.
  static let share = 0.2
  /// Seconds after which a run without a budget of its own starts no refits.
  static let latest = 100.0

  /// Adds `learning_curve`, `drop_column` and `left_out` to the analysis.
  ///
  /// - Returns: What it comes down to, in plain words.
  func add(to json: inout JSONValue) throws -> [String] {
    var left: [String] = []
    var sentences: [String] = []
    if let curve = try learningCurve(&left) {
      json["learning_curve"] = curve.json
      sentences.append("More data: \(curve.sentence)")
    }
    let drops = try dropColumns(&left)
    if !drops.isEmpty { json["drop_column"] = .array(drops.map(\.json)) }
    json["left_out"] = .array((json["left_out"]?.arrayValue ?? []) + left.map { .string($0) })
    return sentences
  }

  // MARK: Learning curve

  private func learningCurve(_ left: inout [String]) throws -> LearningCurve? {
    let rounds = cellCount <= Self.smallCellCount && table.split.method != .time ? min(3, playedFolds) : 1
    guard rounds > 0, search.winner.candidate.algorithm != "baseline" else { return nil }
    let parts = (0..<rounds).map { search.folds.rows($0) }
    let all = parts.map(\.training.count).min() ?? 0
    let sizes = LearningCurve.sizes(rowCount: all, count: Self.sizeCount, smallest: max(40, all / 16))
    guard sizes.count >= 4, let last = sizes.last else {
      left.append("Learning curve: \(all) rows are too few for four sizes.")
      return nil
    }
    let smaller = Array(sizes.dropLast())
    let fits = smaller.reduce(0) { $0 + Double($1) / Double(last) } * Double(rounds)
    guard isAffordable(fits) else {
      left.append("Learning curve: refits would take more than their share of the time.")
      return nil
    }
    let orders = parts.enumerated().map { order($0.element.training, round: $0.offset) }
    let values = try refits(rounds * smaller.count) { task in
      let (round, size) = (task / smaller.count, smaller[task % smaller.count])
      return Refit(rows: Array(orders[round].prefix(size)).sorted(), held: parts[round].heldOut, fold: round)
    }
    let rows = (0..<rounds).map { round in
      values[(round * smaller.count)..<((round + 1) * smaller.count)] + [search.winner.result.folds[round]]
    }
    return LearningCurve.judge(
      metric, Self.points(sizes, rows.map(Array.init)), seed: context.seed.derived("learning-curve"))
  }

  /// Means over folds; folds differ from one another more than sizes do, so what a fold adds to all sizes is taken out
  /// before the spread is measured.
  static func points(_ sizes: [Int], _ rounds: [[Double?]]) -> [LearningCurve.Point] {
    let whole = rounds.compactMap { values -> [Double]? in
      let known = values.compactMap { $0 }
      return known.count == values.count ? known : nil
    }
    guard !whole.isEmpty else { return [] }
    let count = Double(whole.count)
    let offsets = whole.map { $0.reduce(0, +) / Double($0.count) }
    let centre = offsets.reduce(0, +) / count
    return sizes.enumerated().map { index, size in
      let values = zip(whole, offsets).map { $0.0[index] - $0.1 + centre }
      let mean = values.reduce(0, +) / count
      let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error = whole.count > 1 ? (spread / (count - 1) / count).squareRoot() : 0
      return LearningCurve.Point(rows: size, value: mean, error: error)
    }
  }

  /// Rows in the order in which they join: by hash, groups whole.
  private func order(_ rows: [Int], round: Int) -> [Int] {
    let salt = context.seed.derived("learning-curve").derived(round).value
    let truth = table.training.target.doubles
    let keys = rows.map { row -> (UInt64, UInt64, Int) in
      let own = StableHash.combine(
        StableHash.combine(table.training.keys[row], StableHash.hash(truth[row])), salt)
      return (table.training.groups.map { StableHash.combine($0[row], salt) } ?? own, own, row)
    }
    return keys.sorted(by: <).map(\.2)
  }

  // MARK: Columns

  private func dropColumns(_ left: inout [String]) throws -> [ColumnImportance] {
    let names = table.training.features.schema.names
    let rounds = min(names.count <= 8 ? 5 : 3, playedFolds)
    guard names.count > 1, rounds > 1, search.winner.candidate.algorithm != "baseline" else { return [] }
    guard names.count <= Self.dropColumnCount, cellCount <= Self.dropCellCount, preparation.steps == nil else {
      left.append(
        "Drop-column importance: made for up to \(Self.dropColumnCount) columns, \(Self.dropCellCount) cells and "
          + "planned preparation.")
      return []
    }
    guard isAffordable(Double(names.count * rounds)) else {
      left.append("Drop-column importance: refits would take more than their share of the time.")
      return []
    }
    let parts = (0..<rounds).map { search.folds.rows($0) }
    let values = try refits(names.count * rounds) { task in
      let (index, round) = (task / rounds, task % rounds)
      return Refit(rows: parts[round].training, held: parts[round].heldOut, fold: round, without: names[index])
    }
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return try Importance.dropColumn(names, metric: metric, rounds: rounds) { without, round in
      guard let name = without.first, let index = places[name] else { return search.winner.result.folds[round] }
      return values[index * rounds + round]
    }
  }

  // MARK: Refits

  /// One refit of the chosen candidate.
  private struct Refit {
    var rows: [Int]
    var held: [Int]
    var fold: Int
    var without: String?
  }

  /// The metric of each refit on rows it has not seen; `nil` where it is not defined or too few rows were left.
  private func refits(_ count: Int, _ refit: @escaping @Sendable (Int) -> Refit) throws -> [Double?] {
    guard table.training.isSmall else {
      return try (0..<count).map { try value(refit($0), context.workers) }
    }
    return try context.workers.map(count) { try value(refit($0), .serial) }
  }

  private func value(_ refit: Refit, _ workers: Workers) throws -> Double? {
    try context.checkCancellation()
    var (learnt, held) = (table.training.gathered(refit.rows), table.training.gathered(refit.held))
    if let column = refit.without {
      learnt.features = learnt.features.removing([column])
      held.features = held.features.removing([column])
    }
    let fit = CandidateFitting(
      task: table.reading.task, preparation: preparation, classWeight: search.classWeight, terms: terms,
      context: context)
    do {
      let seed = context.fitContext(1000).derived(search.chosen).derived(refit.fold).seed
      let model = try fit.fit(search.winner.candidate, learnt, held: held, seed: seed, workers: workers)
      return try metric.value(model.predict(held.features), held.target, weights: held.weights)
    } catch let error as MLError where error.code != .cancelled {
      return nil
    }
  }

  /// Folds of the first round that the chosen candidate was tried on.
  private var playedFolds: Int { min(search.folds.firstRoundCount, search.winner.result.folds.count) }

  private var cellCount: Int { table.training.cellCount }

  /// Whether so many fits of the chosen candidate keep to their share of the time.
  private func isAffordable(_ fits: Double) -> Bool {
    let seconds = fits * search.winner.fitSeconds / Double(max(1, search.winner.parts.count))
    let total = search.judged.reduce(0) { $0 + $1.fitSeconds }
    guard seconds <= max(Self.grantedSeconds, Self.share * total) else { return false }
    if case .auto = training.budget { return Machine.monotonicSeconds - started + seconds < Self.latest }
    return true
  }
}
