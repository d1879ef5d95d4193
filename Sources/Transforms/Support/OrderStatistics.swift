/// Exact quantiles by counting digits: the counts merge, and no order of rows changes them.
enum OrderStatistics {
  /// Quantiles at `levels` (`0 ... 1`) of finite values, linear between neighbours; empty when there are no values.
  ///
  /// - Source: type 7 of Hyndman and Fan, *Sample quantiles in statistical packages*, 1996.
  static func quantiles(_ values: [Double], _ levels: [Double]) -> [Double] {
    guard !values.isEmpty else { return [] }
    let positions = levels.map { min(max($0, 0), 1) * Double(values.count - 1) }
    if values.count <= 4096 || levels.count > 8 {
      let sorted = values.sorted()
      return positions.map { interpolate($0) { sorted[$0] } }
    }
    let keys = values.map(Self.key)
    return positions.map { position in
      let pair = select(keys, rank: Int(position))
      return interpolate(position) { $0 == Int(position) ? pair.value : pair.next }
    }
  }

  /// The finite ones of `values`, in order.
  static func finite(_ values: [Double]) -> [Double] {
    var count = 0
    for value in values where value.isFinite { count += 1 }
    if count == values.count { return values }
    var out: [Double] = []
    out.reserveCapacity(count)
    for value in values where value.isFinite { out.append(value) }
    return out
  }

  /// Smallest and largest of `values`, 0 when there are none.
  static func range(_ values: [Double]) -> (lowest: Double, highest: Double) {
    guard var lowest = values.first, var highest = values.first else { return (0, 0) }
    for value in values {
      if value < lowest { lowest = value }
      if value > highest { highest = value }
    }
    return (lowest, highest)
  }

  private static func interpolate(_ position: Double, _ at: (Int) -> Double) -> Double {
    let lower = Int(position)
    let fraction = position - Double(lower)
    let a = at(lower)
    if fraction == 0 { return a }
    let b = at(lower + 1)
    let between = a + (b - a) * fraction
    return between.isFinite ? between : a / 2 + b / 2
  }

  /// The values at `rank` and `rank + 1` in ascending order, the last one twice.
  ///
  /// Counts 16 bits at a time and keeps the values that share those of the rank, until they are few enough to sort.
  private static func select(_ keys: [UInt64], rank: Int) -> (value: Double, next: Double) {
    var near = keys
    var left = rank
    var above: UInt64?
    for shift in [48, 32, 16, 0] as [UInt64] where near.count > 4096 {
      var counts = [Int](repeating: 0, count: 65536)
      for key in near { counts[Int(key >> shift & 0xFFFF)] += 1 }
      var digit = 0
      while left >= counts[digit] {
        left -= counts[digit]
        digit += 1
      }
      var kept: [UInt64] = []
      kept.reserveCapacity(counts[digit])
      var lowest = UInt64.max
      for key in near {
        let place = key >> shift & 0xFFFF
        if place == digit { kept.append(key) } else if place > digit, key < lowest { lowest = key }
      }
      if lowest < .max { above = lowest }
      near = kept
    }
    near.sort()
    let next = left + 1 < near.count ? near[left + 1] : above ?? near[left]
    return (number(near[left]), number(next))
  }

  /// Bits whose unsigned order is the order of the numbers.
  private static func key(_ value: Double) -> UInt64 {
    let bits = (value == 0 ? 0 : value).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  private static func number(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
  }
}
