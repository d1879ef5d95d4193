package import Basics

/// How far one column of the traffic is from training.
package struct ColumnDrift: Sendable, Hashable, Codable {
  /// Column name; `prediction` and `probability_<class>` for what the model says.
  package var name: String
  /// Column kind; `prediction` or `probability` for what the model says.
  package var kind: String
  /// How `value` is measured: `jensen-shannon`, or `none` for instants, which always move on.
  package var distance: String
  /// Distance, 0 … 1, corrected for what finite samples differ by chance. A missing value is a value here.
  package var value: Double
  /// Lower end of its 95 % interval.
  package var low: Double
  /// Upper end of its 95 % interval.
  package var high: Double
  /// Distance from which it matters.
  package var threshold: Double
  /// Whether the column drifted: enough rows, `low` above `threshold`, and still so after allowing for the number of
  /// columns looked at.
  package var drifted: Bool
  /// What the change does to predictions (see `DriftImpact`); `nil` until measured.
  package var impact: Double?
  /// Numbers behind it, for findings and pages; not part of the stable output.
  package var evidence = DriftEvidence()

  /// The stable document of `watch --json`; `impact` is `null` until measured.
  package var json: JSONValue {
    .object([
      ("name", .string(name)), ("kind", .string(kind)), ("distance", .string(distance)), ("value", .finite(value)),
      ("low", .finite(low)), ("high", .finite(high)), ("threshold", .finite(threshold)),
      ("drifted", .boolean(drifted)), ("impact", .finite(impact)),
    ])
  }

  enum CodingKeys: String, CodingKey {
    case name, kind, distance, value, low, high, threshold, drifted, impact, evidence
  }
}

/// Counts and sizes behind a column's distance.
package struct DriftEvidence: Sendable, Hashable, Codable {
  /// Rows with a value in the window.
  package var presentCount: Int64 = 0
  /// Rows without a value in the window.
  package var missingCount: Int64 = 0
  /// Share of missing values in training.
  package var referenceMissingShare = 0.0
  /// Rows of the window with a level that training did not have.
  package var newLevelCount: Int64 = 0
  /// Different new levels.
  package var newLevelDistinctCount = 0
  /// Rows of the window below the smallest training value.
  package var belowCount: Int64 = 0
  /// Rows of the window above the largest training value.
  package var aboveCount: Int64 = 0
  /// Mean in training; `nil` where there is none.
  package var referenceMean: Double?
  /// Mean in the window.
  package var windowMean: Double?
  /// Change of the mean in standard deviations of training.
  package var meanShift: Double?
  /// Wasserstein distance in standard deviations of training.
  package var wasserstein: Double?

  /// Nothing known.
  package init() {}

  /// Names and values for the evidence of a finding; unknown ones left out.
  var pairs: [(String, JSONValue)] {
    let counts: [(String, JSONValue)] = [
      ("rows", .integer(presentCount)), ("missing", .integer(missingCount)),
      ("reference_missing_share", .finite(referenceMissingShare)), ("new_level_rows", .integer(newLevelCount)),
      ("new_levels", .integer(Int64(newLevelDistinctCount))), ("below", .integer(belowCount)),
      ("above", .integer(aboveCount)),
    ]
    let numbers = [
      ("reference_mean", referenceMean), ("window_mean", windowMean), ("mean_shift_sd", meanShift),
      ("wasserstein", wasserstein),
    ]
    return counts + numbers.compactMap { name, value in value.map { (name, JSONValue.finite($0)) } }
  }

  enum CodingKeys: String, CodingKey {
    case wasserstein
    case presentCount = "rows"
    case missingCount = "missing"
    case referenceMissingShare = "reference_missing_share"
    case newLevelCount = "new_level_rows"
    case newLevelDistinctCount = "new_levels"
    case belowCount = "below"
    case aboveCount = "above"
    case referenceMean = "reference_mean"
    case windowMean = "window_mean"
    case meanShift = "mean_shift_sd"
  }
}
