public import Basics
public import Frames
public import Modeling

/// Shapley values of raw columns for any model: what each column moves a row's prediction away from the mean over
/// background rows, columns taken as independent of one another.
///
/// The value of a set of columns is the mean prediction over background rows whose cells in those columns are
/// replaced by the row's own. The shares of a row add up to its prediction minus the mean.
///
/// - Source: Shapley, *A value for n-person games*, 1953; Lundberg and Lee, *A unified approach to interpreting model
///   predictions*, NeurIPS 2017; Covert and Lee, *Improving KernelSHAP*, AISTATS 2021 (paired draws).
public enum Shapley {
  /// How values are found.
  public enum Method: Sendable, Hashable {
    /// Exact up to ten columns, otherwise `kernel` with `2·columns + 2048` sets.
    case automatic
    /// Every set of columns; at most 12 columns.
    case exact
    /// A least-squares fit over the given number of sets of columns: all small and large ones first, then paired draws.
    case kernel(Int)
  }

  /// Most columns that are enumerated.
  public static let maximumExact = 12

  /// Shares of every column in every class probability, or in the predicted number.
  ///
  /// - Parameters:
  ///   - frame: rows to explain.
  ///   - background: rows the mean is taken over; some dozens suffice. Cost grows with rows × sets × background rows.
  ///   - columns: columns to share between; the others stay with the row. `nil` = all.
  ///   - score: predictions for a frame; called from several threads.
  /// - Returns: link `.probability` for classes (every class explained in probability), `.identity` for numbers; the
  ///   same seed gives the same bytes for any thread count.
  /// - Throws: `.invalidParameter` for too many columns or too few sets, `.invalidData` without background rows,
  ///   `.schemaMismatch`, and what `score` throws.
  public static func values(
    _ frame: Frame, background: Frame, method: Method = .automatic, columns: [String]? = nil, seed: Seed = Seed(0),
    workers: Workers = .serial, score: @escaping @Sendable (Frame) throws -> Predictions
  ) throws -> Contributions {
    try values(
      frame, background: background, method: method, seed: seed, workers: workers,
      groups: (columns ?? frame.schema.names).map { ColumnGroup($0, columns: [$0]) }, score: score)
  }

  /// Columns that are known together or not at all.
  public struct ColumnGroup: Sendable, Hashable {
    /// Name of its share.
    public var name: String
    /// Its columns.
    public var columns: [String]

    /// A group.
    public init(_ name: String, columns: [String]) {
      (self.name, self.columns) = (name, columns)
    }
  }

  /// Shares of groups of columns, such as the regions of an image; columns of no group stay with the row.
  ///
  /// - Returns: as above, with one feature a group.
  /// - Throws: as above.
  public static func values(
    _ frame: Frame, background: Frame, method: Method = .automatic, seed: Seed = Seed(0), workers: Workers = .serial,
    groups: [ColumnGroup], score: @escaping @Sendable (Frame) throws -> Predictions
  ) throws -> Contributions {
    let game = try ShapleyGame(frame, background, groups, score)
    let plan = try ShapleyPlan(columnCount: groups.count, method: method, seed: seed)
    let rows = try workers.map(frame.rowCount) { row in try game.shares(row, plan) }
    let outputs = game.outputs
    let isNumber = outputs == [""]
    return try Contributions(
      features: groups.map { Contributions.Feature(field: $0.name) }, outputs: outputs,
      link: isNumber ? .identity : .probability, baseline: game.baseline, values: rows.flatMap { $0 })
  }
}

/// Predictions of rows that are partly a row's own and partly of the background.
private struct ShapleyGame: Sendable {
  let outputs: [String]
  /// Mean prediction over the background with nothing known, for each output.
  let baseline: [Double]
  private let rows: CompositeRows
  private let explainedCount: Int
  private let backgroundCount: Int
  /// Player of every schema column; -1 where the row's own cell always stays.
  private let players: [Int]
  private let score: @Sendable (Frame) throws -> Predictions

  /// Rows of one call, and cells.
  private static let batch = 16_384
  private static let cellCount = 2_000_000

