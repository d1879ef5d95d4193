public import Basics
public import Frames
public import Modeling

/// How much two columns act together rather than side by side.
public struct Interaction: Sendable, Hashable {
  /// First column.
  public var a: String
  /// Second column.
  public var b: String
  /// Share of the joint effect that the two single effects do not explain, `0 ... 1` (Friedman's H).
  public var strength: Double

  /// `{"a", "b", "strength"}`.
  public var json: JSONValue { ["a": .string(a), "b": .string(b), "strength": .finite(strength)] }

  /// Strength of every pair of `columns`, strongest first.
  ///
  /// - Parameters:
  ///   - rowCount: rows the effects are taken over, those with the lowest hashes of their keys; a call of `score` has
  ///     the square of as many rows.
  ///   - score: predictions for a frame.
  /// - Throws: `.schemaMismatch`, `.invalidParameter` for an unknown class, and what `score` throws.
  /// - Source: Friedman and Popescu, *Predictive learning via rule ensembles*, Ann. Appl. Stat. 2(3), 2008.
  public static func strengths(
    _ columns: [String], _ frame: Frame, output: String? = nil, rowKeys: [UInt64]? = nil, rowCount: Int = 50,
    score: (Frame) throws -> Predictions
  ) throws -> [Interaction] {
    let keys = RowIdentity.distinct(rowKeys, target: nil, rowCount: frame.rowCount)
    let rows = Array(keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(max(2, rowCount)))
    let part = frame.gathered(rows)
    let composite = CompositeRows(pool: part)
    let count = part.rowCount
    let inner = (0..<count).flatMap { _ in 0..<count }
    let outer = (0..<count).flatMap { [Int](repeating: $0, count: count) }
    /// Centred mean prediction with the cells of `fixed` taken from each row in turn.
    func effect(_ fixed: Set<Int>) throws -> [Double] {
      let said = ModelOutputs(
        try score(composite.frame(part.schema.names.indices.map { fixed.contains($0) ? outer : inner })))
      let values = said.column(try said.index(of: output, owner: "interactions"))
      let means = (0..<count).map { values[($0 * count)..<(($0 + 1) * count)].reduce(0, +) / Double(count) }
      let centre = means.reduce(0, +) / Double(max(1, count))
      return means.map { $0 - centre }
    }
    let places = try columns.map { name -> Int in
      _ = try part.column(name)
      return part.schema.index(of: name) ?? 0
    }
    let singles = try places.map { try effect([$0]) }
    var out: [Interaction] = []
    for i in columns.indices {
      for j in columns.indices where j > i {
        let joint = try effect([places[i], places[j]])
        var (left, all) = (0.0, 0.0)
        for row in joint.indices {
          let gap = joint[row] - singles[i][row] - singles[j][row]
          left += gap * gap
          all += joint[row] * joint[row]
        }
        out.append(
          Interaction(a: columns[i], b: columns[j], strength: all > 1e-300 ? min(1, (left / all).squareRoot()) : 0))
      }
    }
    return out.sorted { ($1.strength, $0.a, $0.b) < ($0.strength, $1.a, $1.b) }
  }
}
