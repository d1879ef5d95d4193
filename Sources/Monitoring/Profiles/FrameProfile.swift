package import Basics
package import Frames
package import Modeling

/// Statistics of the training rows and of what the model says of them; travels in the archive, so that the first
/// window of traffic can be judged without the training file.
package struct FrameProfile: Sendable, Hashable, Codable {
  /// Rows profiled.
  package let rowCount: Int
  /// Features, in schema order.
  package let columns: [ColumnProfile]
  /// `prediction`, then `probability_<class>`; empty when profiled without predictions.
  package let predictions: [ColumnProfile]
  /// What the probabilities say of their own quality; `nil` without class probabilities.
  package let expected: ExpectedPerformance?
  /// Changes when the grids do; windows carry it.
  package let fingerprint: String

  /// Classes whose probability is profiled at most; beyond, only the decided class is.
  package static let probabilityLimit = 10

  /// The reference profile of training rows.
  ///
  /// Pass out-of-sample predictions (of folds or the test rows), not those of rows the model has learnt by heart:
  /// traffic is compared with them. They may be of other rows than `frame`.
  ///
  /// - Complexity: O(cells).
  /// - Throws: `.invalidData` for a column of sparse vectors, which is not raw data.
  package static func reference(
    of frame: Frame, predictions: Predictions? = nil, workers: Workers = .serial
  ) throws -> FrameProfile {
    if let vector = frame.schema.fields.first(where: { $0.kind == .vector }) {
      throw MLError(
        .invalidData, "profile: column '\(vector.name)' must be raw data; got prepared vectors.",
        hint: "Profile the frame before it is prepared.", field: vector.name)
    }
    let said = predictions.map(PredictionColumn.columns) ?? []
    let featureCount = frame.columns.count
    let all = try workers.map(featureCount + said.count) { index in
      if index < featureCount {
        return ColumnProfile(name: frame.schema.fields[index].name, of: frame.columns[index])
      }
      let column = said[index - featureCount]
      return ColumnProfile(name: column.name, role: column.role, of: column.values)
    }
    var expected = ExpectedPerformance()
    if let predictions { expected.add(predictions) }
    return FrameProfile(
      rowCount: frame.rowCount, columns: Array(all[..<featureCount]), predictions: Array(all[featureCount...]),
      expected: expected.rowCount > 0 ? expected : nil)
  }

  private init(rowCount: Int, columns: [ColumnProfile], predictions: [ColumnProfile], expected: ExpectedPerformance?) {
    self.rowCount = rowCount
    self.columns = columns
    self.predictions = predictions
    self.expected = expected
    fingerprint = Self.fingerprint(columns + predictions)
  }

  /// Profile of the column called `name`; `nil` when there is none.
  package func column(_ name: String) -> ColumnProfile? { columns.first { $0.name == name } }

  private static func fingerprint(_ columns: [ColumnProfile]) -> String {
    var state: UInt64 = 1
    for column in columns {
      let head = "\(column.role.rawValue) \(column.kind.rawValue) \(column.name)"
      state = StableHash.combine(state, StableHash.hash(head))
      switch column.grid {
      case .numeric(let grid):
        state = StableHash.combine(state, StableHash.hash(grid.minimum))
        for (index, bound) in grid.bounds.enumerated() {
          state = StableHash.combine(state, StableHash.hash(bound) &+ (grid.isOpen[index] ? 1 : 0))
        }
      case .levels(let grid):
        for (index, name) in grid.names.enumerated() {
          state = StableHash.combine(state, StableHash.hash(name) &+ UInt64(grid.cells[index]))
        }
      }
    }
    let text = String(state, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  enum CodingKeys: String, CodingKey {
    case columns, predictions, expected
    case version = "schema_version"
    case rowCount = "rows"
  }

  /// Written with its format version.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(1, forKey: .version)
    try container.encode(rowCount, forKey: .rowCount)
    try container.encode(columns, forKey: .columns)
    try container.encode(predictions, forKey: .predictions)
    try container.encodeIfPresent(expected, forKey: .expected)
  }

  /// - Throws: `.unsupportedVersion` for a later format, `.corruptFile` when parts do not fit together.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let version = try container.decode(Int.self, forKey: .version)
    guard version == 1 else {
      throw MLError(
        .unsupportedVersion, "profile: format version must be 1; got \(version).",
        hint: "Read it with the program that wrote it, or a later one.")
    }
    self.init(
      rowCount: try container.decode(Int.self, forKey: .rowCount),
      columns: try container.decode([ColumnProfile].self, forKey: .columns),
      predictions: try container.decode([ColumnProfile].self, forKey: .predictions),
      expected: try container.decodeIfPresent(ExpectedPerformance.self, forKey: .expected))
    guard rowCount >= 0 else { throw ProfileError.corrupt("a count is below zero") }
  }
}

/// What a model says, as columns to profile.
struct PredictionColumn: Sendable {
  var name: String
  var role: ColumnProfile.Role
  var values: Column

  static func columns(of predictions: Predictions) -> [PredictionColumn] {
    if let values = predictions.values {
      return [PredictionColumn(name: "prediction", role: .prediction, values: Column(numbers: values))]
    }
    let classes = predictions.classes
    let decided = Column(.category(codes: predictions.classCodes, levels: classes))
    var out = [PredictionColumn(name: "prediction", role: .prediction, values: decided)]
    guard classes.count <= FrameProfile.probabilityLimit else { return out }
    for k in classes.indices where classes.count != 2 || k == 1 {
      let values = Column(numbers: predictions.probabilities(ofClass: k) ?? [])
      out.append(PredictionColumn(name: "probability_\(classes[k])", role: .probability, values: values))
    }
    return out
  }
}
