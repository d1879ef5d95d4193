import Basics
import Evaluation
import Frames
import Modeling

/// What a fitted model of a task shows on rows it has not seen.
struct TaskScores: Sendable {
  /// Metrics that are defined on these rows, with intervals where the task allows them.
  var report: MetricReport
  /// Numbers by which two models of the task are compared row by row or user by user; `nil` where there is no truth.
  var comparable: TaskComparable?
}

/// Predictions that can be held against those of another model on the same rows.
struct TaskComparable: Sendable {
  var metric: any Metric
  var predictions: Predictions
  var target: Target
  var keys: [UInt64]
  /// Name and direction of what is really compared, where the metric stands in for it: `1 − value` is a loss.
  var standsFor: String?

  /// `self` as challenger against `other`.
  func against(_ other: Predictions, options: BootstrapOptions) throws -> PairedComparison? {
    guard other.rowCount == predictions.rowCount,
      var found = try Intervals.compare(metric, predictions, other, target, rowKeys: keys, options: options)
    else { return nil }
    guard let standsFor else { return found }
    (found.metric, found.a, found.b) = (standsFor, 1 - found.a, 1 - found.b)
    (found.difference, found.low, found.high) = (-found.difference, -found.high, -found.low)
    return found
  }
}

/// Judges models by task: anomalies as a ranking, clusters by their shape, recommendations by lists and ratings,
/// forecasts by their errors.
struct TaskJudge: Sendable {
  let task: Basics.Task
  /// Metric that decides, by name.
  let primary: String
  let options: BootstrapOptions

  /// Name of what decides where the owner has no goal of their own.
  static func primary(_ task: Basics.Task, goal: Goal?) throws -> String {
    let known = names(task)
    if let goal, !Goal.measurements.contains(goal.metric) {
      guard known.contains(goal.metric) else {
        throw MLError.unknown("metric", goal.metric, among: known, in: "goal", code: .invalidParameter)
      }
      return goal.metric
    }
    return known[0]
  }

  /// Metrics of a task, the one that decides first.
  static func names(_ task: Basics.Task) -> [String] {
    switch task {
    case .anomaly: ["roc_auc", "average_precision"]
    case .clustering: ["silhouette", "davies_bouldin", "inertia", "adjusted_rand"]
    case .recommendation: ["ndcg_at_k", "recall_at_k", "map_at_k", "rmse", "mae"]
    default: MetricCatalog.metrics(for: task).map { type(of: $0).card.name }.sorted { $0 == "rmse" && $1 != "rmse" }
    }
  }

  /// A metric that only tells which direction is better.
  var direction: any Metric {
    switch primary {
    case "davies_bouldin", "inertia", "rmse", "mae", "mape", "median_absolute_error", "pinball", "smape":
      LowerIsBetter()
    default: HigherIsBetter()
    }
  }

  /// Judges `model` on `part`.
  ///
  /// - Parameter isFinal: with bootstrap intervals.
  func scores(_ model: FittedPipeline, _ part: TaskTable.Part) throws -> TaskScores {
    switch task {
    case .anomaly: try anomaly(model, part)
    case .clustering: try clustering(model, part)
    case .recommendation: try recommendation(model, part)
    default: try values(model.predict(part.features), part, RootMeanSquaredError())
    }
  }

  private func anomaly(_ model: FittedPipeline, _ part: TaskTable.Part) throws -> TaskScores {
    guard let truth = part.truth, Set(truth).count == 2 else { return TaskScores(report: MetricReport([])) }
    let predictions = try model.predict(part.features)
    let report = try AnomalyRanking.evaluate(
      predictions, isAnomalous: truth.map { $0 == 1 }, rowKeys: part.keys, options: options)
    let ranked = try AnomalyRanking.probabilities(predictions)
    return TaskScores(
      report: report,
      comparable: TaskComparable(
        metric: AreaUnderROC(), predictions: ranked, target: .classes(codes: truth, names: ranked.classes),
        keys: part.keys))
  }

  private func clustering(_ model: FittedPipeline, _ part: TaskTable.Part) throws -> TaskScores {
    let prepared = try model.prepared(part.features)
    let predictions = try model.model.predict(prepared)
    let shift: Int32 = predictions.classes.first == "noise" ? 1 : 0
    let rows = try ClusteredRows(prepared, clusters: predictions.classCodes.map { $0 - shift }, truth: part.truth)
    let metrics: [any ClusteringMetric] = [Silhouette(), DaviesBouldin(), Inertia(), AdjustedRand()]
    let entries = metrics.compactMap { metric -> (name: String, value: MetricValue)? in
      if metric is AdjustedRand, part.truth == nil { return nil }
      return metric.value(rows).map { (type(of: metric).card.name, MetricValue(value: $0)) }
    }
    let share = Double(rows.clusters.count { $0 >= 0 }) / Double(max(1, rows.clusters.count))
    return TaskScores(
      report: MetricReport(entries + (shift == 1 ? [("clustered_share", MetricValue(value: share))] : [])))
  }

