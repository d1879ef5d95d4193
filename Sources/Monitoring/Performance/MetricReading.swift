package import Basics

/// A metric with its 95 % interval and the rows behind it.
package struct MetricReading: Sendable, Hashable, Codable {
  /// Point value.
  package var value: Double
  /// Lower end.
  package var low: Double
  /// Upper end.
  package var high: Double
  /// Rows it was measured on.
  package var rowCount: Int

  /// Makes a reading.
  package init(value: Double, low: Double, high: Double, rowCount: Int) {
    self.value = value
    self.low = low
    self.high = high
    self.rowCount = rowCount
  }

  /// `{"value", "low", "high", "rows"}`.
  package var json: JSONValue {
    .object([
      ("value", .finite(value)), ("low", .finite(low)), ("high", .finite(high)), ("rows", .integer(Int64(rowCount))),
    ])
  }

  enum CodingKeys: String, CodingKey {
    case value, low, high
    case rowCount = "rows"
  }
}
