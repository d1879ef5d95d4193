public import Basics
public import Frames
public import Modeling

/// How rows should be set aside, and why.
public struct SplitProposal: Sendable, Hashable {
  /// Ways to set rows aside.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Any rows.
    case random
    /// Exact shares of every class.
    case stratified
    /// Whole groups.
    case group
    /// The latest rows.
    case time
    /// Folds within folds: too few rows for a test set.
    case nested
  }

  /// How.
  public var kind: Kind
  /// Column that names the groups or the time; `nil` where none is needed.
  public var column: String?
  /// One sentence with the numbers behind it.
  public var reason: String
  /// Numbers behind it.
  public var evidence: JSONValue

  /// Whether a column's values name things rather than tell something of them: texts and categories, and integers
  /// that are called an identifier.
  package static func isIdentifier(_ field: Field) -> Bool {
    field.kind == .category || field.kind == .text
      || field.kind == .integer && RepeatedEntity.looksLikeID(field.name)
  }

  /// `{"kind", "column", "reason", "evidence"}`.
  public var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "column": column.map(JSONValue.string) ?? .null, "reason": .string(reason),
      "evidence": evidence,
    ]
  }

  /// Rows, and rows of the rarest class, below which a test set would be too small to say anything.
  static let fewRows = 500
  static let fewOfClass = 25

  /// Looks at the data: a time column along which target or features drift calls for the latest rows; ids that repeat,
  /// with rows that are alike, call for whole groups; few rows call for nested folds; otherwise classes decide.
  ///
  /// - Parameters:
  ///   - excluding: columns not to look at.
  ///   - rowKeys: content keys of the rows; with them the order of rows does not matter.
  /// - Complexity: O(columns · rows · log rows).
  public static func make(
    _ frame: Frame, _ target: Target, excluding: Set<String> = [], rowKeys: [UInt64]? = nil
  ) throws -> SplitProposal {
    guard frame.rowCount == target.count else {
      throw MLError(.shapeMismatch, "split: frame must have \(target.count) rows; got \(frame.rowCount).")
    }
    let fields = frame.schema.fields.indices.filter { !excluding.contains(frame.schema.fields[$0].name) }
    var still: String?
    for index in fields where frame.schema.fields[index].kind == .timestamp {
      let name = frame.schema.fields[index].name
      guard let drift = TimeDrift(frame, target, time: frame.columns[index], excluding: excluding.union([name])) else {
        continue
      }
      if let sentence = drift.sentence {
        return SplitProposal(
          kind: .time, column: name,
          reason: "Rows drift along '\(name)': \(sentence); a model that will predict the "
            + "future must be judged on the latest rows.", evidence: drift.json)
      }
      still = name
    }
    if let entity = RepeatedEntity.find(frame, fields, rowKeys) {
      return SplitProposal(
        kind: .group, column: entity.column, reason: entity.sentence, evidence: entity.json)
    }
    return plain(target, still)
  }

  private static func plain(_ target: Target, _ still: String?) -> SplitProposal {
    let note = still.map { " Nothing drifts along '\($0)'." } ?? ""
    guard case .classes(let codes, let names) = target, !names.isEmpty else {
      return target.count < fewRows
        ? nested(target.count, "")
        : SplitProposal(
          kind: .random, column: nil, reason: "\(target.count) rows with a number target: any rows will do.\(note)",
          evidence: ["rows": .integer(Int64(target.count))])
    }
    var counts = [Int](repeating: 0, count: names.count)
    for code in codes where counts.indices.contains(Int(code)) { counts[Int(code)] += 1 }
    let rarest = counts.filter { $0 > 0 }.min() ?? 0
    if target.count < fewRows || Double(rarest) * 0.2 < Double(fewOfClass) / 5 {
      return nested(target.count, ", \(rarest) of the rarest class")
    }
    return SplitProposal(
      kind: .stratified, column: nil,
      reason:
        "\(target.count) rows of \(counts.count { $0 > 0 }) classes, \(rarest) of the rarest: every class gets its "
        + "share on both sides.\(note)",
      evidence: ["rows": .integer(Int64(target.count)), "rarest_class": .integer(Int64(rarest))])
  }

  private static func nested(_ rows: Int, _ rest: String) -> SplitProposal {
    SplitProposal(
      kind: .nested, column: nil,
      reason: "Only \(rows) rows\(rest): a test set would leave the result to luck, so folds within folds judge.",
      evidence: ["rows": .integer(Int64(rows))])
  }
}

