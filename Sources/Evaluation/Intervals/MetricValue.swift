public import Basics

/// A metric on some rows with its interval.
public struct MetricValue: Sendable, Hashable, Codable {
  /// Value on the rows as they are.
  public var value: Double
  /// Lower end of the interval.
  public var low: Double
  /// Upper end of the interval.
  public var high: Double

  /// Makes a value; without ends the interval is the value alone.
  public init(value: Double, low: Double? = nil, high: Double? = nil) {
    self.value = value
    self.low = low ?? value
    self.high = high ?? value
  }

  /// `{"value", "low", "high"}`.
  public var json: JSONValue { ["value": .finite(value), "low": .finite(low), "high": .finite(high)] }

  /// The end of the interval that a cautious reader believes: `low` where more is better, else `high`.
  public func cautious(higherIsBetter: Bool) -> Double { higherIsBetter ? low : high }
}

/// All metrics of one model on the same rows, in report order.
public struct MetricReport: Sendable, Hashable, Codable {
  /// A metric and its value.
  public struct Entry: Sendable, Hashable {
    /// Registered name.
    public var name: String
    /// Value and interval.
    public var value: MetricValue
  }

  /// Metrics that are defined on these rows.
  public var entries: [Entry]

  /// Makes a report.
  public init(_ entries: [(name: String, value: MetricValue)]) {
    self.entries = entries.map { Entry(name: $0.name, value: $0.value) }
  }

  /// Value of the metric called `name`; `nil` when it is not defined on these rows.
  public subscript(name: String) -> MetricValue? { entries.first { $0.name == name }?.value }

  /// `{"name": {"value", "low", "high"}, …}` in report order.
  public var json: JSONValue { .object(entries.map { ($0.name, $0.value.json) }) }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Written as an object of names.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for entry in entries { try container.encode(entry.value, forKey: Key(stringValue: entry.name)) }
  }

  /// Read from an object of names; known metrics in catalog order, others after them by name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let known = MetricCatalog.all.names
    let rank = { (name: String) in known.firstIndex(of: name) ?? known.count }
    entries = try container.allKeys.map { Entry(name: $0.stringValue, value: try container.decode(MetricValue.self, forKey: $0)) }
      .sorted { (rank($0.name), $0.name) < (rank($1.name), $1.name) }
  }
}
