public import Basics
public import Modeling

/// How a metric grows with training rows, and whether more of them would help.
///
/// The loss (the metric, its sign turned where more is better) is taken to fall as `a + b·n^(−c)`; what doubling the
/// rows would bring follows, with an interval from refits on redrawn points.
///
/// - Source: Hestness et al., *Deep learning scaling is predictable, empirically*, 2017; Viering and Loog, *The shape
///   of learning curves*, IEEE PAMI 45(6), 2023.
public struct LearningCurve: Sendable, Hashable {
  /// The metric after learning from some rows.
  public struct Point: Sendable, Hashable {
    /// Training rows.
    public var rows: Int
    /// Mean of the metric over rounds.
    public var value: Double
    /// Standard error of that mean; 0 where there was one round.
    public var error: Double

    /// Makes a point.
    public init(rows: Int, value: Double, error: Double = 0) {
      self.rows = rows
      self.value = value
      self.error = error
    }
  }

  /// What it comes down to.
  public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    /// Twice the rows would make a difference worth having.
    case helps
    /// Twice the rows would make none.
    case flat
    /// These points cannot tell.
    case unclear
    /// Fewer than four sizes were tried.
    case tooFew = "too-few-points"
  }

  /// Registered name of the metric.
  public var metric: String
  /// Points by rows.
  public var points: [Point]
  /// Expected gain of the metric from twice the rows (above 0 = better), with its interval; `nil` for too few points.
  public var gain: MetricValue?
  /// Value of the metric that no number of rows would pass; `nil` for too few points.
  public var ceiling: Double?
  /// What it comes down to.
  public var verdict: Verdict
  /// One sentence with the numbers.
  public var sentence: String

  /// `{"metric", "points": [{"rows", "value", "error"}], "gain": {…}, "ceiling", "verdict", "sentence"}`.
  public var json: JSONValue {
    [
      "metric": .string(metric),
      "points": .array(
        points.map {
          ["rows": .integer(Int64($0.rows)), "value": .finite($0.value), "error": .finite($0.error)]
        }), "gain": gain?.json ?? .null, "ceiling": .finite(ceiling), "verdict": .string(verdict.rawValue),
      "sentence": .string(sentence),
    ]
  }

  /// Gain from twice the rows, as a share of the value, below which more rows are not worth having.
  public static let worthwhile = 0.005

  /// Sizes to try: `count` steps, each larger by the same factor, up to all rows.
  public static func sizes(rowCount: Int, count: Int = 6, smallest: Int = 50) -> [Int] {
    guard rowCount > 0, count > 1, rowCount > smallest else { return rowCount > 0 ? [rowCount] : [] }
    let factor = Mathematics.pow(Double(rowCount) / Double(smallest), 1 / Double(count - 1))
    let sizes = (0..<count).map { Int((Double(smallest) * Mathematics.pow(factor, Double($0))).rounded()) }
    return Array(Set(sizes.map { min($0, rowCount) })).sorted()
  }

  /// Learns from growing parts of the training rows. Within a round every part holds the smaller ones; parts follow
  /// hashes of row keys.
  ///
  /// - Parameter score: the metric after learning from these rows in round `round`; `nil` where undefined.
  /// - Throws: what `score` throws.
  public static func measure(
    _ metric: any Metric, rowKeys: [UInt64], sizes: [Int], rounds: Int = 3, seed: Seed = Seed(0),
    score: (_ rows: [Int], _ round: Int) throws -> Double?
  ) throws -> LearningCurve {
    let keys = RowIdentity.distinct(rowKeys, target: nil, rowCount: rowKeys.count)
    var values = [[Double]](repeating: [], count: sizes.count)
    for round in 0..<max(1, rounds) {
      let salt = seed.derived("learning-curve").derived(round).value
      let hashes = keys.map { StableHash.combine($0, salt) }
      let order = hashes.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
      for (index, size) in sizes.enumerated() {
        if let value = try score(Array(order.prefix(size)), round), value.isFinite { values[index].append(value) }
      }
    }
    let points = zip(sizes, values).compactMap { size, values -> Point? in
      guard !values.isEmpty else { return nil }
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return Point(rows: size, value: mean, error: values.count > 1 ? (spread / (count - 1) / count).squareRoot() : 0)
    }
    return judge(metric, points, seed: seed)
  }

  /// Fits points and judges them.
  public static func judge(_ metric: any Metric, _ points: [Point], seed: Seed = Seed(0)) -> LearningCurve {
    let points = points.filter { $0.rows > 0 && $0.value.isFinite }.sorted { $0.rows < $1.rows }
    let sign = type(of: metric).higherIsBetter ? -1.0 : 1.0
    var out = LearningCurve(
      metric: metric.name, points: points, verdict: .tooFew,
      sentence: "\(points.count) sizes are too few to say whether more rows would help; at least 4 are needed.")
    guard Set(points.map(\.rows)).count >= 4, let last = points.last else { return out }
    let rows = points.map { Double($0.rows) }
    let losses = points.map { sign * $0.value }
    guard let fit = PowerLaw.fitted(rows, losses, points.map(\.error)) else { return out }
    let noise = fit.noise(rows, losses, points.map(\.error))
    var stream = seed.derived("power-law").generator
    var gains: [Double] = []
    for _ in 0..<200 {
      let redrawn = rows.indices.map { fit(rows[$0]) + noise[$0] * stream.normal() }
      if let again = PowerLaw.fitted(rows, redrawn, points.map(\.error)) { gains.append(again.gain(from: last.rows)) }
    }
    let sorted = gains.sorted()
    let gain = fit.gain(from: last.rows)
    let (low, high) =
      sorted.isEmpty ? (gain, gain) : (Bootstrap.quantile(sorted, 0.025), Bootstrap.quantile(sorted, 0.975))
    out.gain = MetricValue(value: gain, low: min(low, gain), high: max(high, gain))
    out.ceiling = sign * fit.a
    out.decide(last)
    return out
  }

  private mutating func decide(_ last: Point) {
    guard let gain else { return }
    let needed = Self.worthwhile * max(abs(last.value), 1e-12)
    let numbers =
      "twice the \(last.rows) rows would change \(metric) \(Text.number(last.value)) for the better by "
      + "\(Text.number(gain.value)) (95 % interval \(Text.number(gain.low)) … \(Text.number(gain.high)))"
    if gain.low > 0, gain.value >= needed {
      (verdict, sentence) = (.helps, "More rows would help: \(numbers).")
    } else if gain.high < 2 * needed {
      (verdict, sentence) = (.flat, "More rows would not help: \(numbers).")
    } else {
      (verdict, sentence) = (.unclear, "Whether more rows would help is not clear: \(numbers).")
    }
  }
}

