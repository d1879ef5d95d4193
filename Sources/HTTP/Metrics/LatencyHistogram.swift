/// Durations counted in buckets of constant relative width; merges exactly.
///
/// Eight buckets per doubling from 1 µs to 9 minutes, so a quantile is at most 12.5 % above the true one.
/// Longer durations count in the last bucket.
///
/// - Source: Tene, *HdrHistogram*, 2012 (the bucket layout).
public struct LatencyHistogram: Sendable, Hashable {
  /// Durations counted.
  public private(set) var count: UInt64 = 0
  /// Sum of all durations, in nanoseconds.
  public private(set) var sumNanoseconds: UInt64 = 0
  /// Longest duration, in nanoseconds.
  public private(set) var maximumNanoseconds: UInt64 = 0
  private var buckets = [UInt64](repeating: 0, count: bucketCount)

  /// Counts nothing yet.
  public init() {}

  /// Counts one duration; a negative one counts as none.
  public mutating func record(nanoseconds: Int64) {
    let value = UInt64(max(0, nanoseconds))
    buckets[Self.bucket(value)] += 1
    count += 1
    sumNanoseconds &+= value
    maximumNanoseconds = max(maximumNanoseconds, value)
  }

  /// Adds the counts of another.
  public mutating func merge(_ other: LatencyHistogram) {
    for index in buckets.indices { buckets[index] += other.buckets[index] }
    count += other.count
    sumNanoseconds &+= other.sumNanoseconds
    maximumNanoseconds = max(maximumNanoseconds, other.maximumNanoseconds)
  }

  /// The duration that a share `p` of all does not exceed, in seconds; `nil` when nothing was counted.
  public func quantile(_ p: Double) -> Double? {
    guard count > 0 else { return nil }
    let wanted = UInt64(max(1, (min(max(p, 0), 1) * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for (index, bucketCount) in buckets.enumerated() {
      seen += bucketCount
      if seen >= wanted { return Double(min(Self.upperBound(index), maximumNanoseconds)) * 1e-9 }
    }
    return Double(maximumNanoseconds) * 1e-9
  }

  /// Durations of at most `seconds`, rounded up to the next bucket.
  public func count(upTo seconds: Double) -> UInt64 {
    let last = Self.bucket(UInt64(min(max(0, seconds) * 1e9, 1e18)))
    return buckets[...last].reduce(0, +)
  }

  private static let bucketCount = 240

  private static func bucket(_ nanoseconds: UInt64) -> Int {
    let unit = nanoseconds >> 7
    guard unit >= 8 else { return Int(unit) }
    let exponent = 63 - unit.leadingZeroBitCount
    return min(bucketCount - 1, (exponent - 2) * 8 + Int((unit >> UInt64(exponent - 3)) & 7))
  }

  /// First duration past the bucket, in nanoseconds.
  private static func upperBound(_ bucket: Int) -> UInt64 {
    let next = bucket + 1
    guard next >= 8 else { return UInt64(next) << 7 }
    return UInt64(8 + (next & 7)) << UInt64(next / 8 + 6)
  }
}
