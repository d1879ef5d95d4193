import Basics

/// A sum of doubles that does not depend on their order: integer sums per binary exponent.
///
/// Sums merge exactly, so any split into blocks, threads or shards gives the same bits. Holds 2³⁵ values.
struct ExactSum: Sendable {
  private var high = [Int64](repeating: 0, count: 2048)
  private var low = [Int64](repeating: 0, count: 2048)

  /// Adds a finite number.
  mutating func add(_ value: Double) {
    let bits = value.bitPattern
    let exponent = Int(bits >> 52 & 0x7FF)
    let mantissa = Int64(bits & 0xF_FFFF_FFFF_FFFF) | (exponent == 0 ? 0 : 1 << 52)
    let sign: Int64 = bits >> 63 == 0 ? 1 : -1
    high[exponent] &+= sign * (mantissa >> 26)
    low[exponent] &+= sign * (mantissa & 0x3FF_FFFF)
  }

  /// Adds what another sum holds.
  mutating func merge(_ other: ExactSum) {
    for index in 0..<2048 {
      high[index] &+= other.high[index]
      low[index] &+= other.low[index]
    }
  }

  /// The sum, within two units in the last place; kept finite.
  var value: Double {
    var sum = 0.0
    var lost = 0.0
    for exponent in (0..<2047).reversed() where high[exponent] != 0 || low[exponent] != 0 {
      let whole = Int128(high[exponent]) << 26 + Int128(low[exponent])
      let part = Mathematics.scaled(Double(whole), exponent: max(1, exponent) - 1075)
      let next = sum + part
      lost += abs(sum) >= abs(part) ? (sum - next) + part : (part - next) + sum
      sum = next
    }
    let total = sum + lost
    return total.isFinite ? total : (sum > 0 ? 1 : -1) * Double.greatestFiniteMagnitude
  }
}
