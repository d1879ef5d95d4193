import Basics

/// A monotone curve through points, linear between them and flat beyond.
public struct MonotoneCurve: Sendable, Hashable, Codable {
  /// Ascending, all different.
  public let x: [Double]
  /// Not descending.
  public let y: [Double]

  /// - Throws: `.invalidData` unless `x` ascends, `y` never descends and both are finite and of one length.
  public init(x: [Double], y: [Double]) throws {
    let ascends = zip(x, x.dropFirst()).allSatisfy { $0 < $1 } && zip(y, y.dropFirst()).allSatisfy { $0 <= $1 }
    guard !x.isEmpty, x.count == y.count, ascends, x.allSatisfy(\.isFinite), y.allSatisfy(\.isFinite) else {
      throw MLError(.invalidData, "curve: must have ascending points; got \(x.count) and \(y.count).")
    }
    self.x = x
    self.y = y
  }

  enum CodingKeys: String, CodingKey { case x, y }

  /// Read and checked.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      x: container.decode([Double].self, forKey: .x), y: container.decode([Double].self, forKey: .y))
  }

  /// Height at `position`.
  public func callAsFunction(_ position: Double) -> Double {
    var (low, high) = (0, x.count)
    while low < high {
      let middle = (low + high) / 2
      if x[middle] <= position { low = middle + 1 } else { high = middle }
    }
    if low == 0 { return y[0] }
    if low == x.count { return y[x.count - 1] }
    let share = (position - x[low - 1]) / (x[low] - x[low - 1])
    return y[low - 1] + share * (y[low] - y[low - 1])
  }

  /// Best monotone fit by weighted squares: pools neighbours that go the wrong way.
  ///
  /// - Returns: `nil` when no row has weight.
  /// - Complexity: O(n log n).
  /// - Source: Ayer et al., *An empirical distribution function for sampling with incomplete information*, 1955.
  package static func isotonic(x: [Double], y: [Double], weights: [Double]) -> MonotoneCurve? {
    var pools: [Pool] = []
    for row in Ranking.ascending(x).map(Int.init) where weights[row] > 0 {
      let next = Pool(low: x[row], high: x[row], sum: weights[row] * y[row], weight: weights[row])
      let isTied = pools.last.map { $0.high == next.low } ?? false
      if isTied { pools[pools.count - 1].absorb(next) } else { pools.append(next) }
    }
    var merged: [Pool] = []
    for pool in pools {
      merged.append(pool)
      while merged.count > 1, merged[merged.count - 2].mean >= merged[merged.count - 1].mean {
        let last = merged.removeLast()
        merged[merged.count - 1].absorb(last)
      }
    }
    var points: [(x: Double, y: Double)] = []
    for pool in merged {
      points.append((pool.low, pool.mean))
      if pool.high > pool.low { points.append((pool.high, pool.mean)) }
    }
    return try? MonotoneCurve(x: points.map(\.x), y: points.map(\.y))
  }

  private struct Pool {
    var low: Double
    var high: Double
    var sum: Double
    var weight: Double
    var mean: Double { sum / weight }
    mutating func absorb(_ other: Pool) {
      high = other.high
      sum += other.sum
      weight += other.weight
    }
  }

  /// The same curve over `0 ... 1`, drawn towards the diagonal by a thousandth, so that rows in one pool keep their
  /// order: a flat curve ties them, which costs ROC AUC.
  package func rising() -> MonotoneCurve {
    let lean = 1e-3
    var points = Array(zip(x, y))
    if let first = points.first, first.0 > 0 { points.insert((0, first.1), at: 0) }
    if let last = points.last, last.0 < 1 { points.append((1, last.1)) }
    return (try? MonotoneCurve(x: points.map(\.0), y: points.map { $0.1 + lean * ($0.0 - $0.1) })) ?? self
  }

  /// The same curve kept within `floor ... 1 - floor`.
  func clamped(floor: Double) -> MonotoneCurve {
    (try? MonotoneCurve(x: x, y: y.map { min(max($0, floor), 1 - floor) })) ?? self
  }
}
