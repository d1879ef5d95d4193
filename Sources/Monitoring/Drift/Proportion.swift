/// A share of rows and its interval.
package struct Proportion: Sendable, Hashable {
  /// Rows counted.
  package let count: Int64
  /// Rows of which.
  package let total: Int64

  /// `count` of `total`.
  package init(_ count: Int64, of total: Int64) {
    self.count = count
    self.total = total
  }

  /// Share, 0 of no rows.
  package var value: Double { total > 0 ? Double(count) / Double(total) : 0 }

  /// Lower end of the score interval of `z` standard errors; 0 of no rows.
  ///
  /// - Source: Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22, 1927.
  package func low(_ z: Double) -> Double { bounds(z).low }

  /// Upper end of the score interval of `z` standard errors; 1 of no rows.
  package func high(_ z: Double) -> Double { bounds(z).high }

  private func bounds(_ z: Double) -> (low: Double, high: Double) {
    guard total > 0 else { return (0, 1) }
    let n = Double(total)
    let center = value + z * z / (2 * n)
    let spread = z * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    let low = count == 0 ? 0 : max(0, (center - spread) / scale)
    return (low, count == total ? 1 : min(1, (center + spread) / scale))
  }

  /// Interval of `self − other` for independent samples.
  ///
  /// - Source: Newcombe, *Interval estimation for the difference between independent proportions*, Stat. Med. 17, 1998
  ///   (method 10).
  func difference(from other: Proportion, _ z: Double) -> (low: Double, high: Double) {
    let (a, b) = (bounds(z), other.bounds(z))
    let (p, q) = (value, other.value)
    let gap = p - q
    let down = ((p - a.low) * (p - a.low) + (b.high - q) * (b.high - q)).squareRoot()
    let up = ((a.high - p) * (a.high - p) + (q - b.low) * (q - b.low)).squareRoot()
    return (max(-1, gap - down), min(1, gap + up))
  }
}