/// Differences between the earlier and the later half of the rows.
struct TimeDrift {
  /// Distance of the target's halves and of the columns that moved most, by Kolmogorov and Smirnov or total variation.
  var target: Double
  var columns: [(name: String, distance: Double)] = []
  let limit: Double

  /// Least distance worth acting on.
  static let smallest = 0.1

  init?(_ frame: Frame, _ truth: Target, time: Column, excluding: Set<String>) {
    let times = time.doubles ?? []
    let known = times.indices.filter { time.isPresent($0) }
    guard known.count >= 100, Double(known.count) >= 0.9 * Double(times.count),
      Set(known.map { times[$0] }).count > 20
    else { return nil }
    let order = known.sorted { (times[$0], $0) < (times[$1], $1) }
    let (early, late) = (Array(order[..<(order.count / 2)]), Array(order[(order.count / 2)...]))
    let names = frame.schema.fields.indices.filter { !excluding.contains(frame.schema.fields[$0].name) }
    // Smirnov's bound at one in a thousand, shared among the columns.
    let chance = 0.001 / Double(max(1, names.count + 1))
    let noise = (-0.5 * Mathematics.log(chance / 2) * 4 / Double(order.count)).squareRoot()
    limit = max(Self.smallest, noise)
    switch truth {
    case .values(let values): target = Self.gap(early.map { values[$0] }, late.map { values[$0] })
    case .classes(let codes, let names): target = Self.variation(codes, max(1, names.count), early, late)
    }
    for index in names {
      let column = frame.columns[index]
      let distance: Double
      switch column.storage {
      case .category(let codes, let levels): distance = Self.variation(codes, max(1, levels.count), early, late)
      case .number, .integer, .boolean:
        let values = column.doubles ?? []
        // A running number is not drift.
        guard Set(values).count < known.count * 9 / 10 || column.kind == .number else { continue }
        distance = Self.gap(
          early.map { values[$0] }.filter { !$0.isNaN }, late.map { values[$0] }.filter { !$0.isNaN })
      case .text, .timestamp, .vector: continue
      }
      if distance > limit { columns.append((frame.schema.fields[index].name, distance)) }
    }
    columns.sort { ($1.distance, $0.name) < ($0.distance, $1.name) }
  }

  var sentence: String? {
    if target > limit {
      return
        "the target of the earlier and the later half lie \(Text.number(target)) apart (limit \(Text.number(limit)))"
    }
    guard let first = columns.first else { return nil }
    let rest = columns.count > 1 ? " and \(columns.count - 1) more columns" : ""
    return "'\(first.name)'\(rest) moved by \(Text.number(first.distance)) between the earlier and the later half "
      + "(limit \(Text.number(limit)))"
  }

  var json: JSONValue {
    [
      "target_distance": .finite(target), "limit": .finite(limit),
      "columns": .array(columns.prefix(20).map { ["column": .string($0.name), "distance": .finite($0.distance)] }),
    ]
  }

  /// Largest distance of the two distribution functions.
  static func gap(_ a: [Double], _ b: [Double]) -> Double {
    guard !a.isEmpty, !b.isEmpty else { return 0 }
    let (x, y) = (a.sorted(), b.sorted())
    var (i, j, largest) = (0, 0, 0.0)
    while i < x.count, j < y.count {
      let next = min(x[i], y[j])
      while i < x.count, x[i] <= next { i += 1 }
      while j < y.count, y[j] <= next { j += 1 }
      largest = max(largest, abs(Double(i) / Double(x.count) - Double(j) / Double(y.count)))
    }
    return largest
  }

  /// Half the sum of absolute differences of shares; many rare levels count as one.
  private static func variation(_ codes: [Int32], _ levels: Int, _ early: [Int], _ late: [Int]) -> Double {
    var counts = [[Double]](repeating: [0, 0], count: levels)
    for (side, rows) in [early, late].enumerated() {
      for row in rows where codes[row] >= 0 && Int(codes[row]) < levels { counts[Int(codes[row])][side] += 1 }
    }
    let sizes = [Double(early.count), Double(late.count)]
    let common = counts.filter { $0[0] + $0[1] >= 30 }
    let shares = common.map { ($0[0] / sizes[0], $0[1] / sizes[1]) }
    let rest = (1 - shares.reduce(0) { $0 + $1.0 }, 1 - shares.reduce(0) { $0 + $1.1 })
    return (shares + [rest]).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
  }
}

/// A column whose values name something that has several rows.
struct RepeatedEntity {
  var column: String
  var groups: Int
  var rows: Int
  /// How much more often rows of one group agree in other columns than rows of different ones.
  var likeness: Double
  var isNamed: Bool

