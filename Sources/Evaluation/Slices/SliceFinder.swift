public import Basics
public import Frames
public import Modeling

/// Rows that share one or two values and on which the model does badly.
public struct ProblemSlice: Sendable, Hashable {
  /// What one column must be.
  public struct Condition: Sendable, Hashable {
    /// Column.
    public var column: String
    /// A category, a range, `(missing)`.
    public var value: String
  }

  /// One or two conditions, all of which hold.
  public var conditions: [Condition]
  /// Rows.
  public var rows: Int
  /// The metric on these rows.
  public var metric: MetricValue?
  /// Mean loss of a row here minus that of the rest, with its interval (Welch).
  public var effect: MetricValue
  /// Chance of such an effect where there is none, corrected for all slices looked at (Benjamini and Hochberg).
  public var chance: Double

  /// `{"conditions": [{"column", "value"}], "rows", "metric", "effect": {…}, "chance"}`.
  public var json: JSONValue {
    [
      "conditions": .array(
        conditions.map { ["column": .string($0.column), "value": .string($0.value)] }),
      "rows": .integer(Int64(rows)), "metric": metric?.json ?? .null, "effect": effect.json,
      "chance": .finite(chance),
    ]
  }
}

/// Searches for slices on which rows cost more than elsewhere.
///
/// Every category, boolean and quartile of a number is one condition; pairs of conditions on different columns are
/// tried too. A slice must be worse than the rest by Welch's test at 5 % after correction for every slice looked at;
/// a pair must also be worse than what is left of each of its two conditions, so that it says more than they do.
///
/// - Complexity: O(columns² · rows).
/// - Source: Chung et al., *Automated data slicing for model validation*, IEEE TKDE 32(12), 2019.
public struct SliceFinder: Sendable {
  /// Slices with fewer rows are not looked at.
  public var minimumCount = 50
  /// Share of all rows a slice may hold: beyond it, it is the whole but for a few.
  public var maximumShare = 0.5
  /// Columns whose pairs are tried, those with the worst single conditions first.
  public var pairedColumnCount = 30
  /// Whether pairs are tried.
  public var triesPairs = true
  /// Slices returned.
  public var limit = 20
  /// Share of false discoveries let through.
  public var level = 0.05
  /// Columns not to look at (private ones, ids).
  public var excluding: Set<String> = []

  /// A finder with the defaults.
  public init() {}

  /// The slices that are worse, those with the largest sure effect first; a slice that mostly repeats one listed before
  /// is left out.
  ///
  /// - Parameters:
  ///   - loss: what a row costs; `nil` = `RowLoss.suggested`.
  ///   - metric: shown for the slices found; `nil` = none.
  ///   - weights: of each row, so that a slice is judged as the whole is; rows of weight 0 are not looked at.
  /// - Throws: `.shapeMismatch`, `.invalidData`.
  public func find(
    _ frame: Frame, _ predictions: Predictions, _ target: Target, loss: RowLoss? = nil,
    metric: (any Metric)? = nil, weights: [Double]? = nil, rowKeys: [UInt64]? = nil,
    options: BootstrapOptions = BootstrapOptions(replicateCount: 200)
  ) throws -> [ProblemSlice] {
    guard frame.rowCount == target.count else {
      throw MLError(.shapeMismatch, "slices: frame must have \(target.count) rows; got \(frame.rowCount).")
    }
    let losses = try (loss ?? RowLoss.suggested(for: predictions)).values(predictions, target)
    let weights = try weights.map { try RowWeights.checked($0, rowCount: target.count, owner: "slices") }
    let search = try SliceSearch(frame, losses, weights, self)
    return try search.found(limit: limit, level: level).map { found in
      let rows = search.rows(found.slice)
      let value = try metric.flatMap { metric in
        try Intervals.evaluate(
          metric, predictions.gathered(rows), target.gathered(rows),
          weights: weights.map { all in rows.map { all[$0] } },
          rowKeys: rowKeys.map { all in rows.map { all[$0] } }, options: options)
      }
      return ProblemSlice(
        conditions: found.slice.map { search.condition($0) }, rows: rows.count, metric: value, effect: found.effect,
        chance: found.chance)
    }
  }
}

/// Counts and sums of losses, with weights where rows have them.
private struct LossSum: Sendable {
  /// Rows.
  var count = 0.0
  var weight = 0.0
  var sum = 0.0
  /// Of squared weights: alone, times the loss, times its square.
  var powers = SIMD3<Double>()

  mutating func add(_ loss: Double, weight: Double) {
    guard weight > 0 else { return }
    count += 1
    self.weight += weight
    sum += weight * loss
    powers += weight * weight * SIMD3(1, loss, loss * loss)
  }

  static func - (a: LossSum, b: LossSum) -> LossSum {
    LossSum(count: a.count - b.count, weight: a.weight - b.weight, sum: a.sum - b.sum, powers: a.powers - b.powers)
  }

  var mean: Double { sum / weight }
  /// Variance of the mean; without weights the usual one, with weights that of a ratio (Cochran 1977).
  var variance: Double {
    let gaps = powers[2] - mean * (2 * powers[1] - mean * powers[0])
    return max(0, gaps) / (weight * weight) * count / (count - 1)
  }

  /// Difference of means, its interval, and the chance of one so large where there is none.
  func compared(with rest: LossSum) -> (effect: MetricValue, chance: Double)? {
    guard count >= 2, rest.count >= 2 else { return nil }
    let (difference, error) = (mean - rest.mean, (variance + rest.variance).squareRoot())
    guard error > 0 else { return nil }
    let freedom =
      (variance + rest.variance) * (variance + rest.variance)
      / (variance * variance / (count - 1) + rest.variance * rest.variance / (rest.count - 1))
    let reach = Distributions.studentQuantile(0.975, freedom: freedom) * error
    return (
      MetricValue(value: difference, low: difference - reach, high: difference + reach),
      Distributions.student(-difference / error, freedom: freedom)
    )
  }
}