  init(
    _ frame: Frame, _ background: Frame, _ groups: [Shapley.ColumnGroup],
    _ score: @escaping @Sendable (Frame) throws -> Predictions
  ) throws {
    guard background.rowCount > 0, !groups.isEmpty else {
      throw MLError(
        .invalidData, "shapley: needs background rows and columns; got \(background.rowCount) and \(groups.count).")
    }
    var places: [String: Int] = [:]
    for (place, group) in groups.enumerated() {
      for name in group.columns {
        _ = try frame.column(name)
        places[name] = place
      }
    }
    let aligned = try background.selecting(frame.schema.names)
    rows = CompositeRows(pool: try Frame.concatenated([frame, aligned]))
    explainedCount = frame.rowCount
    backgroundCount = background.rowCount
    players = frame.schema.names.map { places[$0] ?? -1 }
    self.score = score
    let all = ModelOutputs(try score(aligned))
    outputs = all.names
    baseline = all.names.indices.map { k in all.column(k).reduce(0, +) / Double(background.rowCount) }
  }

  /// Mean predictions for each set, row-major `[sets, outputs]`.
  func values(_ row: Int, _ sets: [[Bool]]) throws -> [Double] {
    var out: [Double] = []
    out.reserveCapacity(sets.count * outputs.count)
    let rowLimit = min(Self.batch, Self.cellCount / max(1, players.count))
    let step = max(1, rowLimit / backgroundCount)
    for start in stride(from: 0, to: sets.count, by: step) {
      let part = sets[start..<min(sets.count, start + step)]
      let sources = players.map { player in
        part.flatMap { set in
          player < 0 || set[player]
            ? [Int](repeating: row, count: backgroundCount)
            : Array(explainedCount..<(explainedCount + backgroundCount))
        }
      }
      let predicted = ModelOutputs(try score(rows.frame(sources)))
      guard predicted.names == outputs, predicted.values.count == part.count * backgroundCount * outputs.count else {
        throw MLError(.shapeMismatch, "shapley: the model must say the same outputs for every batch.")
      }
      for place in 0..<part.count {
        for k in outputs.indices {
          var sum = 0.0
          for b in 0..<backgroundCount { sum += predicted.values[(place * backgroundCount + b) * outputs.count + k] }
          out.append(sum / Double(backgroundCount))
        }
      }
    }
    return out
  }

  /// Row-major `[outputs, columns]`.
  func shares(_ row: Int, _ plan: ShapleyPlan) throws -> [Double] {
    let values = try values(row, plan.sets)
    let width = outputs.count
    return try outputs.indices.flatMap { k in
      try plan.shares(stride(from: k, to: values.count, by: width).map { values[$0] }, baseline: baseline[k])
    }
  }
}

/// Sets of columns to try and how shares follow from their values.
struct ShapleyPlan: Sendable {
  /// The empty set first, the full set second, then others.
  private(set) var sets: [[Bool]] = []
  private let columnCount: Int
  private let isExact: Bool
  /// Weight of each set after the first two.
  private var weights: [Double] = []

  init(columnCount: Int, method: Shapley.Method, seed: Seed) throws {
    self.columnCount = columnCount
    let budget: Int
    switch method {
    case .exact: (isExact, budget) = (true, 0)
    case .automatic: (isExact, budget) = (columnCount <= 10, 2 * columnCount + 2048)
    case .kernel(let count): (isExact, budget) = (columnCount == 1, count)
    }
    guard !isExact || columnCount <= Shapley.maximumExact else {
      throw MLError(
        .invalidParameter, "shapley: at most \(Shapley.maximumExact) columns can be enumerated; got \(columnCount).",
        hint: "Use kernel sampling.", field: "method")
    }
    sets = [[Bool](repeating: false, count: columnCount), [Bool](repeating: true, count: columnCount)]
    if isExact {
      sets += (1..<max(1, (1 << columnCount) - 1)).map { bits in (0..<columnCount).map { bits >> $0 & 1 == 1 } }
    } else {
      guard budget >= 2 * columnCount else {
        throw MLError(
          .invalidParameter, "shapley: 'kernel' needs at least \(2 * columnCount) sets; got \(budget).",
          field: "method")
      }
      sample(budget, seed)
    }
  }

  /// Shares of the columns from the value of each set.
  func shares(_ values: [Double], baseline: Double) throws -> [Double] {
    isExact ? exactShares(values, baseline) : try fittedShares(values, baseline)
  }

