import Basics
import Frames
import Modeling

/// Boosted trees on what is known at an origin: how far a later value will be from the mean of the last season, in
/// units of the series' spread.
struct BoostedRule: Sendable {
  let period: Int
  let lagCount: Int
  /// Spread of each series.
  let spreads: [Double]
  /// One model for each step ahead; further steps start again from forecasts.
  let models: [TreeEnsemble]

  var iterationCount: Int? { models.first?.iterationCount }

  init(period: Int, lagCount: Int, spreads: [Double], models: [TreeEnsemble]) {
    (self.period, self.lagCount, self.spreads, self.models) = (period, lagCount, spreads, models)
  }

  init(_ settings: BoostedLags, _ data: SeriesData, period: Int, _ context: FitContext) throws {
    self.period = period
    lagCount = settings.lagCount
    spreads = data.values.map { HorizonErrors.spread($0, period) }
    let features = LagFeatures(period: period, lagCount: settings.lagCount)
    let spreads = spreads
    models = try (1...settings.directSteps).map { ahead in
      var rows = LagRows(features)
      var target: [Double] = []
      for (series, values) in data.values.enumerated() {
        let place = SeriesPlace(series: series, start: data.starts[series], grid: data.grid)
        let first = min(period, values.count / 3) + ahead
        guard first < values.count else { continue }
        for index in first..<values.count where !values[index].isNaN {
          let center = rows.add(values, origin: index - ahead, target: index, place, spread: spreads[series])
          target.append((values[index] - center) / spreads[series])
        }
      }
      guard !target.isEmpty else {
        throw MLError(
          .invalidData, "boosted-lags: needs longer series; none has more than \(ahead) rows to learn from.",
          hint: "Use seasonal-naive, or lower 'direct_steps'.")
      }
      try context.checkCancellation()
      var trees = settings.trees
      trees.minimumRowsPerLeaf = max(2, min(20, target.count / 20))
      return try trees.fit(
        TrainingData(frame: try rows.frame(spreads.count), target: .values(target)), in: context.derived(ahead))
    }
  }

  /// The next `steps` values after each of `histories`.
  func paths(_ histories: [[Double]], _ place: SeriesPlace, steps: Int) throws -> [[Double]] {
    let features = LagFeatures(period: period, lagCount: lagCount)
    var known = histories
    var made = 0
    while made < steps {
      let block = min(models.count, steps - made)
      var next = [[Double]](repeating: [], count: known.count)
      for ahead in 1...block {
        var rows = LagRows(features)
        let centers = known.map {
          rows.add($0, origin: $0.count - 1, target: $0.count - 1 + ahead, place, spread: spreads[place.series])
        }
        let said = try models[ahead - 1].predict(rows.frame(spreads.count)).values ?? []
        for index in known.indices { next[index].append(centers[index] + said[index] * spreads[place.series]) }
      }
      for index in known.indices { known[index] += next[index] }
      made += block
    }
    return zip(known, histories).map { Array($0[$1.count...]) }
  }

  /// What the first step's model says of each value; the first value stands for itself.
  func fitted(_ values: [Double], _ place: SeriesPlace) throws -> [Double] {
    guard values.count > 1 else { return values }
    var rows = LagRows(LagFeatures(period: period, lagCount: lagCount))
    let spread = spreads[place.series]
    let centers = (1..<values.count).map { rows.add(values, origin: $0 - 1, target: $0, place, spread: spread) }
    let said = try models[0].predict(rows.frame(spreads.count)).values ?? []
    return [values[0]] + zip(centers, said).map { $0 + $1 * spread }
  }

  func write(to archive: inout ArchiveWriter) throws {
    archive.set("lag_count", .integer(Int64(lagCount)))
    archive.set("model_count", .integer(Int64(models.count)))
    archive.add("tree_spreads", doubles: spreads)
    for (index, model) in models.enumerated() { try archive.scoped("trees/\(index)") { try model.write(to: &$0) } }
  }

