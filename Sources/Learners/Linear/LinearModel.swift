public import Basics
public import Frames
public import Modeling

/// A weight for every feature and an intercept, once for a number, once for two classes, or once a class.
public struct LinearModel: FittedModel {
  /// The columns it needs.
  public let schema: Schema
  /// Class names; empty when it predicts a number.
  public let classes: [String]
  /// How scores become predictions: identity or log for numbers, logit or softmax for classes.
  public let link: Contributions.Link
  /// Weights by score, by schema field, by feature of the field (one, or as many as the vector column is wide).
  public let coefficients: [[[Double]]]
  /// One a score.
  public let intercepts: [Double]
  /// Weighted mean of each feature in training, by schema field; empty for models of releases that did not keep them.
  public let means: [[Double]]
  /// Share of each field: mean over scores of |weight| · standard deviation, summed over its features.
  public let importance: [Double]?

  init(
    schema: Schema, classes: [String], scores: LinearScores, statistics: FeatureStatistics, isLog: Bool = false
  ) {
    self.schema = schema
    self.classes = classes
    link = classes.isEmpty ? (isLog ? .log : .identity) : classes.count == 2 ? .logit : .softmax
    coefficients = scores.coefficients
    intercepts = scores.intercepts
    means = statistics.means
    let parts = schema.fields.indices.map { field in
      scores.coefficients.reduce(0) { sum, byField in
        sum + zip(byField[field], statistics.deviations[field]).reduce(0) { $0 + abs($1.0) * $1.1 }
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
    guard !classes.isEmpty else {
      return Predictions(.values(link == .log ? scores[0].map { Mathematics.exp(min($0, 700)) } : scores[0]))
    }
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
      switch try column(field, index, in: frame) {
      case .dense(let values):
        for k in scores.indices {
          let coefficient = coefficients[k][index][0]
          for row in values.indices { scores[k][row] += coefficient * values[row] }
        }
      case .sparse(let matrix):
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

  /// Column of schema field `index`, of the kind and width it was trained on.
  func column(_ field: Field, _ index: Int, in frame: Frame) throws -> LinearColumn {
    let column = try LinearColumn(frame.column(field.name), name: field.name, owner: "linear model")
    switch column {
    case .dense: guard field.kind != .vector else { throw mismatch(field.name, "a vector", "numbers") }
    case .sparse(let matrix):
      let width = coefficients[0][index].count
      guard field.kind == .vector, matrix.width == width else {
        throw mismatch(field.name, "\(width) wide", "\(matrix.width)")
      }
    }
    return column
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

/// Weights of raw columns and intercepts, one each a score.
struct LinearScores: Sendable {
  /// By score, schema field, feature of the field.
  var coefficients: [[[Double]]]
  var intercepts: [Double]

  /// Whether every number is finite.
  var isFinite: Bool {
    intercepts.allSatisfy(\.isFinite) && coefficients.allSatisfy { $0.allSatisfy { $0.allSatisfy(\.isFinite) } }
  }
}

/// Mean and standard deviation of every feature, by schema field.
struct FeatureStatistics: Sendable {
  var means: [[Double]]
  var deviations: [[Double]]
}

extension LinearModel {
  /// Adds schema, classes, link, weights, intercepts, means and importance.
  public func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.set("link", .string(link.rawValue))
    archive.set("widths", .array((coefficients.first ?? []).map { .integer(Int64($0.count)) }))
    archive.add("classes", strings: classes)
    archive.add("coefficients", doubles: coefficients.flatMap { $0.flatMap { $0 } })
    archive.add("intercepts", doubles: intercepts)
    archive.add("means", doubles: means.flatMap { $0 })
    archive.add("importance", doubles: importance ?? [])
  }

  /// Reads what `write` wrote, or what releases without links and means did.
  public init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    classes = try archive.strings("classes")
    intercepts = try archive.doubles("intercepts")
    let usual: Contributions.Link = classes.isEmpty ? .identity : classes.count == 2 ? .logit : .softmax
    let stated = archive.has("link") ? Contributions.Link(rawValue: try archive.string("link")) : usual
    let flat = try archive.doubles("coefficients")
    let shares = try archive.doubles("importance")
    let centers = archive.has("means") ? try archive.doubles("means") : []
    let widths = try archive.value("widths").arrayValue?.compactMap(\.integerValue) ?? []
    let scoreCount = classes.count > 2 ? classes.count : 1
    guard let stated, stated == usual || (classes.isEmpty && stated == .log), widths.count == schema.count,
      classes.count != 1, intercepts.count == scoreCount, widths.allSatisfy({ $0 >= 0 && $0 <= Int64(flat.count) }),
      zip(widths, schema.fields).allSatisfy({ $1.kind == .vector || $0 == 1 }),
      widths.reduce(0, +) * Int64(scoreCount) == Int64(flat.count), shares.isEmpty || shares.count == schema.count,
      centers.isEmpty || centers.count == flat.count / scoreCount, centers.allSatisfy(\.isFinite),
      flat.allSatisfy(\.isFinite), intercepts.allSatisfy(\.isFinite), shares.allSatisfy(\.isFinite)
    else { throw archive.corrupt("holds a linear model whose parts do not fit together") }
    link = stated
    func parted(_ values: ArraySlice<Double>) -> [[Double]] {
      var start = values.startIndex
      return widths.map { width in
        defer { start += Int(width) }
        return Array(values[start..<(start + Int(width))])
      }
    }
    let width = flat.count / scoreCount
    coefficients = (0..<scoreCount).map { parted(flat[($0 * width)..<(($0 + 1) * width)]) }
    means = centers.isEmpty ? [] : parted(centers[...])
    importance = shares.isEmpty ? nil : shares
  }
}
