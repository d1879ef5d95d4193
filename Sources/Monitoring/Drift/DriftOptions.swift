import Basics

/// When a difference between traffic and training counts as drift.
package struct DriftOptions: Sendable, Hashable, Codable {
  /// Smallest Jensen–Shannon distance (base 2, 0 … 1) that matters. For scale: a normal column shifted by a quarter
  /// of its standard deviation has 0.11, by half 0.21; a new level on 2 % of rows has 0.10.
  package var threshold = 0.1
  /// Other thresholds by column name (`prediction` and `probability_<class>` for what the model says).
  package var thresholds: [String: Double] = [:]
  /// Rows a window needs before it gets a verdict.
  package var minimumRows = 100
  /// Share of false alarms among the alarms that is accepted over all columns together.
  package var falseDiscoveryRate = 0.01
  /// Smallest change of the missing share that matters.
  package var missingThreshold = 0.02
  /// Smallest share of new levels, or of values outside the training range, that matters.
  package var outsideThreshold = 0.01
  /// Name of the model in suggested commands.
  package var model = "MODEL"

  /// The defaults.
  package init() {}

  /// Threshold of the column called `name`.
  package func threshold(of name: String) -> Double { thresholds[name] ?? threshold }

  /// - Throws: `.invalidParameter` naming a setting out of range.
  package func validate() throws {
    try Self.check("threshold", threshold)
    for (name, value) in thresholds.sorted(by: { $0.key < $1.key }) { try Self.check("thresholds.\(name)", value) }
    try Self.check("false_discovery_rate", falseDiscoveryRate)
    try Self.check("missing_threshold", missingThreshold)
    try Self.check("outside_threshold", outsideThreshold)
    guard minimumRows >= 1 else {
      throw MLError(
        .invalidParameter, "drift: 'minimum_rows' must be at least 1; got \(minimumRows).",
        hint: "Leave it out for 100.", field: "minimum_rows")
    }
  }

  private static func check(_ name: String, _ value: Double) throws {
    guard value > 0, value < 1 else {
      throw MLError(
        .invalidParameter, "drift: '\(name)' must be above 0 and below 1; got \(NumberText.shortest(value)).",
        hint: "Leave it out for the default.", field: name)
    }
  }

  enum CodingKeys: String, CodingKey {
    case threshold, thresholds, model
    case minimumRows = "minimum_rows"
    case falseDiscoveryRate = "false_discovery_rate"
    case missingThreshold = "missing_threshold"
    case outsideThreshold = "outside_threshold"
  }
}
