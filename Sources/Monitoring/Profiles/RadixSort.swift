/// Ascending order of finite numbers by passes over their order-preserving bits, skipping digits that all share.
///
/// - Complexity: O(n) time and space.
enum RadixSort {
  static let smallest = 256

  static func sorted(_ values: [Double]) -> [Double] {
    if values.count < smallest { return values.sorted() }
    var keys = values.map { key($0) }
    var spare = [UInt64](repeating: 0, count: keys.count)
    for pass in 0..<passCount {
      let shift = UInt64(pass * bits)
      var places = histogram(keys, shift: shift)
      if places.contains(keys.count) { continue }
      accumulate(&places)
      scatter(keys, into: &spare, shift: shift, places: &places)
      swap(&keys, &spare)
    }
    return keys.map { number($0) }
  }

  private static let bits = 11
  private static let radix = 1 << bits
  private static let mask = UInt64(radix - 1)
  private static let passCount = (64 + bits - 1) / bits

  @inline(__always)
  private static func key(_ value: Double) -> UInt64 {
    let pattern = (value + 0).bitPattern
    return pattern ^ (UInt64(bitPattern: Int64(bitPattern: pattern) >> 63) | 1 << 63)
  }

  @inline(__always)
  private static func number(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
  }

  private static func histogram(_ keys: [UInt64], shift: UInt64) -> [Int] {
    var counts = [Int](repeating: 0, count: radix)
    var cells = counts.mutableSpan
    for key in keys { cells[Int(truncatingIfNeeded: key &>> shift & mask)] &+= 1 }
    return counts
  }

  private static func accumulate(_ counts: inout [Int]) {
    var start = 0
    for cell in counts.indices {
      let rows = counts[cell]
      counts[cell] = start
      start += rows
    }
  }

  private static func scatter(_ keys: [UInt64], into out: inout [UInt64], shift: UInt64, places: inout [Int]) {
    var target = out.mutableSpan
    var next = places.mutableSpan
    for key in keys {
      let cell = Int(truncatingIfNeeded: key &>> shift & mask)
      let place = next[cell]
      target[place] = key
      next[cell] = place &+ 1
    }
  }
}