  /// What a candidate is chosen by: a clustering that sets hard rows aside as noise pays for each of them.
  func choice(_ report: MetricReport) -> Double? {
    guard let value = report[primary]?.value else { return nil }
    guard task == .clustering, primary == "silhouette" else { return value }
    return value * (report["clustered_share"]?.value ?? 1)
  }

  private func recommendation(_ model: FittedPipeline, _ part: TaskTable.Part) throws -> TaskScores {
    guard let recommender = model.model as? any RecommendingModel else {
      throw MLError(.internalFailure, "recommendation: \(model.algorithm) does not recommend.")
    }
    let held = try HeldOutItems(part, userColumn: recommender.userColumn, itemColumn: recommender.itemColumn)
    let lists = try RankedLists(
      recommended: recommender.recommend(users: held.users, count: 10, excludingSeen: true)
        .map { $0.map(\.item) }, relevant: held.items)
    var entries: [(name: String, value: MetricValue)] = []
    for metric in [DiscountedGain(), RecallAtK(), MeanAveragePrecisionAtK()] as [any RankingMetric] {
      if let value = try metric.interval(lists, userKeys: held.keys, options: options) {
        entries.append((type(of: metric).card.name, value))
      }
    }
    if case .values = part.target {
      let rated = try values(model.predict(part.features), part, RootMeanSquaredError())
      for name in ["rmse", "mae"] { if let value = rated.report[name] { entries.append((name, value)) } }
      if primary == "rmse" || primary == "mae" {
        return TaskScores(report: MetricReport(entries), comparable: rated.comparable)
      }
    }
    return TaskScores(report: MetricReport(entries), comparable: held.comparable(lists, primary))
  }

  private func values(_ predictions: Predictions, _ part: TaskTable.Part, _ metric: any Metric) throws -> TaskScores {
    let report = try Intervals.evaluateAll(predictions, part.target, rowKeys: part.keys, options: options)
    return TaskScores(
      report: report,
      comparable: TaskComparable(metric: metric, predictions: predictions, target: part.target, keys: part.keys))
  }

  /// What a model without any knowledge says, for the gate: a constant, or nothing where the task has no such guess.
  func baseline(_ part: TaskTable.Part, training: TaskTable.Part) throws -> Predictions? {
    switch task {
    case .anomaly:
      guard part.truth != nil else { return nil }
      return try AnomalyRanking.probabilities(Predictions(.values(Array(repeating: 0, count: part.rowCount))))
    case .forecasting:
      guard case .values(let known) = training.target, !known.isEmpty else { return nil }
      let mean = known.reduce(0, +) / Double(known.count)
      return Predictions(.values(Array(repeating: mean, count: part.rowCount)))
    default: return nil
    }
  }
}

/// Items that users turned out to want, from held-out rows.
struct HeldOutItems: Sendable {
  /// In order of their names.
  let users: [String]
  let items: [Set<String>]
  var keys: [UInt64] { users.map { StableHash.hash($0) } }

  init(_ part: TaskTable.Part, userColumn: String, itemColumn: String) throws {
    let users = try part.features.column(userColumn)
    let items = try part.features.column(itemColumn)
    var wanted: [String: Set<String>] = [:]
    for row in 0..<part.rowCount {
      guard let user = users.text(at: row), let item = items.text(at: row) else { continue }
      wanted[user, default: []].insert(item)
    }
    self.users = wanted.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    self.items = self.users.map { wanted[$0] ?? [] }
  }

  /// Every user's value as a loss, so that two models can be compared user by user.
  func comparable(_ lists: RankedLists, _ name: String) -> TaskComparable {
    let metric: any RankingMetric =
      switch name {
      case "recall_at_k": RecallAtK()
      case "map_at_k": MeanAveragePrecisionAtK()
      default: DiscountedGain()
      }
    let losses = zip(lists.recommended, lists.relevant).map { 1 - metric.value($0, $1) }
    return TaskComparable(
      metric: MeanAbsoluteError(), predictions: Predictions(.values(losses)),
      target: .values(Array(repeating: 0, count: losses.count)), keys: keys, standsFor: name)
  }
}

/// Tells a tournament that more is better; it computes nothing.
private struct HigherIsBetter: Metric {
  static let card = Card(name: "score", summary: "A score of which more is better.", source: "Apus")
  static let higherIsBetter = true
  func value(_ predictions: Predictions, _ target: Target, weights: [Double]?) throws -> Double? { nil }
}

/// Tells a tournament that less is better; it computes nothing.
private struct LowerIsBetter: Metric {
  static let card = Card(name: "loss", summary: "A loss of which less is better.", source: "Apus")
  static let higherIsBetter = false
  func value(_ predictions: Predictions, _ target: Target, weights: [Double]?) throws -> Double? { nil }
}
