import Basics
import Evaluation
import Frames
import Modeling

/// Columns that say something of rows rather than of the world: groups, times, weights.
struct RowRoles {
  /// Column of the split as the project names it, resolved.
  let column: String?
  /// Column of weights.
  let weights: String?

  /// Fewest groups: one is sealed, the others take turns.
  static let fewestGroups = 3
  /// Groups below which a result rests on too few of them.
  static let fewGroups = 10

  /// - Throws: `.notFound` for an unknown column, `.invalidParameter` for the target.
  init(_ project: ProjectFile, _ frame: Frame, target: String) throws {
    func named(_ reference: String?, _ place: String) throws -> String? {
      guard let reference else { return nil }
      let name = frame.schema.fields[try frame.schema.resolve(reference, in: place)].name
      guard name != target else {
        throw MLError(
          .invalidParameter, "\(place): '\(name)' is the target.", hint: "Name another column.", field: place)
      }
      return name
    }
    column = try named(project.split.column, "split")
    weights = try named(project.weightsColumn, "weights")
    if let column, column == weights {
      throw MLError(
        .invalidParameter, "split: '\(column)' holds the weights.", hint: "Name another column.", field: "split")
    }
  }

  /// What came of reading the roles.
  struct Reading {
    var split: ResolvedSplit
    var findings: [Finding] = []
    var sentences: [String] = []
    /// Column that names groups and is therefore not learnt from.
    var leftOut: String?
  }

  /// Decides the split and gives each row its group, time and weight.
  ///
  /// - Parameter frame: all columns of the same rows.
  /// - Throws: `.invalidData` for groups that are too few, times that cannot be read and weights that are none.
  func read(_ part: inout TrainingTable.Part, _ frame: Frame, plan: SplitPlan, testFrame: Frame?) throws -> Reading {
    var split = try ResolvedSplit.decide(
      plan, column: column, features: part.features, target: part.target, rowKeys: part.keys
    ) { method, column in
      try testFrame.map { try Self.isApart($0, frame, method, column) } ?? true
    }
    var out = Reading(split: split)
    if let weights {
      let found = try RowWeighting.weights(frame.column(weights), named: weights)
      part.weights = found.weights
      out.sentences += found.sentences
    }
    if let name = split.column {
      let column = try frame.column(name)
      if split.method == .group {
        part.groups = try GroupKeys.keys(column, rowKeys: part.keys)
        split.groupCount = Set(part.groups ?? []).count
        out.findings += try Self.judge(column, name, split.groupCount ?? 0)
        if let field = part.features.schema[name], SplitProposal.isIdentifier(field) { out.leftOut = name }
        out.findings += Self.featureFinding(part.features.schema[name], name)
      } else {
        part.times = try Self.times(column, name, split)
        out.sentences += Self.missingTimes(part.times ?? [], name)
      }
    }
    out.split = split
    return out
  }

  /// Rows of the test file, with the same roles.
  func testPart(
    _ frame: Frame, _ truth: Target, left: Set<String>, target: String, protected: [String], split: ResolvedSplit
  ) throws -> TrainingTable.Part {
    var part = TrainingTable.Part(
      features: frame.removing(left), audit: try frame.selecting(protected), target: truth,
      keys: TrainingTable.rowKeys(frame, target: target))
    if let weights { part.weights = try RowWeighting.weights(frame.column(weights), named: weights).weights }
    guard let name = split.column else { return part }
    if split.method == .group {
      part.groups = try GroupKeys.keys(frame.column(name), rowKeys: part.keys)
    } else {
      part.times = try Self.times(frame.column(name), name, split)
    }
    return part
  }

  // MARK: Groups

  private static func judge(_ column: Column, _ name: String, _ count: Int) throws -> [Finding] {
    let named = Set((0..<column.count).compactMap { column.text(at: $0) }).count
    guard named >= fewestGroups else {
      throw MLError(
        .invalidData,
        "split: '\(name)' must name at least \(fewestGroups) groups; got \(named) in \(column.count) rows.",
        hint: "Group by another column, or split by something else.", field: name)
    }
    guard named < fewGroups else { return [] }
    return [
      Finding(
        "few-groups", .warning, subject: name,
        "'\(name)' names \(named) groups only: the result rests on the few that are sealed, and intervals that take rows "
          + "as independent are too narrow.", evidence: ["groups": .integer(Int64(named))])
    ]
  }

  private static func featureFinding(_ field: Field?, _ name: String) -> [Finding] {
    guard let field else { return [] }
    let isLeft = SplitProposal.isIdentifier(field)
    return [
      Finding(
        "group-column", .info, subject: name,
        isLeft
          ? "'\(name)' names the groups of the split; no group is on both sides, so it is not learnt from."
          : "'\(name)' groups the rows of the split and is learnt from as well, because it is a quantity.",
        evidence: ["learnt_from": .boolean(!isLeft)])
    ]
  }

