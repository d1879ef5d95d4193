import Basics
import Evaluation
import Modeling
import Tuning

/// Folds within folds: on each outer fold the whole way from search to threshold is gone anew with the other rows, and
/// judged on rows that none of it has seen. Serves where the sealed rows are few.
///
/// The inner searches are smaller than the real one (at most `candidateCount` candidates on three folds), so the
/// estimate errs, if at all, on the careful side. The sealed rows take no part.
///
/// - Source: Varma and Simon, *Bias in error estimation when using cross-validation for model selection*, 2006.
struct NestedEstimate: Sendable {
  let table: TrainingTable
  let metric: any Metric
  let preparation: Preparation
  let project: ProjectFile
  let terms: TrainingTerms
  let context: LifecycleContext

  /// Training rows below which it is made without being asked for.
  static let fewRows = 500
  /// Candidates of an inner search at most, besides the baseline.
  static let candidateCount = 8
  static let outerCount = 5
  static let innerCount = 3
  /// Seconds it may be expected to take when nobody asked for it.
  static let grantedSeconds = 30.0
  /// Seconds of a budget from which on it is made without being asked for.
  static let longBudget = 30.0

  /// What it came to.
  struct Result: Sendable {
    var metric: String
    var value: MetricValue
    var rowCount: Int
    var foldCount: Int
    var candidateCount: Int

    /// One sentence for people.
    var sentence: String {
      "Folds within folds: \(metric) \(Judgement.text(value)) on \(rowCount) rows, each judged by a search that had not "
        + "seen it; \(foldCount) outer folds, up to \(candidateCount) candidates each."
    }

    /// `{"metric", "value", "low", "high", "rows", "outer_folds", "candidates", "sentence"}`.
    var json: JSONValue {
      [
        "metric": .string(metric), "value": .finite(value.value), "low": .finite(value.low),
        "high": .finite(value.high), "rows": .integer(Int64(rowCount)), "outer_folds": .integer(Int64(foldCount)),
        "candidates": .integer(Int64(candidateCount)), "sentence": .string(sentence),
      ]
    }
  }

  /// Whether the project asks for it, or the rows are few and the budget leaves time.
  var isWanted: Bool {
    if let said = project.split.nested { return said }
    if case .seconds(let limit) = project.training.budget, limit < Self.longBudget { return false }
    return table.training.rowCount < Self.fewRows
  }

  /// Why it is left out, when nobody asked for it and it would take long by what the search took.
  func reasonToLeaveOut(_ search: CandidateSearch.Result) -> String? {
    guard isWanted, project.split.nested == nil else { return nil }
    let tried = search.judged.prefix(Self.candidateCount + 1)
    let fits = max(1, tried.reduce(0) { $0 + $1.parts.count })
    // Each candidate on the first inner fold, about half of them on the second, a quarter on the third.
    let wanted = Double(Self.outerCount * (Self.candidateCount + 1)) * 2
    let seconds = tried.reduce(0) { $0 + $1.fitSeconds } / Double(fits) * wanted / Double(context.workers.count)
    guard seconds > Self.grantedSeconds else { return nil }
    return "Folds within folds are left out: they would take about \(Int(seconds)) s. Ask for them with --nested."
  }

  /// The estimate; `nil` when it is not wanted or the metric is not defined.
  ///
  /// - Throws: `.cancelled`; what fitting throws when it was asked for.
  func measure() throws -> Result? {
    guard isWanted else { return nil }
    let outer = try outerFolds()
    var parts: [(rows: [Int], predictions: Predictions)] = []
    for (index, fold) in outer.enumerated() {
      context.observe(.progress(Double(index) / Double(outer.count), "folds within folds"))
      do {
        parts.append((fold.validation, try judged(fold, index)))
      } catch let error as MLError where error.code != .cancelled && project.split.nested == nil {
        // Rows this few may leave a fold that cannot be learnt from; nobody asked for the estimate.
        return nil
      }
    }
    let (rows, predictions) = try Self.joined(parts)
    let part = table.training.gathered(rows)
    guard
      let value = try Intervals.evaluate(
        metric, predictions, part.target, weights: part.weights, rowKeys: part.units,
        options: part.bootstrap("nested", context))
    else { return nil }
    return Result(
      metric: type(of: metric).card.name, value: value, rowCount: rows.count, foldCount: outer.count,
      candidateCount: innerPlan.trials)
  }

  private struct Fold {
    let training: [Int]
    let validation: [Int]
    /// Folds of the training rows; `nil`: made as the split asks.
    let inner: FoldRounds?
  }

  /// By time, outer folds lie one after the other; else rows or whole groups are dealt.
  private func outerFolds() throws -> [Fold] {
    let part = table.training
    let seed = context.seed.derived("nested")
    if table.split.method == .time {
      let rounds = try FoldRounds(part, folds: Self.outerCount, seed: seed, split: table.split)
      return (0..<rounds.count).map { index in
        let rows = rounds.rows(index)
        return Fold(training: rows.training, validation: rows.heldOut, inner: nil)
      }
    }
    let isGrouped = table.split.method == .group
    let groupCount = part.groups.map { Set($0).count } ?? .max
    let nested = try NestedFolds.make(
      part.groups ?? part.keys, outer: min(Self.outerCount, groupCount), inner: Self.innerCount,
      target: isGrouped ? nil : part.target, seed: seed, grouped: isGrouped)
    return nested.folds.map { Fold(training: $0.training, validation: $0.validation, inner: FoldRounds($0.inner)) }
  }

  private var innerPlan: (plan: TrainingPlan, trials: Int) {
    var plan = project.training
    var trials = Self.candidateCount
    if case .trials(let count) = plan.budget { trials = min(trials, count) }
    plan.budget = .trials(trials)
    plan.folds = Self.innerCount
    plan.extent = nil
    return (plan, trials)
  }

  /// The terms without guardrails: what is estimated is how well the way from search to threshold does.
  private var innerTerms: TrainingTerms {
    var copy = terms
    copy.guardrails = []
    return copy
  }

  /// Predictions of an outer fold's rows by what was chosen and fitted without them.
  private func judged(_ fold: Fold, _ index: Int) throws -> Predictions {
    var own = context
    own.seed = context.seed.derived("nested").derived(index)
    own.observe = { _ in }
    var inner = table
    inner.training = table.training.gathered(fold.training)
    inner.test = table.training.gathered(fold.validation)
    let search = try CandidateSearch(
      table: inner, metric: metric, preparation: preparation, training: innerPlan.plan, store: .none, terms: innerTerms,
      context: own, givenFolds: fold.inner, isProposing: false
    ).run()
    let model = try FinalModel(
      table: inner, search: search, preparation: preparation, terms: innerTerms, context: own)
    return try Judgement.score(model, inner.test.withAudit())
  }

  /// Rows of all outer folds, ascending, and what was said of them with each fold's own threshold.
  private static func joined(
    _ parts: [(rows: [Int], predictions: Predictions)]
  ) throws -> (rows: [Int], predictions: Predictions) {
    let isDecided = parts.contains { $0.predictions.decisions != nil }
    let said = parts.map { part in
      isDecided ? Predictions(part.predictions.storage, decisions: part.predictions.classCodes) : part.predictions
    }
    let rows = parts.flatMap(\.rows)
    let order = rows.indices.sorted { rows[$0] < rows[$1] }
    return (order.map { rows[$0] }, try Predictions.joined(said).gathered(order))
  }
}
