import Basics
import Frames

/// Rows grouped by the value of one column: categories, booleans, quartiles of numbers; missing apart.
struct RowGroups: Sendable {
  struct Group: Sendable {
    /// What the rows have in common, as a person would say it.
    let name: String
    /// Rows, ascending.
    let rows: [Int]
  }

  let groups: [Group]

  /// Name of the rows without a value.
  static let missing = "(missing)"

  /// - Throws: `.invalidParameter` for text and vector columns, which have no groups.
  ///
  /// - Parameter edges: ascending borders of numbers instead of quartiles; a border belongs to the range above it.
  init(_ column: Column, name: String, edges: [Double]? = nil) throws {
    var names: [String]
    let codes: [Int]
    switch column.storage {
    case .category(let values, let levels):
      names = levels
      codes = values.map { Int($0) }
    case .boolean(let values):
      names = ["false", "true"]
      codes = values.map { $0 ? 1 : 0 }
    case .number, .integer, .timestamp:
      let values = column.doubles ?? []
      (names, codes) = edges.map { Self.ranges(values, $0) } ?? Self.quartiles(values)
    case .text, .vector:
      throw MLError(
        .invalidParameter, "groups: column '\(name)' of kind \(column.kind.rawValue) has no groups.",
        hint: "Choose a category, boolean or number column.", field: name)
    }
    var rows: [[Int]] = Array(repeating: [], count: names.count + 1)
    for row in codes.indices { rows[column.isPresent(row) ? codes[row] : names.count].append(row) }
    names.append(Self.missing)
    groups = zip(names, rows).filter { !$0.1.isEmpty }.map { Group(name: $0, rows: $1) }
  }

  private static func ranges(_ values: [Double], _ edges: [Double]) -> ([String], [Int]) {
    let borders = Array(Set(edges.filter(\.isFinite))).sorted()
    guard let first = borders.first, let last = borders.last else { return (["all"], values.map { _ in 0 }) }
    let inner = zip(borders, borders.dropFirst()).map { "[\(Text.number($0)), \(Text.number($1)))" }
    let names = ["< \(Text.number(first))"] + inner + ["≥ \(Text.number(last))"]
    return (names, values.map { value in borders.reduce(0) { $0 + (value >= $1 ? 1 : 0) } })
  }

  /// Up to four ranges of about equal count; few distinct values are groups of their own.
  private static func quartiles(_ values: [Double]) -> ([String], [Int]) {
    let sorted = values.filter(\.isFinite).sorted()
    guard let first = sorted.first, let last = sorted.last else { return ([], values.map { _ in 0 }) }
    var distinct: [Double] = []
    for value in sorted where distinct.last != value {
      distinct.append(value)
      if distinct.count > 6 { break }
    }
    if distinct.count <= 6 {
      return (distinct.map { Text.number($0) }, values.map { value in distinct.firstIndex(of: value) ?? 0 })
    }
    var bounds: [Double] = []
    for quarter in 1..<4 {
      let bound = sorted[quarter * sorted.count / 4]
      if bound > first, bounds.last != bound { bounds.append(bound) }
    }
    let edges = [first] + bounds + [last]
    let names = (0...bounds.count).map { index in
      let close = index == bounds.count ? "]" : ")"
      return "[\(Text.number(edges[index])), \(Text.number(edges[index + 1]))\(close)"
    }
    return (names, values.map { value in bounds.reduce(0) { $0 + (value >= $1 ? 1 : 0) } })
  }
}
