public import Basics
public import Frames
public import Modeling

/// How the prediction changes along a number column, from small steps that rows really near each step would take:
/// unlike partial dependence it never asks about rows that cannot occur.
///
/// - Source: Apley and Zhu, *Visualizing the effects of predictor variables in black box supervised learning models*,
///   J. R. Statist. Soc. B 82(4), 2020.
public struct AccumulatedEffects: Sendable, Hashable {
  /// The effect at one border between stretches.
  public struct Point: Sendable, Hashable {
    /// Value of the column.
    public var value: Double
    /// Effect against the mean over rows, with an interval from the spread of steps.
    public var effect: MetricValue
    /// Rows in the stretch that ends here; 0 for the first border.
    public var rows: Int
  }

  /// Column.
  public var column: String
  /// Class whose probability is shown; empty for numbers.
  public var output: String
  /// Borders by size.
  public var points: [Point]

  /// `{"column", "output", "points": [{"value", "effect": {…}, "rows"}]}`.
  public var json: JSONValue {
    [
      "column": .string(column), "output": .string(output),
      "points": .array(
        points.map { ["value": .finite($0.value), "effect": $0.effect.json, "rows": .integer(Int64($0.rows))] }),
    ]
  }

  /// Effects of one column; rows without a value are left out.
  ///
  /// - Parameters:
  ///   - stretchCount: stretches of about equal count at most.
  ///   - score: predictions for a frame; called twice.
  /// - Throws: `.invalidParameter` unless the column is of numbers with two values at least, `.schemaMismatch`, and
  ///   what `score` throws.
  public static func make(
    _ column: String, _ frame: Frame, output: String? = nil, stretchCount: Int = 20,
    score: (Frame) throws -> Predictions
  ) throws -> AccumulatedEffects {
    let own = try frame.column(column)
    let values = own.doubles ?? []
    let present = values.indices.filter { values[$0].isFinite }
    // The first row of each border value stands for it.
    let ordered = present.sorted { (values[$0], $0) < (values[$1], $1) }
    var borders: [Int] = []
    if let first = ordered.first, own.kind.isNumeric {
      borders = [first]
      for step in 1...max(1, stretchCount) {
        let place = (step * ordered.count + max(1, stretchCount) - 1) / max(1, stretchCount) - 1
        let row = ordered[min(ordered.count - 1, max(0, place))]
        if values[row] > values[borders[borders.count - 1]] { borders.append(row) }
      }
    }
    guard borders.count >= 2 else {
      throw MLError(
        .invalidParameter, "accumulated effects: column '\(column)' must hold numbers with at least two values.",
        hint: "Use partial dependence for categories.", field: column)
    }
    let stretch = present.map { row in max(1, borders.firstIndex { values[$0] >= values[row] } ?? borders.count - 1) }
    let part = frame.gathered(present)
    let field = frame.schema[column] ?? Field(of: own, name: column)
    let sides = try (0...1).map { side in
      ModelOutputs(try score(part.setting(field, own.gathered(stretch.map { borders[$0 - 1 + side] }))))
    }
    let index = try sides[0].index(of: output, owner: "accumulated effects")
    let steps = zip(sides[1].column(index), sides[0].column(index)).map { $0 - $1 }
    return AccumulatedEffects(
      column: column, output: sides[0].names[index],
      points: accumulated(steps, stretch, borders.map { values[$0] }))
  }

  private static func accumulated(_ steps: [Double], _ stretch: [Int], _ borders: [Double]) -> [Point] {
    var (counts, sums, squares) = (borders.map { _ in 0.0 }, borders.map { _ in 0.0 }, borders.map { _ in 0.0 })
    for (row, step) in steps.enumerated() {
      counts[stretch[row]] += 1
      sums[stretch[row]] += step
      squares[stretch[row]] += step * step
    }
    var (heights, variances) = ([0.0], [0.0])
    for k in 1..<borders.count {
      let mean = counts[k] > 0 ? sums[k] / counts[k] : 0
      let spread = counts[k] > 1 ? max(0, squares[k] - sums[k] * mean) / (counts[k] - 1) / counts[k] : 0
      heights.append(heights[k - 1] + mean)
      variances.append(variances[k - 1] + spread)
    }
    let total = counts.reduce(0, +)
    var centre = 0.0
    for k in 1..<borders.count { centre += counts[k] / total * (heights[k - 1] + heights[k]) / 2 }
    return borders.indices.map { k in
      let reach = 1.959963984540054 * variances[k].squareRoot()
      let effect = heights[k] - centre
      return Point(
        value: borders[k], effect: MetricValue(value: effect, low: effect - reach, high: effect + reach),
        rows: Int(counts[k]))
    }
  }
}
