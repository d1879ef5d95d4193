package import Basics
package import Frames
package import Modeling

/// One fitted pipeline, or a few whose predictions are averaged with fixed weights.
package struct Committee: Sendable {
  /// Members, most heavily weighted first; all read the same raw columns.
  package let members: [FittedPipeline]
  /// Share of each member, summing to 1.
  package let weights: [Double]

  /// - Throws: `.internalFailure` unless there is a weight for every member and at least one member.
  init(members: [FittedPipeline], weights: [Double]) throws {
    guard !members.isEmpty, members.count == weights.count, weights.allSatisfy({ $0 > 0 }) else {
      throw MLError(.internalFailure, "committee: must have a weight above 0 for each of its members.")
    }
    self.members = members
    self.weights = weights
  }

  /// Raw columns it needs, in training order.
  package var schema: Schema { members[0].schema }

  /// Algorithms of the members, joined.
  package var algorithm: String {
    var names: [String] = []
    for member in members where !names.contains(member.algorithm) { names.append(member.algorithm) }
    return members.count == 1 ? names[0] : "committee of \(members.count): \(names.joined(separator: ", "))"
  }

  /// Rows that are prepared and scored together.
  static let blockRowCount = 8192

  /// Weighted mean of the members' predictions. Rows go through in blocks, side by side where there are threads; the
  /// blocks are the same for any number of them, so the predictions are too.
  package func predict(_ frame: Frame, workers: Workers = .serial) throws -> Predictions {
    let size = Self.blockRowCount
    guard frame.rowCount > size else { return try block(frame) }
    let parts = try workers.map((frame.rowCount + size - 1) / size) { index in
      try block(frame.gathered(Array(index * size..<min((index + 1) * size, frame.rowCount))))
    }
    return try Predictions.joined(parts)
  }

  private func block(_ frame: Frame) throws -> Predictions {
    guard members.count > 1 else { return try members[0].predict(frame) }
    return try Self.mean(members.map { try $0.predict(frame) }, weights)
  }

  /// Weighted mean of predictions of the same rows.
  ///
  /// - Throws: `.shapeMismatch` when they are not of the same rows and classes.
  static func mean(_ parts: [Predictions], _ weights: [Double]) throws -> Predictions {
    guard let first = parts.first, parts.allSatisfy({ $0.classes == first.classes && $0.rowCount == first.rowCount })
    else {
      throw MLError(.shapeMismatch, "committee: members must predict the same rows and classes.")
    }
    if parts.count == 1 { return first }
    var sum: [Double] = []
    for (part, weight) in zip(parts, weights) {
      let values: [Double] =
        switch part.storage {
        case .values(let values): values
        case .probabilities(let values, _): values
        }
      if sum.isEmpty { sum = [Double](repeating: 0, count: values.count) }
      for index in values.indices { sum[index] += weight * values[index] }
    }
    return first.classes.isEmpty ? Predictions(.values(sum)) : Predictions(.probabilities(sum, classes: first.classes))
  }

  func write(to archive: inout ArchiveWriter) throws {
    archive.set("weights", .array(weights.map { .number($0) }))
    for (index, member) in members.enumerated() {
      try archive.scoped("\(index)") { try member.write(to: &$0) }
    }
  }

  init(from archive: ArchiveReader, registry: Registry) throws {
    let weights = try archive.value("weights").arrayValue?.compactMap(\.doubleValue) ?? []
    guard (1...64).contains(weights.count), weights.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw archive.corrupt("has no members")
    }
    self.weights = weights
    members = try weights.indices.map { try FittedPipeline(from: archive.scoped("\($0)"), registry: registry) }
    guard members.allSatisfy({ $0.schema.names == members[0].schema.names }) else {
      throw archive.corrupt("has members that read different columns")
    }
  }
}