  private func exactShares(_ values: [Double], _ baseline: Double) -> [Double] {
    let m = columnCount
    // Values by bit pattern; the empty set is the baseline, which makes shares add up to the last bit but rounding.
    var table = [Double](repeating: 0, count: 1 << m)
    table[0] = baseline
    table[(1 << m) - 1] = values[1]
    for bits in 1..<max(1, (1 << m) - 1) { table[bits] = values[bits + 1] }
    var factorials = [1.0]
    for k in 1...max(1, m) { factorials.append(factorials[k - 1] * Double(k)) }
    return (0..<m).map { player in
      var sum = 0.0
      for bits in 0..<(1 << m) where bits >> player & 1 == 0 {
        let size = bits.nonzeroBitCount
        let weight = factorials[size] * factorials[m - size - 1] / factorials[m]
        sum += weight * (table[bits | 1 << player] - table[bits])
      }
      return sum
    }
  }

  /// Weighted least squares with the sum fixed: the last share is what the others leave.
  private func fittedShares(_ values: [Double], _ baseline: Double) throws -> [Double] {
    let size = columnCount - 1
    let total = values[1] - baseline
    var matrix = [Double](repeating: 0, count: size * size)
    var right = [Double](repeating: 0, count: size)
    for (index, weight) in weights.enumerated() {
      let set = sets[index + 2]
      let last = set[size] ? 1.0 : 0
      let y = values[index + 2] - baseline - last * total
      let x = (0..<size).map { (set[$0] ? 1.0 : 0) - last }
      for i in 0..<size where x[i] != 0 {
        right[i] += weight * x[i] * y
        for j in 0..<size { matrix[i * size + j] += weight * x[i] * x[j] }
      }
    }
    guard let solved = LinearSystem.solve(matrix, right, size: size) else {
      throw MLError(
        .invalidParameter, "shapley: these sets of columns do not settle every share.", hint: "Try more sets.",
        field: "method")
    }
    return solved + [total - solved.reduce(0, +)]
  }

  /// All sets of the smallest and largest sizes while the budget lasts, then paired draws of the rest.
  private mutating func sample(_ budget: Int, _ seed: Seed) {
    let m = columnCount
    // Weight of all sets of a size together.
    let mass = (0..<m).map { $0 == 0 ? 0 : Double(m - 1) / (Double($0) * Double(m - $0)) }
    var left = budget
    var size = 1
    while size <= m / 2 {
      let isMiddle = 2 * size == m
      let count = Self.binomial(m, size) * (isMiddle ? 1 : 2)
      guard count <= Double(left) else { break }
      let each = mass[size] * (isMiddle ? 1 : 2) / count
      for set in Self.subsets(of: m, size: size) {
        sets.append(set)
        weights.append(each)
        if !isMiddle {
          sets.append(set.map { !$0 })
          weights.append(each)
        }
      }
      left -= Int(count)
      size += 1
    }
    guard size <= m / 2, left >= 2 else { return }
    let rest = (size..<(m - size + 1)).map { mass[$0] }
    let all = rest.reduce(0, +)
    var stream = seed.derived("shapley").generator
    let pairs = left / 2
    for _ in 0..<pairs {
      var place = stream.uniform() * all
      var chosen = size
      for (step, part) in rest.enumerated() {
        chosen = size + step
        if place < part { break }
        place -= part
      }
      let set = Self.drawn(m, chosen, &stream)
      sets += [set, set.map { !$0 }]
      weights += [all / Double(2 * pairs), all / Double(2 * pairs)]
    }
  }

  private static func drawn(_ m: Int, _ size: Int, _ stream: inout RandomStream) -> [Bool] {
    var order = Array(0..<m)
    var set = [Bool](repeating: false, count: m)
    for place in 0..<size {
      order.swapAt(place, place + stream.index(below: m - place))
      set[order[place]] = true
    }
    return set
  }

  private static func binomial(_ n: Int, _ k: Int) -> Double {
    (0..<k).reduce(1.0) { ($0 * Double(n - $1) / Double($1 + 1)).rounded() }
  }

  private static func subsets(of m: Int, size: Int) -> [[Bool]] {
    var chosen = Array(0..<size)
    var out: [[Bool]] = []
    while true {
      var set = [Bool](repeating: false, count: m)
      for index in chosen { set[index] = true }
      out.append(set)
      guard let place = (0..<size).last(where: { chosen[$0] < m - size + $0 }) else { return out }
      chosen[place] += 1
      for next in (place + 1)..<max(place + 1, size) { chosen[next] = chosen[next - 1] + 1 }
    }
  }
}
