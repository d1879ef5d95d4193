import Basics

/// The length of the season of some series.
enum Period {
  /// Longest season looked for.
  static let limit = 400

  /// The lag at which series without their straight trend look most like themselves; 1 when none stands out.
  ///
  /// Autocorrelations are pooled over series. A lag counts when it is a local peak of at least 0.2, at least 0.2
  /// above the lowest value before it, and at least three seasons are known; of those within a tenth of the highest,
  /// the shortest.
  static func found(_ data: SeriesData) -> Int {
    let longest = data.values.map(\.count).max() ?? 0
    let lagCount = min(limit + 1, longest / 3)
    guard lagCount >= 3 else { return 1 }
    var products = [Double](repeating: 0, count: lagCount + 1)
    var sizes = products
    for values in data.values where values.count >= 9 {
      let rest = detrended(Array(values.suffix(20_000)))
      let variance = rest.reduce(0) { $1.isNaN ? $0 : $0 + $1 * $1 } / Double(rest.count)
      guard variance > 0 else { continue }
      for lag in 0...min(lagCount, rest.count - 1) {
        var sum = 0.0
        for place in lag..<rest.count {
          let product = rest[place] * rest[place - lag]
          if !product.isNaN { sum += product }
        }
        products[lag] += sum / variance
        sizes[lag] += Double(rest.count)
      }
    }
    let correlations = zip(products, sizes).map { $1 > 0 ? $0 / $1 : 0 }
    var lowest = 1.0
    var peaks: [(lag: Int, value: Double)] = []
    for lag in 1..<lagCount {
      let value = correlations[lag]
      if lag > 1, value >= correlations[lag - 1], value > correlations[lag + 1], value > 0.2, value > lowest + 0.2 {
        peaks.append((lag, value))
      }
      lowest = min(lowest, value)
    }
    let best = peaks.map(\.value).max() ?? 0
    return peaks.first { $0.value >= 0.9 * best }?.lag ?? 1
  }

  /// What is left after the least-squares line.
  private static func detrended(_ values: [Double]) -> [Double] {
    var (count, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (place, value) in values.enumerated() where !value.isNaN {
      let t = Double(place)
      (count, x, y, xx, xy) = (count + 1, x + t, y + value, xx + t * t, xy + t * value)
    }
    let spread = xx - x * x / count
    let slope = spread > 0 ? (xy - x * y / count) / spread : 0
    let start = (y - slope * x) / count
    return values.enumerated().map { $1 - start - slope * Double($0) }
  }
}