/// The search over conditions and pairs of them.
private struct SliceSearch {
  /// A condition: place of the column and of its group.
  typealias Slice = [(column: Int, group: Int)]
  struct Found {
    var slice: Slice
    var effect: MetricValue
    var chance: Double
  }

  private var names: [String] = []
  private var groups: [[RowGroups.Group]] = []
  /// Group of every row, by column.
  private var codes: [[Int32]] = []
  private var sums: [[LossSum]] = []
  private let losses: [Double]
  private let weights: [Double]
  private var all = LossSum()
  private let settings: SliceFinder

  init(_ frame: Frame, _ losses: [Double], _ weights: [Double]?, _ settings: SliceFinder) throws {
    // Centred, so that squares do not swamp differences.
    let centre = losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count)
    self.losses = losses.map { $0 - centre }
    self.weights = weights ?? [Double](repeating: 1, count: losses.count)
    self.settings = settings
    for row in losses.indices { all.add(self.losses[row], weight: self.weights[row]) }
    for (field, column) in zip(frame.schema.fields, frame.columns) {
      guard !settings.excluding.contains(field.name), field.kind != .text, field.kind != .vector else { continue }
      let parts = try RowGroups(column, name: field.name).groups
      guard parts.count >= 2 else { continue }
      var code = [Int32](repeating: 0, count: frame.rowCount)
      var sum = [LossSum](repeating: LossSum(), count: parts.count)
      for (index, part) in parts.enumerated() {
        for row in part.rows {
          code[row] = Int32(index)
          sum[index].add(self.losses[row], weight: self.weights[row])
        }
      }
      names.append(field.name)
      groups.append(parts)
      codes.append(code)
      sums.append(sum)
    }
  }

  func condition(_ part: (column: Int, group: Int)) -> ProblemSlice.Condition {
    .init(column: names[part.column], value: groups[part.column][part.group].name)
  }

  func rows(_ slice: Slice) -> [Int] {
    guard let first = slice.first else { return [] }
    return groups[first.column][first.group].rows.filter { row in
      slice.dropFirst().allSatisfy { Int(codes[$0.column][row]) == $0.group }
    }
  }

  func found(limit: Int, level: Double) -> [Found] {
    var tried = singles()
    if settings.triesPairs { tried += pairs(ranking(tried)) }
    let adjusted = Distributions.benjaminiHochberg(tried.map(\.chance))
    for index in tried.indices { tried[index].chance = adjusted[index] }
    let kept = tried.filter { $0.chance <= level && $0.effect.value > 0 }
      .sorted { a, b in
        a.effect.low != b.effect.low
          ? a.effect.low > b.effect.low : label(a.slice).lexicographicallyPrecedes(label(b.slice))
      }
    var out: [Found] = []
    var taken: [Set<Int>] = []
    for candidate in kept.prefix(10 * limit) where out.count < limit {
      let own = Set(rows(candidate.slice))
      let isRepeated = taken.contains { other in
        let shared = own.intersection(other).count
        return Double(shared) > 0.7 * Double(own.count + other.count - shared)
      }
      if isRepeated { continue }
      out.append(candidate)
      taken.append(own)
    }
    return out
  }

  private func label(_ slice: Slice) -> [String] {
    slice.flatMap { [names[$0.column], groups[$0.column][$0.group].name] }
  }

  private func isLarge(_ sum: LossSum) -> Bool {
    sum.count >= Double(settings.minimumCount) && sum.weight <= settings.maximumShare * all.weight
      && all.count - sum.count >= 2
  }

  private func singles() -> [Found] {
    names.indices.flatMap { column in
      groups[column].indices.compactMap { group -> Found? in
        let sum = sums[column][group]
        guard isLarge(sum), let result = sum.compared(with: all - sum) else { return nil }
        return Found(slice: [(column, group)], effect: result.effect, chance: result.chance)
      }
    }
  }

  /// Columns by the chance of their worst condition.
  private func ranking(_ singles: [Found]) -> [Int] {
    var best = [Double](repeating: 1, count: names.count)
    for found in singles { best[found.slice[0].column] = min(best[found.slice[0].column], found.chance) }
    return names.indices.sorted { (best[$0], names[$0]) < (best[$1], names[$1]) }
      .prefix(settings.pairedColumnCount).sorted()
  }

  private func pairs(_ columns: [Int]) -> [Found] {
    var out: [Found] = []
    for (place, a) in columns.enumerated() {
      for b in columns[(place + 1)...] {
        let width = groups[b].count
        guard groups[a].count * width <= 4096 else { continue }
        var table = [LossSum](repeating: LossSum(), count: groups[a].count * width)
        for row in losses.indices {
          table[Int(codes[a][row]) * width + Int(codes[b][row])].add(losses[row], weight: weights[row])
        }
        for index in table.indices where isLarge(table[index]) {
          let (first, second) = (index / width, index % width)
          let sum = table[index]
          guard let result = sum.compared(with: all - sum) else { continue }
          // A pair that says no more than one of its conditions still counts as looked at.
          let saysMore = [sums[a][first], sums[b][second]].allSatisfy { parent in
            guard parent.count - sum.count >= 2 else { return false }
            return (sum.compared(with: parent - sum)?.chance ?? 1) < 0.05
          }
          out.append(
            Found(
              slice: [(a, first), (b, second)], effect: result.effect, chance: saysMore ? result.chance : 1))
        }
      }
    }
    return out
  }
}
