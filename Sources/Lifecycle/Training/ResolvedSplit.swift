import Basics
import Evaluation
import Frames
import Modeling

/// How the rows of a table were told apart in the end: as the project says, or as the data propose.
struct ResolvedSplit: Sendable {
  /// `auto` where nothing in the data asks for more than the hash of each row.
  var method = SplitPlan.Method.auto
  /// Name of the column of groups or of time.
  var column: String?
  var purge: SplitGap?
  var embargo: SplitGap?
  /// What the record calls it.
  var name = SplitPlan.Method.stratified
  /// Why, in one sentence.
  var reason: String
  /// Numbers behind it.
  var evidence: JSONValue = .object([])
  /// Whether the data proposed it.
  var isProposed = false
  /// Groups, where there are any.
  var groupCount: Int?

  /// `{"by", "column", "purge", "embargo", "proposed", "reason", "groups", "evidence"}`.
  var json: JSONValue {
    [
      "by": .string(name.rawValue), "column": column.map { .string($0) } ?? .null,
      "purge": purge.map { .string("\($0)") } ?? .null, "embargo": embargo.map { .string("\($0)") } ?? .null,
      "proposed": .boolean(isProposed), "reason": .string(reason),
      "groups": groupCount.map { .integer(Int64($0)) } ?? .null, "evidence": evidence,
    ]
  }

  /// The plan under which a model is trained again: what was proposed for its first version is kept, so that rows that
  /// were sealed stay sealed.
  static func kept(_ plan: SplitPlan, _ earlier: JSONValue?) -> SplitPlan {
    guard plan.method == .auto else { return plan }
    var kept = SplitPlan(json: earlier)
    if kept.method != .group, kept.method != .time { (kept.method, kept.column) = (.auto, nil) }
    kept.nested = plan.nested
    kept.isProposed = kept.method != .auto
    return kept
  }
}

extension ResolvedSplit {
  /// What a plan means for a table.
  ///
  /// - Parameters:
  ///   - column: the plan's column, resolved.
  ///   - features: features of all rows, for a proposal.
  ///   - fits: whether a proposed kind suits the test file, where there is one.
  /// - Throws: as `SplitProposal.make`.
  static func decide(
    _ plan: SplitPlan, column: String?, features: Frame, target: Target, rowKeys: [UInt64],
    fits: (SplitPlan.Method, String) throws -> Bool
  ) throws -> ResolvedSplit {
    var out = ResolvedSplit(column: column, purge: plan.purge, embargo: plan.embargo, reason: "")
    out.method = plan.method
    out.name = plan.method
    switch plan.method {
    case .random: out.reason = "Rows are told apart by their own hash, as asked for."
    case .stratified: out.reason = "Every class gets its exact share on both sides, as asked for."
    case .group: out.reason = "No group of '\(column ?? "")' is on both sides, as asked for."
    case .time: out.reason = "What is judged lies after what is learnt from, by '\(column ?? "")', as asked for."
    case .auto: try out.propose(plan, features, target, rowKeys, fits)
    }
    return out
  }

  private mutating func propose(
    _ plan: SplitPlan, _ features: Frame, _ target: Target, _ rowKeys: [UInt64],
    _ fits: (SplitPlan.Method, String) throws -> Bool
  ) throws {
    name = target.classNames.isEmpty ? .random : .stratified
    guard plan.isProposed else {
      reason = "Rows are told apart by the hash of their content, as for the version before."
      return
    }
    let proposal = try Self.proposal(features, target, rowKeys)
    isProposed = true
    reason = proposal.reason
    evidence = proposal.evidence
    guard let method = SplitPlan.Method(rawValue: proposal.kind.rawValue) else {
      reason = "\(target.count) rows are few: shares of the target are made exact on both sides."
      return
    }
    guard method == .group || method == .time, let column = proposal.column else { return }
    guard try fits(method, column) else {
      reason = "The test file does not hold rows apart by '\(column)', so folds do not either. \(proposal.reason)"
      return
    }
    (self.method, name, self.column) = (method, method, column)
  }
}

extension ResolvedSplit {
  /// Rows beyond which drift along time is looked for in this many of them, chosen by their keys.
  private static let manyRows = 100_000

  private static func proposal(
    _ features: Frame, _ target: Target, _ rowKeys: [UInt64]
  ) throws -> SplitProposal {
    let times = Set(features.schema.fields.filter { $0.kind == .timestamp }.map(\.name))
    guard features.rowCount > manyRows, !times.isEmpty else {
      return try SplitProposal.make(features, target, rowKeys: rowKeys)
    }
    let share = Double(manyRows) / Double(features.rowCount)
    let rows = rowKeys.indices.filter { StableHash.fraction(StableHash.mix(rowKeys[$0])) < share }
    let sampled = try SplitProposal.make(
      features.gathered(rows), target.gathered(rows), rowKeys: rows.map { rowKeys[$0] })
    // Groups are looked for among all rows: a sample would tear them.
    return sampled.kind == .time
      ? sampled : try SplitProposal.make(features, target, excluding: times, rowKeys: rowKeys)
  }
}

extension ProjectFile {
  /// Refuses what only classification and regression know, for other tasks.
  ///
  /// - Throws: `.invalidParameter`.
  func checkRows() throws {
    guard let task = objective.task, TaskTable.tasks.contains(task) else { return }
    let asked: String?
    if split.method != .auto && split.method != .random || split.nested == true {
      asked = "split"
    } else if weightsColumn != nil {
      asked = "weights"
    } else {
      asked = training.classWeight == .none ? nil : "class_weight"
    }
    guard let asked else { return }
    throw MLError(
      .invalidParameter, "train: '\(asked)' is for classification and regression; the task is \(task.rawValue).",
      hint: "Leave it out: series and interactions are split by time, the rest by the hash of each row.", field: asked)
  }
}
