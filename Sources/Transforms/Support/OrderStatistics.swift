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
    return positions.map { interpolate($0) { select(keys, rank: $0) } }
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

  /// The value at `rank` in ascending order: four passes over 16 bits each.
  private static func select(_ keys: [UInt64], rank: Int) -> Double {
    var prefix: UInt64 = 0
    var left = rank
    var counts = [Int](repeating: 0, count: 65536)
    for shift in [48, 32, 16, 0] as [UInt64] {
      for index in counts.indices { counts[index] = 0 }
      if shift == 48 {
        for key in keys { counts[Int(key >> 48)] += 1 }
      } else {
        for key in keys where key >> (shift + 16) == prefix { counts[Int(key >> shift & 0xFFFF)] += 1 }
      }
      var digit = 0
      while left >= counts[digit] {
        left -= counts[digit]
        digit += 1
      }
      prefix = prefix << 16 | UInt64(digit)
    }
    return number(prefix)
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
