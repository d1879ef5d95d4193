package import Basics
package import Frames
package import Modeling

/// A slice of traffic counted on a reference profile. Batches are added as they come; windows of one reference merge by
/// adding integers, so any grouping of the same rows gives the same bytes.
package struct WindowProfile: Sendable, Hashable {
  /// What the window is compared with.
  package let reference: FrameProfile
  /// The counts; store these.
  package private(set) var counts: WindowCounts

  /// An empty window.
  package init(on reference: FrameProfile) {
    self.reference = reference
    counts = WindowCounts(reference)
  }

  /// A stored window.
  ///
  /// - Throws: `.schemaMismatch` when it was counted on another reference.
  package init(on reference: FrameProfile, counts: WindowCounts) throws {
    guard counts.fingerprint == reference.fingerprint else {
      throw ProfileError.foreign("fingerprints \(counts.fingerprint) and \(reference.fingerprint) differ")
    }
    guard zip(reference.columns, counts.columns).allSatisfy({ $1.fits($0) }),
      zip(reference.predictions, counts.predictions).allSatisfy({ $1.fits($0) }),
      reference.columns.count == counts.columns.count, reference.predictions.count == counts.predictions.count
    else { throw ProfileError.corrupt("a window does not fit its reference") }
    self.reference = reference
    self.counts = counts
  }

  /// Rows counted.
  package var rowCount: Int { counts.rowCount }

  /// Adds a batch and what the model said of it.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another kind, `.shapeMismatch` when predictions
  ///   are not of these rows or classes; the window is unchanged then.
  /// - Parameter workers: counts columns of large batches in parallel; the result does not depend on it.
  /// - Complexity: O(cells).
  package mutating func add(_ frame: Frame, predictions: Predictions? = nil, workers: Workers? = nil) throws {
    let columns = try reference.columns.enumerated().map { index, profile in
      let isInPlace = index < frame.schema.fields.count && frame.schema.fields[index].name == profile.name
      let column = try isInPlace ? frame.columns[index] : frame.column(profile.name)
      guard profile.takes(column.kind) else {
        throw MLError(
          .schemaMismatch,
          "window: column '\(profile.name)' must be \(profile.kind.rawValue); got \(column.kind.rawValue).",
          field: profile.name)
      }
      return column
    }
    let said = try predictions.map { try matching($0, rowCount: frame.rowCount) } ?? []
    if let workers, frame.rowCount >= Self.parallelRows {
      let reference = reference
      var part = WindowCounts(reference)
      part.add(frame.rowCount, [], said, predictions, reference)
      part.replaceColumns(
        try workers.map(columns.count) { index in
          let profile = reference.columns[index]
          var counted = ColumnCounts(kind: profile.kind, grid: profile.grid)
          counted.add(columns[index], on: profile.grid)
          return counted
        })
      counts.merge(part)
    } else {
      counts.add(frame.rowCount, columns, said, predictions, reference)
    }
  }

  /// Rows from which a batch is worth sharing out.
  private static let parallelRows = 4096

  private func matching(_ predictions: Predictions, rowCount: Int) throws -> [PredictionColumn] {
    guard predictions.rowCount == rowCount else {
      throw MLError(.shapeMismatch, "window: predictions must have \(rowCount) rows; got \(predictions.rowCount).")
    }
    if reference.predictions.isEmpty { return [] }
    let said = PredictionColumn.columns(of: predictions)
    guard said.map(\.name) == reference.predictions.map(\.name),
      zip(said, reference.predictions).allSatisfy({ $1.takes($0.values.kind) })
    else {
      throw MLError(
        .shapeMismatch, "window: predictions must be of the reference's task and classes.",
        hint: "Count predictions on the profile of the version that made them.")
    }
    return said
  }

  /// Adds another window of the same reference.
  ///
  /// - Throws: `.schemaMismatch` when it was counted on another reference.
  package mutating func merge(_ other: WindowProfile) throws { try merge(other.counts) }

  /// Adds stored counts of the same reference.
  ///
  /// - Throws: `.schemaMismatch` when they were counted on another reference.
  package mutating func merge(_ other: WindowCounts) throws {
    counts.merge(try WindowProfile(on: reference, counts: other).counts)
  }
}

extension ColumnProfile {
  /// Whether a column of `other` can be counted on this grid.
  func takes(_ other: ColumnKind) -> Bool { other == kind || (kind.isNumeric && other.isNumeric) }
}

/// What a window record holds: integers on the grids of a reference.
package struct WindowCounts: Sendable, Hashable, Codable {
  /// Fingerprint of the reference.
  package let fingerprint: String
  /// Rows counted.
  package private(set) var rowCount: Int
  /// Features, in the reference's order.
  package private(set) var columns: [ColumnCounts]
  /// What the model said, in the reference's order.
  package private(set) var predictions: [ColumnCounts]
  /// What the probabilities say of their own quality.
  package private(set) var expected: ExpectedPerformance

  init(_ reference: FrameProfile) {
    fingerprint = reference.fingerprint
    rowCount = 0
    columns = reference.columns.map { ColumnCounts(kind: $0.kind, grid: $0.grid) }
    predictions = reference.predictions.map { ColumnCounts(kind: $0.kind, grid: $0.grid) }
    expected = ExpectedPerformance()
  }

  fileprivate mutating func add(
    _ rows: Int, _ columns: [Column], _ said: [PredictionColumn], _ predictions: Predictions?, _ reference: FrameProfile
  ) {
    rowCount += rows
    for (index, column) in columns.enumerated() { self.columns[index].add(column, on: reference.columns[index].grid) }
    for (index, column) in said.enumerated() {
      self.predictions[index].add(column.values, on: reference.predictions[index].grid)
    }
    if let predictions { expected.add(predictions) }
  }

  fileprivate mutating func replaceColumns(_ columns: [ColumnCounts]) { self.columns = columns }

  fileprivate mutating func merge(_ other: WindowCounts) {
    rowCount &+= other.rowCount
    for index in columns.indices { columns[index].merge(other.columns[index]) }
    for index in predictions.indices { predictions[index].merge(other.predictions[index]) }
    expected.merge(other.expected)
  }

  enum CodingKeys: String, CodingKey {
    case fingerprint, columns, predictions, expected
    case rowCount = "rows"
  }
}
