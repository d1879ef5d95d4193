import Basics
import Frames
import Modeling

/// Turns numbers of a comparison into sentences with severity, evidence and the command that acts on them.
struct DriftFindings {
  static let driftKind = "drift"
  /// Distance from which a drifted column is critical.
  static let criticalDistance = 0.3

  var options: DriftOptions
  var columnCount: Int

  /// Standard errors for shares, allowing for the number of columns looked at; 3.3 to 4.2 in practice.
  private var z: Double { 3 + 0.25 * Mathematics.log(Double(max(1, columnCount))) }

  func of(_ column: ColumnDrift, _ profile: ColumnProfile, _ counts: ColumnCounts) -> [Finding] {
    [drift(column, profile), missing(profile, counts), newLevels(profile, counts), outside(profile, counts)]
      .compactMap { $0 }
  }

  func notEnough(_ rowCount: Int) -> Finding {
    Finding(
      "not-enough-rows", .info, "not enough rows yet: \(rowCount) of \(options.minimumRows)",
      evidence: ["rows": .integer(Int64(rowCount)), "needed": .integer(Int64(options.minimumRows))])
  }

  // MARK: Distribution

  private func drift(_ column: ColumnDrift, _ profile: ColumnProfile) -> Finding? {
    guard column.drifted else { return nil }
    let isAboutModel = profile.role != .feature
    let who = isAboutModel ? "The model's \(column.name)" : "'\(column.name)'"
    let how = "distance \(text(column.value)), 95 % interval \(text(column.low)) … \(text(column.high)), "
    let message =
      "\(who) moved away from training: \(how)matters from \(text(column.threshold))\(shift(column.evidence))."
    let isCritical = column.low > max(Self.criticalDistance, column.threshold)
    return Finding(
      isAboutModel ? "prediction-drift" : Self.driftKind, isCritical ? .critical : .warning, subject: column.name,
      message, evidence: evidence(column),
      command: isAboutModel ? "apus feedback \(options.model) --data LABELS.csv" : "apus retrain --reason drift")
  }

  private func shift(_ evidence: DriftEvidence) -> String {
    guard let shift = evidence.meanShift, shift.magnitude >= 0.005 else { return "" }
    return "; its mean is \(text(shift.magnitude)) standard deviations \(shift > 0 ? "higher" : "lower")"
  }

  private func evidence(_ column: ColumnDrift) -> JSONValue {
    .object(
      [("distance", .finite(column.value)), ("low", .finite(column.low)), ("high", .finite(column.high))]
        + column.evidence.pairs)
  }

  // MARK: Shares

  private func missing(_ profile: ColumnProfile, _ counts: ColumnCounts) -> Finding? {
    let now = Proportion(counts.missingCount, of: counts.rowCount)
    let before = Proportion(profile.counts.missingCount, of: profile.counts.rowCount)
    guard counts.rowCount > 0, profile.counts.rowCount > 0 else { return nil }
    let change = now.difference(from: before, z)
    let least = change.low > 0 ? change.low : max(0, -change.high)
    guard least > options.missingThreshold else { return nil }
    let message =
      "'\(profile.name)' is missing in \(now.count) of \(now.total) rows (\(percent(now.value))); "
      + "it was in \(percent(before.value)) of training rows."
    return Finding(
      "missing-values", least > 0.2 ? .critical : .warning, subject: profile.name, message,
      evidence: share(now, [("reference_share", .finite(before.value))]), command: "apus data profile FILE")
  }

  private func newLevels(_ profile: ColumnProfile, _ counts: ColumnCounts) -> Finding? {
    guard case .levels(let grid) = profile.grid, counts.slots[grid.newSlot] > 0 else { return nil }
    let rows = Proportion(counts.slots[grid.newSlot], of: counts.presentCount)
    let names = counts.newNames?.names ?? []
    let distinct = counts.newNames?.distinctCount ?? 0
    let usual = Double(grid.singletonCount + 1) / Double(profile.counts.presentCount + 1)
    let isMuch = rows.low(z) > options.outsideThreshold + min(1, usual)
    let message =
      "'\(profile.name)' has \(distinct) \(distinct == 1 ? "category" : "categories") that training did not have, "
      + "in \(rows.count) of \(rows.total) rows (\(percent(rows.value)))."
    let listed = names.prefix(20).map { name, count in
      JSONValue.object([("name", .string(name)), ("rows", .integer(count))])
    }
    return Finding(
      "new-categories", isMuch ? .warning : .info, subject: profile.name, message,
      evidence: share(rows, [("categories", .integer(Int64(distinct))), ("names", .array(listed))]),
      command: isMuch ? "apus retrain --reason new-categories" : nil)
  }

  private func outside(_ profile: ColumnProfile, _ counts: ColumnCounts) -> Finding? {
    guard case .numeric(let grid) = profile.grid, profile.kind.isNumeric, profile.role == .feature, grid.cellCount > 0
    else { return nil }
    let (below, above) = (counts.slots[0], counts.slots[grid.slotCount - 1])
    let rows = Proportion(below + above, of: counts.presentCount)
    guard rows.count > 0 else { return nil }
    let isMuch = rows.low(z) > options.outsideThreshold
    let message =
      "'\(profile.name)' lies outside the range of training in \(rows.count) of \(rows.total) rows "
      + "(\(percent(rows.value))): \(below) below, \(above) above."
    return Finding(
      "out-of-range", isMuch ? .warning : .info, subject: profile.name, message,
      evidence: share(rows, [("below", .integer(below)), ("above", .integer(above))]),
      command: isMuch ? "apus data profile FILE" : nil)
  }

  private func share(_ rows: Proportion, _ more: [(String, JSONValue)]) -> JSONValue {
    .object(
      [
        ("rows", .integer(rows.count)), ("of", .integer(rows.total)), ("share", .finite(rows.value)),
        ("low", .finite(rows.low(Drift.z))), ("high", .finite(rows.high(Drift.z))),
      ] + more)
  }

  private func text(_ value: Double) -> String { FindingText.decimal(value, 2) }
  private func percent(_ share: Double) -> String { FindingText.percent(share) }
}

/// Numbers in sentences.
enum FindingText {
  /// `value` with `digits` decimals.
  static func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "very large" }
    let factor = Mathematics.pow(10, Double(digits))
    let whole = Int64((value.magnitude * factor).rounded())
    let unit = Int64(factor)
    let fraction = String(whole % unit)
    let padded = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
    return (value < 0 && whole > 0 ? "-" : "") + "\(whole / unit)" + (digits > 0 ? ".\(padded)" : "")
  }

  /// `share` in percent; more decimals below one percent.
  static func percent(_ share: Double) -> String {
    let value = share * 100
    return decimal(value, value >= 10 || value == 0 ? 0 : (value >= 1 ? 1 : 2)) + " %"
  }
}