/// `a + b·n^(−c)` with `b ≥ 0` and `c` in 0.05…2.
struct PowerLaw {
  var a: Double
  var b: Double
  var c: Double

  func callAsFunction(_ rows: Double) -> Double { a + b * Mathematics.pow(rows, -c) }

  /// How much twice as many rows lower the loss.
  func gain(from rows: Int) -> Double { self(Double(rows)) - self(2 * Double(rows)) }

  /// Standard deviation of each point: its own error, or what the fit leaves over where that is more.
  func noise(_ rows: [Double], _ losses: [Double], _ errors: [Double]) -> [Double] {
    let left = rows.indices.reduce(0) { sum, index in
      let gap = losses[index] - self(rows[index])
      return sum + gap * gap
    }
    let spread = (left / Double(max(1, rows.count - 3))).squareRoot()
    return errors.map { max($0, spread) }
  }

  /// Least squares over `a` and `b` for each `c` of a grid, then between its neighbours by golden section.
  static func fitted(_ rows: [Double], _ losses: [Double], _ errors: [Double]) -> PowerLaw? {
    let known = errors.filter { $0 > 0 }.sorted()
    // A point measured by luck without spread must not outweigh all others.
    let floor = known.isEmpty ? 1 : known[known.count / 2] / 2
    let weights = errors.map { 1 / (max($0, floor) * max($0, floor)) }
    func solved(_ c: Double) -> (law: PowerLaw, cost: Double) {
      let x = rows.map { Mathematics.pow($0, -c) }
      let total = weights.reduce(0, +)
      let meanX = zip(x, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
      let meanY = zip(losses, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
      var (xx, xy) = (0.0, 0.0)
      for index in x.indices {
        xx += weights[index] * (x[index] - meanX) * (x[index] - meanX)
        xy += weights[index] * (x[index] - meanX) * (losses[index] - meanY)
      }
      let b = xx > 0 ? max(0, xy / xx) : 0
      let law = PowerLaw(a: meanY - b * meanX, b: b, c: c)
      let cost = x.indices.reduce(0) { sum, index in
        let gap = losses[index] - law.a - b * x[index]
        return sum + weights[index] * gap * gap
      }
      return (law, cost)
    }
    let grid = (0...40).map { 0.05 * Mathematics.pow(40, Double($0) / 40) }
    let costs = grid.map { solved($0).cost }
    guard let best = costs.indices.min(by: { costs[$0] < costs[$1] }), costs[best].isFinite else { return nil }
    var (low, high) = (grid[max(0, best - 1)], grid[min(grid.count - 1, best + 1)])
    for _ in 0..<40 {
      let (first, second) = (high - 0.6180339887498949 * (high - low), low + 0.6180339887498949 * (high - low))
      if solved(first).cost <= solved(second).cost { high = second } else { low = first }
    }
    return solved((low + high) / 2).law
  }
}
