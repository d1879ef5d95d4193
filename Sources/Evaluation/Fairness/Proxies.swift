public import Basics
public import Frames

/// How well one column tells a protected one.
public struct Proxy: Sendable, Hashable {
  /// Column.
  public var column: String
  /// Information shared with the protected column over the mean of what each holds, `0 ... 1`.
  public var mutualInformation: Double
  /// Area under the ROC curve when the protected groups are guessed from this column alone, on rows the guess was not
  /// made from, averaged over groups: 0.5 is chance.
  public var area: Double
  /// Whether the column gives the protected one away.
  public var isStrong: Bool { area >= Proxies.strongArea }

  /// `{"column", "mutual_information", "roc_auc", "strong"}`.
  public var json: JSONValue {
    [
      "column": .string(column), "mutual_information": .finite(mutualInformation), "roc_auc": .finite(area),
      "strong": .boolean(isStrong),
    ]
  }
}

/// Finds columns that stand in for a protected one.
public enum Proxies {
  /// Area from which a column is said to give the protected one away.
  public static let strongArea = 0.7
  /// Rows a value needs to be told apart from the rest.
  static let minimumCount = 5

  /// Columns by how well they tell the groups, best first.
  ///
  /// Numbers are cut into twenty bins of equal count; the share of each group in each bin, learnt on one half of the
  /// rows (by row key), ranks the other half, and the other way round.
  ///
  /// - Parameters:
  ///   - groups: see `ProtectedGroups`; their own columns are left out.
  ///   - excluding: columns not to look at (the target, ids).
  /// - Throws: `.shapeMismatch`.
  /// - Complexity: O(columns · rows · groups).
  public static func find(
    _ groups: ProtectedGroups, _ frame: Frame, rowKeys: [UInt64]? = nil, excluding: Set<String> = []
  ) throws -> [Proxy] {
    guard groups.rowCount == frame.rowCount else {
      throw MLError(.shapeMismatch, "proxies: frame must have \(groups.rowCount) rows; got \(frame.rowCount).")
    }
    let groupOf = groups.groupOf
    let left = excluding.union(groups.attributes)
    let keys = RowIdentity.distinct(rowKeys, target: nil, rowCount: frame.rowCount)
    let halves = keys.map { Int(StableHash.mix($0 ^ 0x70_726F_7879) & 1) }
    let found = zip(frame.schema.fields, frame.columns).compactMap { field, column -> Proxy? in
      guard !left.contains(field.name), let codes = ColumnBins.codes(column, binCount: 20) else { return nil }
      let table = ContingencyTable(codes, groupOf.map { Int32($0) })
      return Proxy(
        column: field.name, mutualInformation: table.normalisedMutualInformation,
        area: area(codes, groupOf, groups.groups.count, halves))
    }
    return found.sorted { ($1.area, $1.mutualInformation, $0.column) < ($0.area, $0.mutualInformation, $1.column) }
  }

  private static func area(_ codes: [Int32], _ groupOf: [Int], _ groupCount: Int, _ halves: [Int]) -> Double {
    let width = Int(codes.max() ?? 0) + 1
    var counts = [Double](repeating: 0, count: 2 * width * groupCount)
    for row in codes.indices { counts[(halves[row] * width + Int(codes[row])) * groupCount + groupOf[row]] += 1 }
    var (sum, total) = (0.0, 0.0)
    for group in 0..<(groupCount == 2 ? 1 : groupCount) {
      for half in 0...1 {
        let rows = codes.indices.filter { halves[$0] == half }
        let positives = rows.count { groupOf[$0] == group }
        guard positives >= minimumCount, rows.count - positives >= minimumCount else { continue }
        let share = shares(counts, half: 1 - half, group: group, width: width, groupCount: groupCount)
        let ranked = RankedRows(scores: rows.map { share[Int(codes[$0])] }) { groupOf[rows[$0]] == group }
        guard let area = ranked.area([Double](repeating: 1, count: rows.count)) else { continue }
        sum += area * Double(positives)
        total += Double(positives)
      }
    }
    return total > 0 ? sum / total : 0.5
  }

  /// Share of `group` in each bin on one half, drawn towards its share of all.
  private static func shares(
    _ counts: [Double], half: Int, group: Int, width: Int, groupCount: Int
  ) -> [Double] {
    let bins = (0..<width).map { bin -> (hits: Double, all: Double) in
      let start = (half * width + bin) * groupCount
      return (counts[start + group], counts[start..<(start + groupCount)].reduce(0, +))
    }
    let all = bins.reduce(0) { $0 + $1.all }
    let prior = all > 0 ? bins.reduce(0) { $0 + $1.hits } / all : 0
    return bins.map { ($0.hits + 2 * prior) / ($0.all + 2) }
  }
}

/// Columns as small whole numbers.
enum ColumnBins {
  /// Bin of every row: levels of categories, quantiles of numbers, missing apart; `nil` for vectors and free text.
  static func codes(_ column: Column, binCount: Int) -> [Int32]? {
    var codes: [Int32]
    switch column.storage {
    case .category(let values, _): codes = values
    case .boolean(let values): codes = values.map { $0 ? 1 : 0 }
    case .number, .integer, .timestamp:
      let values = column.doubles ?? []
      let bounds = quantiles(values, binCount)
      codes = values.map { value in Int32(bounds.reduce(0) { $0 + (value >= $1 ? 1 : 0) }) }
    case .text, .vector: return nil
    }
    let missing = (codes.max() ?? 0) + 1
    for row in codes.indices where !column.isPresent(row) { codes[row] = missing }
    return codes
  }

  /// Different borders between `binCount` bins of about equal count; a border belongs to the bin above it.
  static func quantiles(_ values: [Double], _ binCount: Int) -> [Double] {
    let sorted = values.filter(\.isFinite).sorted()
    guard let first = sorted.first else { return [] }
    var bounds: [Double] = []
    for step in 1..<max(2, binCount) {
      let bound = sorted[min(sorted.count - 1, step * sorted.count / max(2, binCount))]
      if bound > first, bounds.last != bound { bounds.append(bound) }
    }
    return bounds
  }
}