  /// Least likeness that tells an entity from a mere category.
  static let smallest = 0.25

  var sentence: String {
    "'\(column)' names \(groups) groups in \(rows) rows, and rows of one group agree "
      + "\(Text.percent(max(0, likeness))) more often than others: torn apart, the test would know the training rows."
  }

  var json: JSONValue {
    ["groups": .integer(Int64(groups)), "rows": .integer(Int64(rows)), "likeness": .finite(likeness)]
  }

  /// Rows beyond which texts are looked at only where their name is that of an identifier.
  static let manyRows = 50_000

  static func find(_ frame: Frame, _ fields: [Int], _ rowKeys: [UInt64]? = nil) -> RepeatedEntity? {
    // Sorted once, and only where a column may name something.
    var order: [Int]?
    let found = fields.compactMap { index -> RepeatedEntity? in
      let (field, column) = (frame.schema.fields[index], frame.columns[index])
      guard [.category, .text, .integer].contains(field.kind) else { return nil }
      let isNamed = looksLikeID(field.name)
      guard isNamed || field.kind == .category || field.kind == .text && column.count <= manyRows else { return nil }
      guard hasManyLevels(column) else { return nil }
      let rows =
        order ?? rowKeys.map { keys in keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) } }
        ?? Array(0..<column.count)
      order = rows
      let members = members(column, rows)
      let present = members.reduce(0) { $0 + $1.count }
      guard members.count >= 10, Double(members.count) >= 0.005 * Double(present),
        Double(members.count) <= 0.8 * Double(present)
      else { return nil }
      let groups = members.filter { $0.count >= 2 }
      let likeness = likeness(frame, index, groups)
      guard likeness >= (isNamed ? 0.02 : smallest) else { return nil }
      return RepeatedEntity(
        column: field.name, groups: members.count, rows: present, likeness: likeness, isNamed: isNamed)
    }
    return found.max { ($0.likeness, $1.column) < ($1.likeness, $0.column) }
  }

  /// Whether a category has levels enough to name things; not asked of other kinds.
  private static func hasManyLevels(_ column: Column) -> Bool {
    guard case .category(_, let levels) = column.storage else { return true }
    return levels.count >= 10 && Double(levels.count) >= 0.005 * Double(column.count - column.missingCount)
  }

  /// Rows of each value, values in order of their first row.
  private static func members(_ column: Column, _ rows: [Int]) -> [[Int]] {
    var members: [[Int]] = []
    if case .category(let codes, let levels) = column.storage {
      var places = [Int](repeating: -1, count: levels.count)
      for row in rows where column.isPresent(row) {
        let code = Int(codes[row])
        if places[code] < 0 {
          places[code] = members.count
          members.append([])
        }
        members[places[code]].append(row)
      }
      return members
    }
    var places: [String: Int] = [:]
    for row in rows {
      guard let text = column.text(at: row) else { continue }
      let place = places[text] ?? members.count
      if place == members.count {
        places[text] = place
        members.append([])
      }
      members[place].append(row)
    }
    return members
  }

  static func looksLikeID(_ name: String) -> Bool {
    let lower = name.lowercased()
    let words = ["customer", "patient", "user", "subject", "household", "account", "client", "group", "session"]
    return lower == "id" || lower.hasSuffix("_id") || lower.hasSuffix(" id") || name.hasSuffix("Id")
      || name.hasSuffix("ID") || words.contains(lower)
  }

  /// Mean over the other columns of how much more often neighbours within a group agree than neighbours across groups.
  private static func likeness(_ frame: Frame, _ own: Int, _ groups: [[Int]]) -> Double {
    var inside: [(Int, Int)] = []
    var across: [(Int, Int)] = []
    for (place, group) in groups.prefix(2000).enumerated() {
      inside.append((group[0], group[1]))
      across.append((group[0], groups[(place + 1) % groups.count][1]))
    }
    guard inside.count >= 5 else { return 0 }
    var gains: [Double] = []
    for index in frame.columns.indices where index != own && frame.columns[index].kind != .vector {
      let column = frame.columns[index]
      let agreement = { (pairs: [(Int, Int)]) in
        Double(pairs.count { column.text(at: $0.0) == column.text(at: $0.1) }) / Double(pairs.count)
      }
      gains.append(agreement(inside) - agreement(across))
    }
    return gains.isEmpty ? 0 : gains.reduce(0, +) / Double(gains.count)
  }
}
