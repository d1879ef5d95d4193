import Basics
import Frames
import Modeling

/// Compares a window with its reference: size of the effect first, how sure one can be second.
///
/// A column has drifted when the lower end of the 95 % interval of its distance lies above the threshold and the test
/// "the true distance is at most the threshold" is refused at a level that keeps the false discovery rate over all
/// columns (Benjamini and Hochberg 1995). A million rows do not make a harmless difference an alarm, and a hundred do
/// not make chance one. Rows are taken as independent.
package enum Drift {
  /// Standard errors of a 95 % interval.
  static let z = 1.959964

  /// What `window` says.
  ///
  /// - Throws: `.invalidParameter` for options out of range.
  package static func compare(_ window: WindowProfile, options: DriftOptions = DriftOptions()) throws -> DriftReport {
    try options.validate()
    let profiles = window.reference.columns + window.reference.predictions
    let counts = window.counts.columns + window.counts.predictions
    var columns: [ColumnDrift] = []
    var chances: [Double] = []
    for (profile, counted) in zip(profiles, counts) {
      let threshold = options.threshold(of: profile.name)
      let (column, chance) = compare(profile, counted, threshold: threshold)
      columns.append(column)
      chances.append(counted.rowCount >= options.minimumRows ? chance : 1)
    }
    let refused = discoveries(chances, rate: options.falseDiscoveryRate)
    for index in columns.indices {
      columns[index].drifted = refused[index] && columns[index].low > columns[index].threshold
    }
    return report(window, profiles, counts, columns, options)
  }

  private static func report(
    _ window: WindowProfile, _ profiles: [ColumnProfile], _ counts: [ColumnCounts], _ columns: [ColumnDrift],
    _ options: DriftOptions
  ) -> DriftReport {
    let enough = window.rowCount >= options.minimumRows
    let findings = DriftFindings(options: options, columnCount: columns.count)
    var found: [Finding] = []
    if enough {
      for (index, column) in columns.enumerated() { found += findings.of(column, profiles[index], counts[index]) }
      found.sort { $0.severity > $1.severity }
    } else {
      found.append(findings.notEnough(window.rowCount))
    }
    let state: DriftReport.State = enough ? (columns.contains(where: \.drifted) ? .drifted : .still) : .notEnoughRows
    return DriftReport(
      rowCount: window.rowCount, minimumRows: options.minimumRows, state: state, columns: columns, findings: found)
  }

  /// The distance of one column and the chance of seeing it if the true one were at the threshold.
  private static func compare(
    _ profile: ColumnProfile, _ counts: ColumnCounts, threshold: Double
  ) -> (ColumnDrift, chance: Double) {
    var column = ColumnDrift(
      name: profile.name, kind: profile.shownKind, distance: "jensen-shannon", value: 0, low: 0, high: 1,
      threshold: threshold, drifted: false, impact: nil, evidence: DriftEvidence(profile, counts))
    var cells = CoarseCells(profile, counts)
    if profile.kind == .timestamp {
      column.distance = "none"
      cells = CoarseCells(presenceOf: profile.counts, counts)
    }
    let estimate = JensenShannon.estimate(cells.reference, cells.window)
    column.value = estimate.value
    column.low = estimate.low(z)
    column.high = estimate.high(z)
    guard estimate.isDefined, estimate.standardError > 0 else { return (column, 1) }
    let excess = (estimate.divergence - threshold * threshold) / estimate.standardError
    return (column, 0.5 * (1 - Mathematics.erf(excess * 0.7071067811865476)))
  }

  /// Which of the tests with these chances are refused.
  ///
  /// - Source: Benjamini and Hochberg, *Controlling the false discovery rate*, J. R. Stat. Soc. B 57, 1995.
  static func discoveries(_ chances: [Double], rate: Double) -> [Bool] {
    let ranked = chances.indices.sorted { chances[$0] != chances[$1] ? chances[$0] < chances[$1] : $0 < $1 }
    let passing = ranked.indices.last { chances[ranked[$0]] <= rate * Double($0 + 1) / Double(chances.count) }
    var refused = [Bool](repeating: false, count: chances.count)
    if let passing { for rank in 0...passing { refused[ranked[rank]] = true } }
    return refused
  }
}
