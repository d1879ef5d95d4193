import Basics
import Frames
import Kernels
import Modeling

/// Least and greatest training value of each bin of a number, so that cuts fall where values lie.
struct BinValues: Sendable {
  /// By code; ±infinity in bins without a finite value.
  private var low = [Double](repeating: .infinity, count: 256)
  private var high = [Double](repeating: -.infinity, count: 256)
  /// Position of each code: the one value its bin holds, or the middle of those it holds.
  private(set) var points: [Double] = (0..<256).map { Double($0) }
  private let bounds: [Double]

  /// Bins of one feature with these training values.
  init(_ feature: TreeFeature, _ values: [Double]) {
    guard case .numbers(let bounds) = feature.coding else {
      self.bounds = []
      return
    }
    self.bounds = bounds
    for value in values where value.isFinite {
      let code = min(255, 1 + bounds.partitioningIndex { $0 >= value })
      low[code] = min(low[code], value)
      high[code] = max(high[code], value)
    }
    var out = points
    var last = -Double.greatestFiniteMagnitude
    for code in 1..<256 {
      // A bin of infinite values alone lies beyond the rest.
      if low[code] <= high[code] { last = low[code] / 2 + high[code] / 2 }
      out[code] = last
    }
    let isTooWide = !(out[255] - (out.dropFirst().first { $0 > -.greatestFiniteMagnitude } ?? 0)).isFinite
    if !isTooWide { points = out }
  }

  /// Raw value up to which rows with codes up to `code` go left, `share` of the way to the next value of training;
  /// `share` below 0: halfway.
  func threshold(after code: Int, share: Double) -> Double {
    guard code > 0, code <= bounds.count else { return .infinity }
    let plain = bounds[code - 1]
    guard share >= 0, code < 255, let below = (1...code).last(where: { high[$0] > -.infinity }),
      let above = (code + 1..<256).first(where: { low[$0] < .infinity })
    else { return plain }
    let cut = high[below] + (low[above] - high[below]) * share
    return cut >= high[below] && cut < low[above] ? cut : plain
  }

  /// Those of every feature.
  static func all(_ frame: Frame, _ features: TreeFeatures, _ workers: Workers) throws -> [BinValues] {
    let values = try FeatureTable(frame, features.schema, features.features).columns
    return try workers.map(features.features.count) { BinValues(features.features[$0], values[$0]) }
  }
}
