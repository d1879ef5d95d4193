package import Frames
package import Modeling
import Basics

/// Looks over training rows for what makes models look better than they are, or fail later.
package struct TrainingLint: Sendable, Hashable {
  /// Share of the way from guessing to perfect that one column alone may explain before it is reported as a leak.
  package var leakage = 0.95
  /// Missing share from which a column is reported.
  package var missing = 0.5
  /// Share of the rarest class from which imbalance is reported.
  package var rareClass = 0.05
  /// Rows a class needs to be learnt and tested.
  package var rowsPerClass = 10
  /// Share of repeated rows from which they are a warning.
  package var duplicates = 0.05

  /// The defaults.
  package init() {}

  /// What there is to say of `frame`, which holds features only, and of the target called `name`; most urgent first.
  ///
  /// - Complexity: O(cells · log rows).
  package func findings(_ frame: Frame, target: Target?, named name: String) -> [Finding] {
    guard frame.rowCount > 0 else { return [] }
    let keys = LintRows.keys(frame, target)
    var out: [Finding] = []
    for (field, column) in zip(frame.schema.fields, frame.columns) {
      let own = shape(field.name, column)
      out += own
      guard let target, !own.contains(where: { $0.kind == "constant" }) else { continue }
      if let leak = leak(field.name, column, target, named: name, keys) {
        out.append(leak)
      } else if let named = nameLeak(field.name, target: name) {
        out.append(named)
      }
    }
    if case .classes(let codes, let names)? = target { out += classes(codes, names, named: name) }
    if let repeated = repeats(keys) { out.append(repeated) }
    return out.enumerated()
      .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }.map(\.element)
  }

  // MARK: One column

  private func shape(_ name: String, _ column: Column) -> [Finding] {
    let rows = column.count
    let absent = column.missingCount
    if absent == rows {
      return [
        Finding(
          "constant", .warning, subject: name, "'\(name)' has no value in any of \(rows) rows.",
          evidence: ["rows": .integer(Int64(rows)), "missing": .integer(Int64(absent))])
      ]
    }
    if absent == 0, rows > 1, LintRows.isConstant(column) {
      return [
        Finding(
          "constant", .info, subject: name, "'\(name)' has the same value in all \(rows) rows and is of no use.",
          evidence: ["rows": .integer(Int64(rows))])
      ]
    }
    var out: [Finding] = []
    if Double(absent) > missing * Double(rows) {
      out.append(
        Finding(
          "missing-values", .warning, subject: name,
          "'\(name)' is missing in \(absent) of \(rows) rows (\(FindingText.percent(Double(absent) / Double(rows)))).",
          evidence: ["rows": .integer(Int64(rows)), "missing": .integer(Int64(absent))]))
    }
    if LintRows.isIdentifier(name, column) {
      out.append(
        Finding(
          "identifier", .warning, subject: name,
          "'\(name)' looks like an identifier: a different value in nearly every row. "
            + "A model can learn it by heart, but not use it on new rows.",
          evidence: ["rows": .integer(Int64(rows))]))
    }
    return out
  }

  private func nameLeak(_ name: String, target: String) -> Finding? {
    let (own, wanted) = (Self.plain(name), Self.plain(target))
    guard wanted.count >= 4, own.count >= wanted.count, own.contains(wanted) else { return nil }
    return Finding(
      "leakage-name", .info, subject: name,
      "'\(name)' carries the name of the target '\(target)'. Make sure it is known before the target is.")
  }

  private static func plain(_ name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }

  private func leak(
    _ name: String, _ column: Column, _ target: Target, named targetName: String, _ keys: [UInt64]
  ) -> Finding? {
    guard keys.count >= 50 else { return nil }
    let power = SingleColumnPower(column, target, keys)
    if let share = power.explained, share >= leakage {
      return Finding(
        "leakage", .critical, subject: name,
        "'\(name)' alone predicts '\(targetName)' almost perfectly (\(FindingText.percent(share)) of the way from "
          + "guessing to perfect). It is probably a copy of the target, or known only after it.",
        evidence: ["explained": .finite(share), "rows": .integer(Int64(keys.count))])
    }
    guard let pure = power.pureLevel else { return nil }
    return Finding(
      "leakage-level", .warning, subject: name,
      "One value of '\(name)' stands in \(pure.rowCount) rows that are all of one class, which only "
        + "\(FindingText.percent(pure.classShare)) of all rows are. Make sure it is known before the target is.",
      evidence: ["rows": .integer(Int64(pure.rowCount)), "class_share": .finite(pure.classShare)])
  }

  // MARK: The target and the whole

  private func classes(_ codes: [Int32], _ names: [String], named name: String) -> [Finding] {
    var counts = [Int](repeating: 0, count: names.count)
    for code in codes { counts[Int(code)] += 1 }
    let present = counts.filter { $0 > 0 }
    guard present.count > 1, let least = present.min() else {
      return [
        Finding(
          "one-class", .critical, subject: name, "'\(name)' has only one class in \(codes.count) rows.",
          evidence: ["rows": .integer(Int64(codes.count))])
      ]
    }
    var out: [Finding] = []
    let tiny = present.filter { $0 < rowsPerClass }
    let share = Double(least) / Double(codes.count)
    let evidence: JSONValue = [
      "rows": .integer(Int64(least)), "of": .integer(Int64(codes.count)), "share": .finite(share),
    ]
    if !tiny.isEmpty {
      let how = tiny.count == 1 ? "1 class" : "\(tiny.count) classes"
      out.append(
        Finding(
          "tiny-class", .warning, subject: name,
          "'\(name)' has \(how) with fewer than \(rowsPerClass) rows; the rarest has \(least).", evidence: evidence))
    }
    if share < rareClass, present.count == 2 {
      out.append(
        Finding(
          "class-imbalance", share < 0.01 ? .warning : .info, subject: name,
          "The rarer class of '\(name)' has \(least) of \(codes.count) rows (\(FindingText.percent(share))); "
            + "judge by average_precision or costs, not by accuracy.",
          evidence: evidence))
    }
    return out
  }

  private func repeats(_ keys: [UInt64]) -> Finding? {
    let ranked = keys.sorted()
    var count = 0
    for index in ranked.indices.dropFirst() where ranked[index] == ranked[index - 1] { count += 1 }
    guard count > 0 else { return nil }
    let share = Double(count) / Double(keys.count)
    return Finding(
      "duplicate-rows", share > duplicates ? .warning : .info,
      "\(count) of \(keys.count) rows (\(FindingText.percent(share))) repeat an earlier row, target included; "
        + "equal rows should not be split between training and test.",
      evidence: ["rows": .integer(Int64(count)), "of": .integer(Int64(keys.count)), "share": .finite(share)])
  }
}
