/// Exact sums of numbers on a fixed grid: merging is integer addition, so order and grouping never change a bit.
///
/// A value `x` counts as the integer `(x − center) / quantum`, rounded. The quantum is about `2⁻³¹` of half the
/// reference range, which bounds the error of the mean; values farther than `2¹⁸` ranges away saturate there.
package struct Moments: Sendable, Hashable {
  /// Where the grid lies.
  package struct Scale: Sendable, Hashable, Codable {
    /// Subtracted first.
    package var center: Double
    /// One step, a power of two.
    package var quantum: Double

    /// A grid for values from `minimum` to `maximum`, both finite.
    package init(minimum: Double, maximum: Double) {
      center = minimum / 2 + maximum / 2
      let half = max(maximum / 2 - minimum / 2, Double.leastNormalMagnitude)
      let reach = minimum == maximum ? max(center.magnitude, 1) : half
      quantum = Double(sign: .plus, exponent: max(-990, Int(reach.exponent) + 2 - 32), significand: 1)
    }
  }

  /// Values added.
  package private(set) var count: Int64 = 0
  private var sum: Int128 = 0
  private var squares: Int128 = 0
  /// Smallest finite value added; `nil` when none was.
  package private(set) var minimum: Double?
  /// Largest finite value added; `nil` when none was.
  package private(set) var maximum: Double?

  /// Nothing added.
  package init() {}

  private static let rounding = 0x1.8p52
  private static let limit = 0x1p50

  /// Adds finite values; others are passed over.
  mutating func add(_ values: [Double], on scale: Scale) {
    let inverse = 1 / scale.quantum
    let center = scale.center
    var (added, sum): (Int64, Int128) = (0, 0)
    var squares: (high: UInt64, low: UInt64) = (0, 0)
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite {
      let place = min(max((value - center) * inverse, -Self.limit), Self.limit)
      let step = Int64((place + Self.rounding) - Self.rounding)
      added &+= 1
      sum &+= Int128(step)
      let (top, bottom) = step.magnitude.multipliedFullWidth(by: step.magnitude)
      let (next, isCarried) = squares.low.addingReportingOverflow(bottom)
      squares = (squares.high &+ top &+ (isCarried ? 1 : 0), next)
      low = min(low, value)
      high = max(high, value)
    }
    count &+= added
    self.sum &+= sum
    self.squares &+= Int128(squares.high) << 64 | Int128(squares.low)
    widen(low, high)
  }

  /// Adds what another one added.
  mutating func merge(_ other: Moments) {
    count &+= other.count
    sum &+= other.sum
    squares &+= other.squares
    if let low = other.minimum, let high = other.maximum { widen(low, high) }
  }

  private mutating func widen(_ low: Double, _ high: Double) {
    guard low <= high else { return }
    minimum = min(minimum ?? low, low)
    maximum = max(maximum ?? high, high)
  }

  /// Mean of the values; `nil` when there is none.
  func mean(on scale: Scale) -> Double? {
    guard count > 0 else { return nil }
    return scale.center + scale.quantum * (Double(sum) / Double(count))
  }

  /// Variance with divisor `count − 1`; `nil` below two values.
  func variance(on scale: Scale) -> Double? {
    guard count > 1 else { return nil }
    let mean = Double(sum) / Double(count)
    let spread = max(0, Double(squares) - mean * Double(sum)) / Double(count - 1)
    let value = spread * scale.quantum * scale.quantum
    return value.isFinite ? value : nil
  }
}

extension Moments: Codable {
  enum CodingKeys: String, CodingKey { case count, sum, squares, minimum, maximum }

  /// Sums are written as texts, since they pass the integers that JSON readers keep.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .count)
    try container.encode(String(sum), forKey: .sum)
    try container.encode(String(squares), forKey: .squares)
    try container.encodeIfPresent(minimum, forKey: .minimum)
    try container.encodeIfPresent(maximum, forKey: .maximum)
  }

  /// Refuses sums that are not integers and counts below zero.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    count = try container.decode(Int64.self, forKey: .count)
    guard count >= 0, let sum = Int128(try container.decode(String.self, forKey: .sum)),
      let squares = Int128(try container.decode(String.self, forKey: .squares)), squares >= 0
    else { throw ProfileError.corrupt("moments are not integers") }
    self.sum = sum
    self.squares = squares
    minimum = try container.decodeIfPresent(Double.self, forKey: .minimum)
    maximum = try container.decodeIfPresent(Double.self, forKey: .maximum)
  }
}
