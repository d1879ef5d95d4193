import Basics

/// One column of a stream: its last values, and the recent past of their averages over several spans.
struct StreamColumn: Sendable {
  let spans: [Int]
  let limit: Int
  /// The last values, as many as the longest span.
  var recent: [Double]
  /// Averages of each span.
  var pasts: [SortedPast]

  static let leastPast = 50
  static let bound = 1e150

  init(spans: [Int], limit: Int, recent: [Double] = [], pasts: [SortedPast]? = nil) {
    (self.spans, self.limit, self.recent) = (spans, limit, recent)
    self.pasts = pasts ?? spans.map { _ in SortedPast([], limit: limit) }
  }

  /// How unusual `value` would be next; 0 for a missing one or before enough is known.
  func score(_ value: Double) -> Double {
    guard !value.isNaN else { return 0 }
    let held = min(Self.bound, max(-Self.bound, value))
    var best = 0.0
    for (index, span) in spans.enumerated() where pasts[index].count >= Self.leastPast {
      let distance = pasts[index].distance(average(with: held, span))
      best = max(best, min(distance, 1e12) * Double(span).squareRoot())
    }
    return best
  }

  /// Learns `value`, unless it is missing.
  mutating func add(_ value: Double) {
    guard !value.isNaN else { return }
    let held = min(Self.bound, max(-Self.bound, value))
    for (index, span) in spans.enumerated() { pasts[index].add(average(with: held, span)) }
    recent.append(held)
    if recent.count > 2 * (spans.last ?? 1) { recent.removeFirst(recent.count - (spans.last ?? 1)) }
  }

  /// Mean of the last `span` values, `value` the newest of them.
  private func average(with value: Double, _ span: Int) -> Double {
    let earlier = recent.suffix(span - 1)
    return earlier.reduce(value, +) / Double(earlier.count + 1)
  }
}

/// The last so many numbers, in order of arrival and of size.
struct SortedPast: Sendable {
  let limit: Int
  private var ring: [Double]
  private var oldest = 0
  private var sorted: [Double]

  init(_ numbers: [Double], limit: Int) {
    (self.limit, ring, sorted) = (limit, numbers, numbers.sorted())
  }

  var count: Int { ring.count }
  /// Oldest first.
  var inOrder: [Double] { Array(ring[oldest...] + ring[..<oldest]) }

  mutating func add(_ number: Double) {
    if ring.count < limit {
      ring.append(number)
    } else {
      sorted.remove(at: position(ring[oldest]))
      ring[oldest] = number
      oldest = (oldest + 1) % limit
    }
    sorted.insert(number, at: position(number))
  }

  /// Distance of `number` from the median in units of spread.
  func distance(_ number: Double) -> Double {
    let median = quantile(0.5)
    let half = max(quantile(0.75) - median, median - quantile(0.25))
    let spread = max(1.4826 * half, (quantile(0.95) - quantile(0.05)) / 3.29) + 0.001 * abs(median)
    return number == median ? 0 : abs(number - median) / max(spread, 1e-150)
  }

  private func quantile(_ share: Double) -> Double { sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))] }

  /// First position whose number is not below `number`.
  private func position(_ number: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
