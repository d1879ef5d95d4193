package import Basics
package import Frames

/// What is in one column, for people.
package struct ColumnDescription: Sendable {
  /// Column name.
  package var name: String
  /// Column kind.
  package var kind: String
  /// Share of cells without a value.
  package var missingShare: Double
  /// Different values.
  package var distinctCount: Int
  /// Smallest and largest value as texts; `nil` for columns without an order.
  package var minimum: String?
  /// Largest value.
  package var maximum: String?
  /// Mean of numbers.
  package var mean: Double?
  /// The most frequent value and its share.
  package var mostFrequent: String?

  /// Every column of `frame`.
  package static func all(_ frame: Frame) -> [ColumnDescription] {
    zip(frame.schema.fields, frame.columns).map { ColumnDescription($0.name, $1) }
  }

  init(_ name: String, _ column: Column) {
    self.name = name
    kind = column.kind.rawValue
    missingShare = column.count > 0 ? Double(column.missingCount) / Double(column.count) : 0
    var counts: [String: Int] = [:]
    for row in 0..<column.count { if let text = column.text(at: row) { counts[text, default: 0] += 1 } }
    distinctCount = counts.count
    if let numbers = column.doubles?.filter({ !$0.isNaN }), !numbers.isEmpty, column.kind.isNumeric {
      minimum = numbers.min().map { NumberText.shortest($0) }
      maximum = numbers.max().map { NumberText.shortest($0) }
      mean = numbers.reduce(0, +) / Double(numbers.count)
    } else if column.kind == .timestamp {
      minimum = counts.keys.min().map { String($0.prefix(10)) }
      maximum = counts.keys.max().map { String($0.prefix(10)) }
    }
    let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
    if let most, most.value > 1 {
      mostFrequent = "\(most.key.prefix(24)) (\((Double(most.value) / Double(column.count) * 1000).rounded() / 10) %)"
    }
  }

  /// All fields, snake case.
  package var json: JSONValue {
    [
      "name": .string(name), "kind": .string(kind), "missing": .number(missingShare),
      "distinct": .integer(Int64(distinctCount)), "min": minimum.map { .string($0) } ?? .null,
      "max": maximum.map { .string($0) } ?? .null, "mean": .finite(mean),
    ]
  }
}
