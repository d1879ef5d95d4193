import Basics

/// Counts of a batch of predictions by minute, with a histogram of the time to answer.
struct TrafficCounts {
  private struct Minute: Hashable {
    let stream: Int64
    let start: Int64
  }

  private struct Total {
    var count: Int64 = 0
    var latency: Int64 = 0
    var buckets: [Int: Int64] = [:]

    mutating func add(_ value: Int64) {
      count += 1
      latency += value
      buckets[TrafficCounts.bucket(value), default: 0] += 1
    }
  }

  private var totals: [Minute: Total] = [:]

  mutating func add(stream: Int64, time: Timestamp, latency: Int) {
    let length: Int64 = 60_000_000
    let offset = time.microseconds % length
    let start = time.microseconds - (offset < 0 ? offset + length : offset)
    totals[Minute(stream: stream, start: start), default: Total()].add(Int64(max(0, latency)))
  }

  /// Adds the counts to what is stored, in a fixed order.
  func store(_ connection: Connection) throws {
    for (minute, total) in totals.sorted(by: { ($0.key.stream, $0.key.start) < ($1.key.stream, $1.key.start) }) {
      try connection.execute(
        "UPDATE stream SET count = count + ? WHERE id = ?", [.integer(total.count), .integer(minute.stream)])
      let key: [SQLValue] = [.integer(minute.stream), .integer(minute.start)]
      try connection.execute(
        """
        INSERT INTO traffic (stream, minute, count, latency_us) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
        SET count = count + excluded.count, latency_us = latency_us + excluded.latency_us
        """, key + [.integer(total.count), .integer(total.latency)])
      for (bucket, count) in total.buckets.sorted(by: { $0.key < $1.key }) {
        try connection.execute(
          """
          INSERT INTO latency (stream, minute, bucket, count) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
          SET count = count + excluded.count
          """, key + [.integer(bucket), .integer(count)])
      }
    }
  }

  /// Bucket of a value: exact below 32, then 32 to each doubling, so that a bucket is at most 1/32 wide.
  static func bucket(_ value: Int64) -> Int {
    guard value >= 32 else { return Int(max(0, value)) }
    let exponent = 63 - value.leadingZeroBitCount
    return (exponent - 4) * 32 + Int((value >> Int64(exponent - 5)) & 31)
  }

  /// Middle of a bucket.
  static func value(ofBucket bucket: Int) -> Double {
    guard bucket >= 32 else { return Double(bucket) }
    let width = Double(Int64(1) << Int64(bucket / 32 - 1))
    return (Double(32 + bucket % 32) + 0.5) * width - (width == 1 ? 0.5 : 0)
  }
}
