import Basics
package import Evaluation
package import Frames
import Modeling

/// A threshold for every protected group, kept in the archive: rows are decided by the threshold of their group.
package struct GroupDecision: Sendable, Hashable {
  /// Protected columns that a row must bring; the model itself does not read them.
  package let fields: [Field]
  /// Borders of number columns, by name.
  let edges: [String: [Double]]
  /// The thresholds.
  package let thresholds: GroupThresholds

  /// Finds thresholds on predictions for rows not learnt from.
  ///
  /// - Throws: `.invalidData` when fewer than two groups have enough rows of each class.
  init(_ audit: Frame, _ predictions: Predictions, _ target: Target, _ terms: TrainingTerms, threshold: Double) throws {
    fields = audit.schema.fields
    edges = try Dictionary(
      uniqueKeysWithValues: audit.schema.names.compactMap { name in
        try Self.edges(audit.column(name)).map { (name, $0) }
      })
    let groups = try ProtectedGroups(audit, by: audit.schema.names, edges: edges)
    thresholds = try GroupThresholds.fit(
      groups, predictions, target, constraint: terms.parity, atMost: terms.largestGap, threshold: threshold)
  }

  /// Borders that stay the same whatever rows come: between few distinct numbers, else at the quartiles.
  private static func edges(_ column: Column) -> [Double]? {
    guard [.number, .integer, .timestamp].contains(column.kind), let numbers = column.doubles else { return nil }
    let sorted = numbers.indices.filter { column.isPresent($0) && numbers[$0].isFinite }.map { numbers[$0] }.sorted()
    var distinct: [Double] = []
    for value in sorted where distinct.last != value && distinct.count <= 6 { distinct.append(value) }
    if distinct.count <= 6 { return Array(distinct.dropFirst()) }
    return Array(Set((1..<4).map { sorted[$0 * sorted.count / 4] })).sorted()
  }

  /// Predictions decided by the threshold of each row's group.
  ///
  /// - Throws: `.schemaMismatch` naming a protected column that is not there.
  func applied(to predictions: Predictions, _ frame: Frame) throws -> Predictions {
    let known = try frame.conformed(to: Schema(fields))
    return try thresholds.applied(
      to: predictions, ProtectedGroups(known, by: thresholds.attributes, edges: edges))
  }

  /// `{"fields", "edges", "thresholds"}`.
  func json() throws -> JSONValue {
    [
      "fields": try Configuration.encode(Schema(fields)),
      "edges": .object(edges.sorted { $0.key < $1.key }.map { ($0.key, .array($0.value.map { .number($0) })) }),
      "thresholds": thresholds.json,
    ]
  }

  /// Reads what `json` wrote.
  ///
  /// - Throws: `.invalidData` when it does not fit together.
  init(json: JSONValue) throws {
    fields = try Configuration.decode(Schema.self, from: json["fields"] ?? .null).fields
    thresholds = try GroupThresholds(json: json["thresholds"] ?? .null)
    var edges: [String: [Double]] = [:]
    for (name, values) in json["edges"]?.objectValue ?? [] {
      edges[name] = values.arrayValue?.compactMap(\.doubleValue) ?? []
    }
    self.edges = edges
    guard thresholds.attributes == fields.map(\.name) else {
      throw MLError(.invalidData, "group thresholds: must be for the columns they come with.")
    }
  }

  /// One sentence.
  var sentence: String {
    let parts = thresholds.thresholds.map {
      "\($0.values.joined(separator: " × ")) \(NumberText.shortest(($0.threshold * 1e4).rounded() / 1e4))"
    }
    return "Every group of \(fields.map { "'\($0.name)'" }.joined(separator: ", ")) is decided by its own threshold: "
      + parts.joined(separator: ", ") + "."
  }
}
