import Basics

/// How far forecasts were off, by how many steps ahead: what intervals are made of.
///
/// Errors come from rolling origins inside the training rows and are divided by each series' own spread (mean
/// absolute change from season to season), so that all series share one table. An interval of coverage `c` reaches
/// the `⌈(n + 1) · c⌉`-th smallest of `n` absolute errors of its step (split conformal). Beyond the steps that were
/// measured the reach goes on growing as it did over the second half of them.
///
/// - Source: Vovk, Gammerman and Shafer, *Algorithmic learning in a random world*, 2005; Stankevičiūtė, Alaa and van
///   der Schaar, *Conformal time-series forecasting*, NeurIPS 2021, for one table a step.
struct HorizonErrors: Sendable, Hashable {
  /// Ascending scaled absolute errors for each step ahead.
  var steps: [[Double]]
  /// Spread of each series, scaled as its values are.
  var spreads: [Double]

  static let originLimit = 200

  init(steps: [[Double]], spreads: [Double]) { (self.steps, self.spreads) = (steps, spreads) }

  /// Forecasts of `rule` from origins in `data`, positions from `share` of each series on.
  init(_ rule: ForecastRule, _ data: SeriesData, from share: Double, _ workers: Workers) throws {
    let period = rule.period
    let spreads = data.values.map { Self.spread($0, period) }
    let longest = data.values.map(\.count).max() ?? 1
    let horizon = max(1, min(max(2 * period, 24), 400, longest / 5))
    let perSeries = max(4, Self.originLimit / max(1, data.values.count))
    let found = try workers.map(data.values.count) { series -> [[Double]] in
      var out = [[Double]](repeating: [], count: horizon)
      let values = data.values[series]
      let place = SeriesPlace(series: series, start: data.starts[series], grid: data.grid)
      let first = max(2, min(Int(Double(values.count) * share), values.count - 1))
      guard first < values.count else { return out }
      let stride = max(1, (values.count - first) / perSeries)
      let origins = Array(Swift.stride(from: first, to: values.count, by: stride))
      let paths = try rule.paths(origins.map { Array(values[..<$0]) }, place, steps: min(horizon, values.count - first))
      for (origin, path) in zip(origins, paths) {
        for (step, said) in path.enumerated() where origin + step < values.count {
          let error = abs(said - values[origin + step]) / spreads[series]
          if error.isFinite { out[step].append(error) }
        }
      }
      return out
    }
    var steps = (0..<horizon).map { step in found.flatMap { $0[step] }.sorted() }
    while steps.count > 1, (steps.last?.count ?? 0) < 5 { steps.removeLast() }
    self.init(steps: steps.map(Self.thinned), spreads: spreads)
  }

  /// At most 200 of the sorted errors, evenly spread by rank, the largest among them.
  private static func thinned(_ sorted: [Double]) -> [Double] {
    guard sorted.count > originLimit else { return sorted }
    return (1...originLimit).map { sorted[$0 * sorted.count / originLimit - 1] }
  }

  /// Mean absolute change from season to season, else from value to value; 1 where nothing changes.
  static func spread(_ values: [Double], _ period: Int) -> Double {
    for lag in Set([period, 1]).sorted(by: >) where values.count > lag {
      let changes = (lag..<values.count).map { abs(values[$0] - values[$0 - lag]) }.filter { !$0.isNaN }
      let mean = changes.reduce(0, +) / Double(max(1, changes.count))
      if mean > 0 { return mean }
    }
    return 1
  }

  /// Half the width of the interval of `series`, `ahead` steps ahead (1 = the next), scaled.
  func reach(_ series: Int, ahead: Int, coverage: Double) -> Double {
    guard ahead > steps.count else { return quantile(ahead - 1, coverage) * spreads[series] }
    let last = quantile(steps.count - 1, coverage)
    let middle = quantile((steps.count - 1) / 2, coverage)
    let growth = middle > 0 && steps.count > 3 ? Mathematics.log(max(1, last / middle)) / Mathematics.log(2) : 0
    return last * Mathematics.pow(Double(ahead) / Double(steps.count), min(1, growth)) * spreads[series]
  }

  private func quantile(_ step: Int, _ coverage: Double) -> Double {
    let errors = steps[step]
    guard let largest = errors.last else { return 1 }
    let rank = Int((Double(errors.count + 1) * coverage).rounded(.up))
    return rank > errors.count ? largest : errors[max(0, rank - 1)]
  }

  func write(to archive: inout ArchiveWriter) {
    archive.add("error_counts", int64s: steps.map { Int64($0.count) })
    archive.add("errors", doubles: steps.flatMap { $0 })
    archive.add("spreads", doubles: spreads)
  }

  init(from archive: ArchiveReader, seriesCount: Int) throws {
    let counts = try archive.int64s("error_counts")
    let errors = try archive.doubles("errors")
    spreads = try archive.doubles("spreads")
    let isSound = !counts.isEmpty && counts.allSatisfy { $0 >= 0 && $0 <= Int64(errors.count) }
    guard isSound, counts.count <= 100_000, counts.reduce(0, +) == Int64(errors.count),
      errors.allSatisfy({ $0.isFinite && $0 >= 0 }), spreads.count == seriesCount,
      spreads.allSatisfy({ $0.isFinite && $0 > 0 })
    else { throw archive.corrupt("holds forecast errors that do not fit together") }
    var start = 0
    steps = counts.map { count in
      defer { start += Int(count) }
      return Array(errors[start..<(start + Int(count))])
    }
    guard steps.allSatisfy({ zip($0, $0.dropFirst()).allSatisfy { $0 <= $1 } }) else {
      throw archive.corrupt("holds forecast errors that are not in order")
    }
  }
}
