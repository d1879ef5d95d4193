/// A 64-bit seed; every random choice derives from one, split by task index and never by thread.
public struct Seed: Sendable, Hashable, Codable {
  /// The bits.
  public var value: UInt64

  /// Makes a seed.
  public init(_ value: UInt64) { self.value = value }

  /// An independent seed for sub-task `index`.
  public func derived(_ index: Int) -> Seed {
    Seed(StableHash.mix(value &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(bitPattern: Int64(index)) &+ 1)))
  }

  /// An independent seed for the purpose called `name`.
  public func derived(_ name: String) -> Seed { Seed(StableHash.mix(value ^ StableHash.hash(name))) }

  /// A generator that starts here.
  public var generator: RandomStream { RandomStream(self) }
}

/// xoshiro256++ seeded by SplitMix64.
///
/// - Source: Blackman and Vigna, *Scrambled linear pseudorandom number generators*, 2019 (public domain reference).
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var s0: UInt64, s1: UInt64, s2: UInt64, s3: UInt64

  /// Starts at `seed`.
  public init(_ seed: Seed) {
    var state = seed.value
    func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      return StableHash.mix(state)
    }
    (s0, s1, s2, s3) = (next(), next(), next(), next())
  }

  /// Next 64 bits.
  public mutating func next() -> UInt64 {
    let sum = s0 &+ s3
    let result = ((sum << 23) | (sum >> 41)) &+ s0
    let shifted = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// Uniform in `[0, 1)` with 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in `0 ..< bound`, unbiased (Lemire's multiplication with rejection).
  public mutating func index(below bound: Int) -> Int {
    let range = UInt64(bound)
    var (high, low) = next().multipliedFullWidth(by: range)
    if low < range {
      let threshold = (0 &- range) % range
      while low < threshold { (high, low) = next().multipliedFullWidth(by: range) }
    }
    return Int(high)
  }

  /// Standard normal deviate (Marsaglia's polar method).
  public mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let square = u * u + v * v
      if square > 0, square < 1 { return u * (-2 * Mathematics.log(square) / square).squareRoot() }
    }
  }

  /// Poisson deviate with mean 1, for bootstrap weights; `0 ... 8` covers all but 1e-6 of the mass.
  public mutating func poissonOne() -> Int {
    var term = 0.36787944117144233
    var left = uniform()
    var count = 0
    while left >= term, count < 12 {
      left -= term
      count += 1
      term /= Double(count)
    }
    return count
  }
}