  // MARK: Times

  /// Times in seconds, or the numbers themselves.
  private static func times(_ column: Column, _ name: String, _ split: ResolvedSplit) throws -> [Double?] {
    guard [.timestamp, .integer, .number].contains(column.kind), let values = column.doubles else {
      throw MLError(
        .invalidData,
        "split: '\(name)' must be a time or a number; \(column.count - column.missingCount) values were "
          + "read as \(column.kind.rawValue).",
        hint: "Write every time as 2024-01-31 or 2024-01-31T12:00:00, or name another column.", field: name)
    }
    let gaps = [split.purge, split.embargo].compactMap { $0 }
    if column.kind != .timestamp, let gap = gaps.first(where: { !$0.isRows }) {
      throw MLError(
        .invalidParameter, "split: \(gap) needs a column of timestamps; '\(name)' is \(column.kind.rawValue).",
        hint: "Give purge and embargo in rows, such as '50 rows'.", field: name)
    }
    let times = values.map { $0.isFinite ? $0 : nil }
    let instants = Set(times.compactMap { $0 }).count
    guard instants >= 3 else {
      throw MLError(
        .invalidData, "split: '\(name)' must hold at least 3 different times; got \(instants) in \(column.count) rows.",
        hint: "Name another column.", field: name)
    }
    return times
  }

  private static func missingTimes(_ times: [Double?], _ name: String) -> [String] {
    let count = times.count { $0 == nil }
    return count == 0 ? [] : ["\(count) rows without '\(name)' are learnt from and never judged."]
  }

  // MARK: Test files

  /// Whether a test file holds groups or times apart from the rows to learn from: only then do folds that do so tell
  /// what it will say.
  private static func isApart(
    _ test: Frame, _ training: Frame, _ method: SplitPlan.Method, _ name: String
  ) throws -> Bool {
    guard test.schema[name] != nil else { return false }
    let (theirs, ours) = try (test.column(name), training.column(name))
    if method == .time {
      let last = (ours.doubles ?? []).filter(\.isFinite).max() ?? .infinity
      let times = (theirs.doubles ?? []).filter(\.isFinite)
      return Double(times.count { $0 >= last }) >= 0.95 * Double(theirs.count)
    }
    let known = Set((0..<ours.count).compactMap { ours.text(at: $0) })
    let shared = (0..<theirs.count).count { theirs.text(at: $0).map { known.contains($0) } ?? false }
    return Double(shared) <= 0.05 * Double(theirs.count)
  }

  /// Test rows of groups that are learnt from, or from before the last row that is.
  static func overlaps(_ training: TrainingTable.Part, _ test: TrainingTable.Part, _ split: ResolvedSplit) -> [Finding]
  {
    let count: Int
    let what: String
    if let known = training.groups.map(Set.init), let groups = test.groups {
      count = groups.count { known.contains($0) }
      what = "are of groups that are learnt from too"
    } else if let last = training.times?.compactMap({ $0 }).max(), let times = test.times {
      count = times.count { $0.map { $0 < last } ?? false }
      what = "lie before the last row that is learnt from"
    } else {
      return []
    }
    guard count > 0 else { return [] }
    return [
      Finding(
        "test-file-overlap", .warning, subject: split.column,
        "\(count) of \(test.rowCount) rows of the test file \(what): the result flatters the model.",
        evidence: ["rows": .integer(Int64(count))])
    ]
  }
}

extension ResolvedSplit {
  /// What was sealed, how and why, in plain words.
  func sentences(
    _ all: TrainingTable.Part, _ training: TrainingTable.Part, _ test: TrainingTable.Part
  ) -> [String] {
    let how: String
    switch method {
    case .group:
      let sealed = Set(test.groups ?? []).count
      how = "\(sealed) whole groups of \(groupCount ?? sealed) by '\(column ?? "")'"
    case .time: how = "the latest by '\(column ?? "")'"
    case .stratified: how = "chosen by the hash of their content, with exact shares of every class"
    case .auto, .random: how = "chosen by the hash of their content"
    }
    var out = ["\(test.rowCount) of \(all.rowCount) rows are sealed as the test set, \(how).", "Why so: \(reason)"]
    let lost = all.rowCount - training.rowCount - test.rowCount
    if lost > 0 {
      let gaps = [purge.map { "purge \($0)" }, embargo.map { "embargo \($0)" }].compactMap { $0 }
      out.append("\(lost) rows before the sealed ones are left out (\(gaps.joined(separator: ", "))).")
    }
    return out
  }
}
