public import Basics
public import Frames
public import Modeling

/// Puts number columns on one scale; missing cells stay missing.
///
/// A constant column becomes 0. Infinite cells are taken as the nearest finite value seen in training.
public struct Scale: Transform {
  /// What the scale is measured by.
  public enum Method: String, Sendable, Hashable, Codable, CaseIterable {
    /// Mean 0, standard deviation 1 (divisor: rows).
    case standard
    /// Median 0, interquartile range 1.
    case robust
    /// Rank in training, `0 ... 1`, linear between percentiles.
    case quantile
  }

  /// Name, settings and source.
  public static let card = Card(
    name: "scale", summary: "Puts number columns on one scale.",
    hyperparameters: [
      .init("columns", "Columns to scale; empty: all it applies to.", .texts),
      .init("method", "What the scale is measured by.", .choice(Method.allCases.map(\.rawValue))),
      .init("spread", "Spread that columns get by 'standard' and 'robust'.", .real(1e-3...1e3, logarithmic: true)),
    ], source: "scikit-learn StandardScaler, RobustScaler, QuantileTransformer")

  /// Columns to scale; empty: all it applies to.
  public var columns: [String]
  /// What the scale is measured by.
  public var method: Method
  /// Standard deviation or interquartile range that columns get; a quantile scale is always `0 ... 1`.
  public var spread: Double

  enum CodingKeys: String, CodingKey { case columns, method, spread }

  /// Standard scale of every number column.
  public init() { self.init(columns: []) }

  /// Scales `columns` (empty: all it applies to).
  public init(columns: [String] = [], method: Method = .standard, spread: Double = 1) {
    self.columns = columns
    self.method = method
    self.spread = spread
  }

  /// Learns centre and spread, or percentiles, of each column.
  public func fit(_ frame: Frame, target: Target?, in context: FitContext) throws -> FittedScale {
    let fields = try ColumnChoice.fields(
      columns, in: frame.schema, kinds: [.number, .integer, .boolean], step: Self.card.name)
    let entries = try context.workers.map(fields.count) { index in
      let name = fields[index].name
      return self.entry(name, OrderStatistics.finite(try frame.numbers(name, step: Self.card.name)))
    }
    return try FittedScale(fields, entries)
  }

  /// Fits, and applies what was learnt on the threads of the context.
  public func fitTransform(_ frame: Frame, target: Target?, in context: FitContext) throws -> (FittedScale, Frame) {
    let fitted = try fit(frame, target: target, in: context)
    return (fitted, try fitted.transform(frame, on: context.workers))
  }

  private func entry(_ name: String, _ finite: [Double]) -> FittedScale.Entry {
    let (lowest, highest) = OrderStatistics.range(finite)
    var entry = FittedScale.Entry(
      name: name, center: 0, spread: 1, lowest: lowest, highest: highest, knots: [])
    guard !finite.isEmpty else { return entry }
    switch method {
    case .standard: (entry.center, entry.spread) = Self.moments(finite)
    case .robust:
      let quartiles = OrderStatistics.quantiles(finite, [0.25, 0.5, 0.75])
      entry.center = quartiles[1]
      entry.spread = quartiles[2] - quartiles[0]
    case .quantile: entry.knots = OrderStatistics.quantiles(finite, (0...100).map { Double($0) / 100 })
    }
    if !(entry.spread > 0) || entry.lowest == entry.highest { entry.spread = 1 }
    if method != .quantile { entry.spread /= spread }
    if !entry.spread.isFinite { entry.spread = .greatestFiniteMagnitude }
    return entry
  }

  /// Mean and standard deviation, both independent of row order.
  static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let count = Double(values.count)
    var sum = ExactSum()
    for value in values { sum.add(value) }
    let mean = sum.value / count
    var squares = ExactSum()
    for value in values {
      let distance = value - mean
      squares.add(min(distance * distance, .greatestFiniteMagnitude / count))
    }
    return (mean, (squares.value / count).squareRoot())
  }
}

/// Scales learnt by `Scale`.
public struct FittedScale: FittedTransform {
  struct Entry: Sendable, Hashable, Codable {
    var name: String
    var center: Double
    var spread: Double
    var lowest: Double
    var highest: Double
    var knots: [Double]
    enum CodingKeys: String, CodingKey { case name, center, spread, lowest, highest, knots }
  }

  /// Columns it reads.
  public let input: Schema
  /// The same columns as numbers.
  public let output: Schema
  let entries: [Entry]

  private let route = FrameRoute()

  enum CodingKeys: String, CodingKey { case input, output, entries }

  init(_ fields: [Field], _ entries: [Entry]) throws {
    input = try Schema(fields)
    output = try Schema(fields.map { Field($0.name, .number, mayBeMissing: $0.mayBeMissing) })
    self.entries = entries
  }

  /// Scales every value.
  public func transform(_ frame: Frame) throws -> Frame { try transform(frame, on: nil) }

  func transform(_ frame: Frame, on workers: Workers?) throws -> Frame {
    let route = try route.route(of: frame, reading: entries.map(\.name), input, output)
    let made = try columns(entries.count, on: workers) { index in
      var values = try frame.columns[route.inputs[index]].numbers(entries[index].name, step: Scale.card.name)
      entries[index].apply(to: &values)
      return Column(numbers: values)
    }
    return try frame.replacing(route, made)
  }
}

extension FittedScale.Entry {
  fileprivate func apply(to values: inout [Double]) {
    for row in values.indices where values[row].isInfinite { values[row] = values[row] > 0 ? highest : lowest }
    if knots.isEmpty {
      for row in values.indices { values[row] = (values[row] - center) / spread }
      for row in values.indices where values[row].isInfinite {
        values[row] = (values[row] > 0 ? 1 : -1) * Double.greatestFiniteMagnitude
      }
    } else {
      for row in values.indices where !values[row].isNaN { values[row] = rank(values[row]) }
    }
  }

  /// Share of training values below `value`; the middle of a stretch of equal percentiles.
  private func rank(_ value: Double) -> Double {
    let upper = knots.partitioningIndex { $0 > value }
    let lower = knots.partitioningIndex { $0 >= value }
    let last = Double(max(1, knots.count - 1))
    if lower < upper { return (Double(lower) + Double(upper - 1)) / 2 / last }
    if lower == 0 { return 0 }
    if lower == knots.count { return 1 }
    let (a, b) = (knots[lower - 1], knots[lower])
    return (Double(lower - 1) + (value - a) / (b - a)) / last
  }
}

extension [Double] {
  /// First index whose element satisfies `belongs`, when all that do stand at the end.
  fileprivate func partitioningIndex(_ belongs: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
