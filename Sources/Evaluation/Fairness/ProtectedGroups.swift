import Basics
public import Frames

/// Rows by the values of one or several protected columns.
public struct ProtectedGroups: Sendable, Hashable {
  /// Rows that agree in every attribute.
  public struct Group: Sendable, Hashable {
    /// Value of each attribute, as a person would say it.
    public var values: [String]
    /// Rows, ascending.
    public var rows: [Int]
    /// Values joined for sentences.
    public var name: String { values.joined(separator: " × ") }
  }

  /// Columns whose values make the groups.
  public let attributes: [String]
  /// Groups, most rows first.
  public let groups: [Group]
  /// Rows of the frame.
  public let rowCount: Int

  /// Groups by the values of `attributes` and, for several, their intersections. Numbers are cut at their quartiles
  /// or at the given edges; missing values form a group of their own.
  ///
  /// - Parameter edges: borders of number columns, by name.
  /// - Throws: `.schemaMismatch` for an unknown column; `.invalidParameter` for text and vector columns, and without
  ///   attributes.
  public init(_ frame: Frame, by attributes: [String], edges: [String: [Double]] = [:]) throws {
    guard !attributes.isEmpty else {
      throw MLError(.invalidParameter, "fairness: at least one column must be named.", field: "by")
    }
    var names = [[String]](repeating: [], count: frame.rowCount)
    for attribute in attributes {
      let parts = try RowGroups(frame.column(attribute), name: attribute, edges: edges[attribute])
      for group in parts.groups { for row in group.rows { names[row].append(group.name) } }
    }
    var members: [[String]: [Int]] = [:]
    for row in names.indices { members[names[row], default: []].append(row) }
    self.attributes = attributes
    rowCount = frame.rowCount
    groups = members.map { Group(values: $0.key, rows: $0.value) }
      .sorted { ($1.rows.count, $0.name) < ($0.rows.count, $1.name) }
  }

  /// Group of every row, an index into `groups`.
  public var groupOf: [Int] {
    var out = [Int](repeating: 0, count: rowCount)
    for (index, group) in groups.enumerated() { for row in group.rows { out[row] = index } }
    return out
  }
}
