import Basics
public import Frames

/// Distances between rows of mixed columns, each column counting the same.
///
/// Numbers differ by their gap over the column's range, categories and texts by being different; a value against a
/// missing one differs by 1, two missing ones do not count.
///
/// - Source: Gower, *A general coefficient of similarity and some of its properties*, Biometrics 27(4), 1971.
public struct RowDistance: Sendable {
  private let reference: Frame
  private let names: [String]
  private let ranges: [Double]

  /// A row of the reference and how far it is.
  public struct Neighbour: Sendable, Hashable {
    /// Place in the reference.
    public var row: Int
    /// Mean difference of the columns, `0 ... 1`.
    public var distance: Double
  }

  /// Distances to the rows of `reference`, from which the ranges of numbers are taken; vectors are left out.
  ///
  /// - Parameter columns: columns that count; `nil` = all.
  /// - Throws: `.schemaMismatch` for an unknown column.
  public init(to reference: Frame, columns: [String]? = nil) throws {
    self.reference = reference
    names = try (columns ?? reference.schema.names).filter { try reference.column($0).kind != .vector }
    ranges = try names.map { name in
      let known = (try reference.column(name).doubles ?? []).filter(\.isFinite)
      return (known.max() ?? 0) - (known.min() ?? 0)
    }
  }

  /// The `count` nearest rows to row `row` of `frame`, nearest first, ties in row order.
  ///
  /// - Throws: `.schemaMismatch` for a lacking column or one of another kind.
  public func nearest(to row: Int, of frame: Frame, count: Int) throws -> [Neighbour] {
    let distances = try distances(from: row, of: frame)
    return distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(max(0, count))
      .map { Neighbour(row: $0, distance: distances[$0]) }
  }

  /// Distance of row `row` of `frame` to every row of the reference.
  ///
  /// - Throws: as `nearest`.
  public func distances(from row: Int, of frame: Frame) throws -> [Double] {
    guard (0..<frame.rowCount).contains(row) else {
      throw MLError(.invalidParameter, "neighbours: row \(row) is not one of \(frame.rowCount).", field: "row")
    }
    var sums = [Double](repeating: 0, count: reference.rowCount)
    var counts = [Double](repeating: 0, count: reference.rowCount)
    for (index, name) in names.enumerated() {
      let (own, others) = (try frame.column(name), try reference.column(name))
      guard own.kind == others.kind else {
        throw MLError(
          .schemaMismatch, "neighbours: column '\(name)' must be \(others.kind.rawValue); got \(own.kind.rawValue).",
          field: name)
      }
      let isPresent = own.isPresent(row)
      let gap = Self.gaps(own, row, others, range: ranges[index])
      for other in sums.indices where isPresent || others.isPresent(other) {
        counts[other] += 1
        sums[other] += isPresent && others.isPresent(other) ? gap(other) : 1
      }
    }
    return zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
  }

  private static func gaps(_ own: Column, _ row: Int, _ others: Column, range: Double) -> (Int) -> Double {
    if let value = own.doubles?[row], let values = others.doubles {
      return { values[$0] == value ? 0 : range > 0 ? min(1, abs(values[$0] - value) / range) : 1 }
    }
    if case .category(let codes, let levels) = others.storage {
      let code = own.text(at: row).flatMap { text in levels.firstIndex(of: text) }.map { Int32($0) }
      return { codes[$0] == code ? 0 : 1 }
    }
    let text = own.text(at: row)
    return { others.text(at: $0) == text ? 0 : 1 }
  }
}
