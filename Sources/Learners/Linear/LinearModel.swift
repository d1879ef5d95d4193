public import Basics
public import Frames
public import Modeling

/// A weight for every feature and an intercept, once for a number, once for two classes, or once a class.
public struct LinearModel: FittedModel {
  /// The columns it needs.
  public let schema: Schema
  /// Class names; empty when it predicts a number.
  public let classes: [String]
  /// Weights by score, by schema field, by feature of the field (one, or as many as the vector column is wide).
  public let coefficients: [[[Double]]]
  /// One a score.
  public let intercepts: [Double]
  /// Share of each field: mean over scores of |weight| · standard deviation, summed over its features.
  public let importance: [Double]?

  init(
    schema: Schema, classes: [String], coefficients: [[[Double]]], intercepts: [Double], spreads: [[Double]]
  ) {
    self.schema = schema
    self.classes = classes
    self.coefficients = coefficients
    self.intercepts = intercepts
    let parts = schema.fields.indices.map { field in
      coefficients.reduce(0) { sum, byField in
        sum + zip(byField[field], spreads[field]).reduce(0) { $0 + abs($1.0) * $1.1 }
      }
    }
    let total = parts.reduce(0, +)
    importance = total > 0 && total.isFinite ? parts.map { $0 / total } : nil
  }

  /// A number a row, or probabilities.
  ///
  /// - Throws: `.schemaMismatch` naming a lacking column or one of another width, `.invalidData` for missing cells.
  public func predict(_ frame: Frame) throws -> Predictions {
    let scores = try self.scores(frame)
    guard !classes.isEmpty else { return Predictions(.values(scores[0])) }
    let count = classes.count
    var out = [Double](repeating: 0, count: frame.rowCount * count)
    for row in 0..<frame.rowCount {
      if scores.count == 1 {
        let probability = Mathematics.logistic(scores[0][row])
        out[row * 2] = 1 - probability
        out[row * 2 + 1] = probability
      } else {
        var largest = scores[0][row]
        for k in 1..<count { largest = max(largest, scores[k][row]) }
        var total = 0.0
        for k in 0..<count {
          out[row * count + k] = Mathematics.exp(scores[k][row] - largest)
          total += out[row * count + k]
        }
        for k in 0..<count { out[row * count + k] /= total }
      }
    }
    return Predictions(.probabilities(out, classes: classes))
  }

  /// Raw scores `[score][row]`, finite.
  func scores(_ frame: Frame) throws -> [[Double]] {
    var scores = intercepts.map { [Double](repeating: $0, count: frame.rowCount) }
    for (index, field) in schema.fields.enumerated() {
      switch try LinearColumn(frame.column(field.name), name: field.name, owner: "linear model") {
      case .dense(let values):
        guard field.kind != .vector else { throw mismatch(field.name, "a vector", "numbers") }
        for k in scores.indices {
          let coefficient = coefficients[k][index][0]
          for row in values.indices { scores[k][row] += coefficient * values[row] }
        }
      case .sparse(let matrix):
        let width = coefficients[0][index].count
        guard field.kind == .vector, matrix.width == width else {
          throw mismatch(field.name, "\(width) wide", "\(matrix.width)")
        }
        for k in scores.indices { Self.add(matrix, coefficients[k][index], to: &scores[k]) }
      }
    }
    for k in scores.indices {
      for row in scores[k].indices where !(abs(scores[k][row]) <= 1e300) {
        scores[k][row] = scores[k][row].isNaN ? intercepts[k] : scores[k][row] > 0 ? 1e300 : -1e300
      }
    }
    return scores
  }

  private static func add(_ matrix: SparseMatrix, _ coefficients: [Double], to scores: inout [Double]) {
    for row in scores.indices {
      var sum = 0.0
      for entry in matrix.offsets[row]..<matrix.offsets[row + 1] {
        sum += matrix.values[entry] * coefficients[Int(matrix.indices[entry])]
      }
      scores[row] += sum
    }
  }

  private func mismatch(_ name: String, _ expected: String, _ got: String) -> MLError {
    MLError(.schemaMismatch, "linear model: column '\(name)' must be \(expected); got \(got).", field: name)
  }
}

extension LinearModel {
  /// Adds schema, classes, weights, intercepts and importance.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("widths", .array((coefficients.first ?? []).map { .integer(Int64($0.count)) }))
    archive.add("classes", strings: classes)
    archive.add("coefficients", doubles: coefficients.flatMap { $0.flatMap { $0 } })
    archive.add("intercepts", doubles: intercepts)
    archive.add("importance", doubles: importance ?? [])
  }

  /// Reads what `write` wrote.
  public init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    classes = try archive.strings("classes")
    intercepts = try archive.doubles("intercepts")
    let flat = try archive.doubles("coefficients")
    let shares = try archive.doubles("importance")
    let widths = try archive.value("widths").arrayValue?.compactMap(\.integerValue) ?? []
    let scoreCount = classes.count > 2 ? classes.count : 1
    guard widths.count == schema.count, classes.count != 1, intercepts.count == scoreCount,
      widths.allSatisfy({ $0 >= 0 && $0 <= Int64(flat.count) }),
      zip(widths, schema.fields).allSatisfy({ $1.kind == .vector || $0 == 1 }),
      widths.reduce(0, +) * Int64(scoreCount) == Int64(flat.count), shares.isEmpty || shares.count == schema.count,
      flat.allSatisfy(\.isFinite), intercepts.allSatisfy(\.isFinite), shares.allSatisfy(\.isFinite)
    else { throw archive.corrupt("holds a linear model whose parts do not fit together") }
    var start = 0
    coefficients = (0..<scoreCount).map { _ in
      widths.map { width in
        defer { start += Int(width) }
        return Array(flat[start..<(start + Int(width))])
      }
    }
    importance = shares.isEmpty ? nil : shares
  }
}
