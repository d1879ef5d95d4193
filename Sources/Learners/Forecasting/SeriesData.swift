import Basics
import Frames
import Modeling

/// Series on one grid: numbers in time order, NaN where there is no row.
///
/// Rows of one series at one position of the grid are joined by their mean; rows of weight 0, without a moment or a
/// series are left out. Each series is divided by a power of two so that its largest value is about 1.
struct SeriesData: Sendable {
  let timeField: Field
  let seriesField: Field?
  let grid: TimeGrid
  /// Names, ascending; one empty name without a series column.
  let names: [String]
  /// Position of each series' first value.
  let starts: [Int]
  /// Scaled values of each series; first and last are never NaN.
  let values: [[Double]]
  /// What a scaled value is multiplied by, a power of two.
  let scales: [Double]

  init(_ data: TrainingData, time: String, series: String, owner: String) throws {
    let schema = data.frame.schema
    timeField = try ColumnRole.time.requiredField(named: time, in: schema, owner: owner)
    seriesField = try ColumnRole.series.field(named: series, in: schema, excluding: [timeField.name], owner: owner)
    guard case .values(let target) = data.target else {
      throw MLError(.invalidData, "\(owner): target must be numbers; got classes.", hint: "Name a number column.")
    }
    let moments = try data.frame.column(timeField.name).moments
    let keys = try seriesField.map { try data.frame.column($0.name).texts } ?? Array(repeating: "", count: target.count)
    var rows: [(key: String, moment: Int64, row: Int)] = []
    for row in target.indices where data.weights?[row] != 0 {
      if let moment = moments[row], let key = keys[row] { rows.append((key, moment, row)) }
    }
    guard !rows.isEmpty else {
      throw MLError(.invalidData, "\(owner): needs at least one row with a moment; got none.")
    }
    rows.sort { ($0.key, $0.moment, target[$0.row]) < ($1.key, $1.moment, target[$1.row]) }
    var groups: [Range<Int>] = []
    for place in rows.indices {
      if place > 0, rows[place].key == rows[place - 1].key {
        groups[groups.count - 1] = groups[groups.count - 1].lowerBound..<(place + 1)
      } else {
        groups.append(place..<(place + 1))
      }
    }
    let distinct = groups.map { group -> [Int64] in
      var out: [Int64] = []
      for place in group where out.last != rows[place].moment { out.append(rows[place].moment) }
      return out
    }
    let grid = TimeGrid(distinct)
    self.grid = grid
    names = groups.map { rows[$0.lowerBound].key }
    starts = groups.map { grid.index(of: rows[$0.lowerBound].moment) }
    let raw = groups.map { group in
      Self.placed(rows[group].map { (grid.index(of: $0.moment), target[$0.row], data.weights?[$0.row] ?? 1) })
    }
    let scales = raw.map { Self.scale($0) }
    self.scales = scales
    values = zip(raw, scales).map { list, scale in list.map { $0 / scale } }
  }

  init(
    fields: (time: Field, series: Field?), grid: TimeGrid, names: [String], starts: [Int], values: [[Double]],
    scales: [Double]
  ) {
    (timeField, seriesField) = fields
    (self.grid, self.names, self.starts, self.values, self.scales) = (grid, names, starts, values, scales)
  }

  private static func placed(_ rows: [(index: Int, value: Double, weight: Double)]) -> [Double] {
    guard let first = rows.first?.index, let last = rows.last?.index, last - first < 1 << 30 else {
      return [rows.last?.value ?? 0]
    }
    var out = [Double](repeating: .nan, count: last - first + 1)
    var start = 0
    while start < rows.count {
      var end = start
      var total = 0.0
      while end < rows.count, rows[end].index == rows[start].index {
        total += rows[end].weight
        end += 1
      }
      out[rows[start].index - first] = rows[start..<end].reduce(0) { $0 + $1.value * ($1.weight / total) }
      start = end
    }
    return out
  }

  private static func scale(_ values: [Double]) -> Double {
    let largest = values.reduce(0) { $1.isNaN ? $0 : max($0, abs($1)) }
    return largest.isNormal ? Mathematics.scaled(1, exponent: Int(largest.exponent)) : 1
  }

  /// The first `count` positions of the grid for each series, for judging what follows; at least one stays.
  func truncated(_ share: Double) -> SeriesData {
    let kept = values.map { list -> [Double] in
      var count = max(1, Int((Double(list.count) * share).rounded()))
      while count > 1, list[count - 1].isNaN { count -= 1 }
      return Array(list[..<min(count, list.count)])
    }
    return SeriesData(
      fields: (timeField, seriesField), grid: grid, names: names, starts: starts, values: kept, scales: scales)
  }
}
