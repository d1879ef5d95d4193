import Basics
import Frames
import Kernels

/// How number columns become rows on one scale: `(value − center) · factor`, column by column.
///
/// Yes and no stay 1 apart on the standard scale: a rare mark at unit variance would outweigh all else in a distance.
struct RowScale: Sendable {
  /// What is done to columns.
  enum Scaling: Sendable {
    case none, centered, standard
    /// Standard, or merely centered.
    init(standardise: Bool) { self = standardise ? .standard : .centered }
  }

  /// Columns in order; numbers, integers and booleans.
  let schema: Schema
  let centers: [Double]
  /// 0 for a constant column.
  let factors: [Double]

  /// Numbers of a row.
  var width: Int { schema.count }

  /// Values past this many units are taken as this many, so that squares and powers stay finite.
  static let limit = 1e15

  /// Learns from all columns of `frame`.
  ///
  /// - Throws: `.invalidData` for no rows, no columns, missing or infinite cells or squares that overflow;
  ///   `.schemaMismatch` for other kinds of column; each naming the column.
  init(_ frame: Frame, weights: [Double]?, scaling: Scaling, owner: String, workers: Workers) throws {
    guard frame.rowCount > 0 else {
      throw MLError(.invalidData, "\(owner): needs at least one row; got none.")
    }
    guard frame.schema.count > 0 else {
      throw MLError(.invalidData, "\(owner): needs at least one column; got none.")
    }
    let moments = try workers.map(frame.schema.count) { index in
      let name = frame.schema.fields[index].name
      let values = try Self.numbers(frame.columns[index], name: name, owner: owner)
      return try Self.moments(values, weights, name, owner)
    }
    schema = frame.schema
    centers = moments.map { scaling == .none ? 0 : $0.mean }
    let fields = frame.schema.fields
    factors = zip(fields, moments).map { field, moments in
      guard scaling == .standard else { return 1 }
      if moments.deviation <= 0 { return 0 }
      return field.kind == .boolean ? 1 : 1 / moments.deviation
    }
  }

  init(schema: Schema, centers: [Double], factors: [Double]) {
    self.schema = schema
    self.centers = centers
    self.factors = factors
  }

  /// Rows of `frame`, row-major, `stride` numbers apart, zeros past the last column.
  func rows(of frame: Frame, owner: String, stride: Int? = nil, workers: Workers = .serial) throws -> [Double] {
    let stride = stride ?? width
    let columns = try schema.fields.map { try Self.numbers(frame.column($0.name), name: $0.name, owner: owner) }
    return RowPacking.rows(
      columns, rowCount: frame.rowCount, stride: stride, scale: (centers, factors, Self.limit), workers: workers)
  }

  /// A column as finite numbers.
  static func numbers(_ column: Column, name: String, owner: String) throws -> [Double] {
    guard let values = column.kind == .timestamp ? nil : column.doubles else {
      let hint =
        switch column.kind {
        case .text: "Put the step 'text-features' before it, then 'truncated-svd'."
        case .vector: "Put the step 'truncated-svd' before it."
        case .timestamp: "Put the step 'date-parts' before it."
        default: "Put the step 'one-hot' before it."
        }
      throw MLError(
        .schemaMismatch, "\(owner): column '\(name)' must be numbers; got \(column.kind.rawValue).", hint: hint,
        field: name)
    }
    guard column.missingCount == 0 else {
      throw MLError(
        .invalidData, "\(owner): column '\(name)' must have no missing cells; got \(column.missingCount).",
        hint: "Put the step 'impute' before it.", field: name)
    }
    guard values.allSatisfy(\.isFinite) else {
      throw MLError(
        .invalidData, "\(owner): column '\(name)' must hold finite numbers; it holds infinite ones.",
        hint: "Put the step 'impute' before it.", field: name)
    }
    return values
  }

  private static func moments(
    _ values: [Double], _ weights: [Double]?, _ name: String, _ owner: String
  ) throws -> (mean: Double, deviation: Double) {
    var (total, sum) = (0.0, 0.0)
    for row in values.indices {
      let weight = weights?[row] ?? 1
      total += weight
      sum += weight * values[row]
    }
    let mean = sum / total
    var squares = 0.0
    for row in values.indices {
      let gap = values[row] - mean
      squares += (weights?[row] ?? 1) * gap * gap
    }
    let deviation = (squares / total).squareRoot()
    guard mean.isFinite, deviation.isFinite, deviation < 1e140 else {
      throw MLError(
        .invalidData, "\(owner): column '\(name)' must hold moderate numbers; its squares overflow.",
        hint: "Divide '\(name)' by a large constant.", field: name)
    }
    return (mean, deviation > 1e-12 * abs(mean) && deviation > 1e-140 ? deviation : 0)
  }

  /// A hash of the cells of each row, the same wherever the row stands.
  static func hashes(_ frame: Frame, owner: String, workers: Workers = .serial) throws -> [UInt64] {
    let columns = try zip(frame.schema.fields, frame.columns).map { try numbers($1, name: $0.name, owner: owner) }
    let blocks = Workers.blocks(frame.rowCount, minimum: 1024)
    return try workers.map(blocks.count) { block in
      var out = [UInt64](repeating: 0x243F_6A88_85A3_08D3, count: blocks[block].count)
      for column in columns {
        for (place, row) in blocks[block].enumerated() {
          out[place] = StableHash.combine(out[place], StableHash.hash(column[row]))
        }
      }
      return out
    }.flatMap { $0 }
  }
}

extension RowScale {
  /// Adds schema, centers and factors.
  func write(to archive: inout ArchiveWriter) throws {
    archive.set("schema", try Configuration.encode(schema))
    archive.add("scale_centers", doubles: centers)
    archive.add("scale_factors", doubles: factors)
  }

  /// Reads what `write` wrote.
  init(from archive: ArchiveReader) throws {
    schema = try Configuration.decode(Schema.self, from: archive.value("schema"))
    centers = try archive.doubles("scale_centers")
    factors = try archive.doubles("scale_factors")
    guard schema.count > 0, centers.count == schema.count, factors.count == schema.count,
      centers.allSatisfy(\.isFinite), factors.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { throw archive.corrupt("holds a scale that does not fit its columns") }
  }
}

extension ArchiveReader {
  /// Numbers of section `name`, which must be `count` finite ones.
  func finiteDoubles(_ name: String, count: Int) throws -> [Double] {
    let values = try doubles(name)
    guard values.count == count, values.allSatisfy(\.isFinite) else {
      throw corrupt("section '\(name)' must hold \(count) finite numbers")
    }
    return values
  }
}