  init(from archive: ArchiveReader, period: Int, seriesCount: Int) throws {
    self.period = period
    lagCount = try archive.integer("lag_count")
    let count = try archive.integer("model_count")
    spreads = try archive.doubles("tree_spreads")
    guard (1...1000).contains(lagCount), (1...1000).contains(count), spreads.count == seriesCount,
      spreads.allSatisfy({ $0.isFinite && $0 > 0 })
    else { throw archive.corrupt("holds a forecaster whose parts do not fit together") }
    models = try (0..<count).map { try TreeEnsemble(from: archive.scoped("trees/\($0)")) }
    let names = LagFeatures(period: period, lagCount: lagCount).names + ["series"]
    for model in models {
      guard model.schema.names.allSatisfy(names.contains) else {
        throw archive.corrupt("holds trees that ask for other features")
      }
    }
  }
}

/// What trees see of a series at an origin.
struct LagFeatures: Sendable {
  let period: Int
  let lagCount: Int
  /// Values whose mean everything is measured from.
  private var window: Int { period > 1 ? period : 8 }

  init(period: Int, lagCount: Int) { (self.period, self.lagCount) = (period, lagCount) }

  var names: [String] {
    (1...lagCount).map { "lag_\($0)" }
      + [
        "season_1", "season_2", "mean_3", "mean_window", "mean_before", "spread_window", "phase", "hour", "weekday",
        "day", "month",
      ]
  }

  /// The mean of the last window, and all features of `target` as seen from `origin`.
  func row(
    _ values: [Double], origin: Int, target: Int, _ place: SeriesPlace, spread: Double
  ) -> (center: Double, features: [Double]) {
    let last = known(values, origin + 1 - window, origin + 1)
    let center = last.mean.isNaN ? (values[...origin].last { !$0.isNaN } ?? 0) : last.mean
    func scaled(_ value: Double) -> Double { (value - center) / spread }
    func at(_ index: Int) -> Double { index >= 0 && index <= origin ? scaled(values[index]) : .nan }
    var out = (1...lagCount).map { at(origin + 1 - $0) }
    let seasons = (target - origin + period - 1) / period
    out += [at(target - seasons * period), at(target - (seasons + 1) * period)]
    out += [scaled(known(values, origin - 2, origin + 1).mean), scaled(last.mean)]
    out += [scaled(known(values, origin + 1 - 2 * window, origin + 1 - window).mean), last.deviation / spread]
    let moment = place.grid.moment(at: place.start + target)
    let (days, rest) = TimeGrid.split(moment)
    let date = Timestamp.civil(days: days)
    out += [Double((place.start + target) % period), Double(rest) / 3.6e9, Double(((days + 3) % 7 + 7) % 7)]
    return (center, out + [Double(date.day), Double(date.month)])
  }

  /// Mean and mean absolute deviation of what is known in a range; NaN for none.
  private func known(_ values: [Double], _ first: Int, _ end: Int) -> (mean: Double, deviation: Double) {
    guard end > max(0, first) else { return (.nan, .nan) }
    let part = values[max(0, first)..<end].filter { !$0.isNaN }
    guard !part.isEmpty else { return (.nan, .nan) }
    let mean = part.reduce(0, +) / Double(part.count)
    return (mean, part.reduce(0) { $0 + abs($1 - mean) } / Double(part.count))
  }
}

/// Rows of features, gathered column by column.
struct LagRows {
  private let features: LagFeatures
  private var columns: [[Double]]
  private var series: [Int32] = []

  init(_ features: LagFeatures) {
    self.features = features
    columns = Array(repeating: [], count: features.names.count)
  }

  /// Adds a row; returns what its target is measured from.
  mutating func add(
    _ values: [Double], origin: Int, target: Int, _ place: SeriesPlace, spread: Double
  ) -> Double {
    let (center, row) = features.row(values, origin: origin, target: target, place, spread: spread)
    for (index, value) in row.enumerated() { columns[index].append(value) }
    series.append(Int32(place.series))
    return center
  }

  /// The rows; with the series as a category where there are several.
  func frame(_ seriesCount: Int) throws -> Frame {
    var named = zip(features.names, columns).map { ($0, Column(numbers: $1)) }
    if seriesCount > 1 {
      named.append(("series", Column(.category(codes: series, levels: (0..<seriesCount).map(String.init)))))
    }
    return try Frame(named)
  }
}
