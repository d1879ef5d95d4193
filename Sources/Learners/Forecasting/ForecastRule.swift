import Basics
import Modeling

/// How a forecasting algorithm goes on from what is known.
enum ForecastRule: Sendable {
  /// The value one season before.
  case seasonalNaive(period: Int)
  /// Exponential smoothing, one for each series.
  case smoothing([SmoothingModel])
  /// Boosted trees on lags, one for all series.
  case boosted(BoostedRule)

  var period: Int {
    switch self {
    case .seasonalNaive(let period): period
    case .smoothing(let models): models.map(\.period).max() ?? 1
    case .boosted(let rule): rule.period
    }
  }

  /// The next `steps` values after `values`, scaled; the first ones do not depend on `steps`.
  func path(_ values: [Double], _ place: SeriesPlace, steps: Int) throws -> [Double] {
    switch self {
    case .seasonalNaive(let period):
      let season = Self.lastSeason(values, period)
      return (0..<steps).map { season[$0 % period] }
    case .smoothing(let models): return models[place.series].path(values, steps: steps)
    case .boosted(let rule): return try rule.paths([values], place, steps: steps)[0]
    }
  }

  /// The same for several beginnings at once.
  func paths(_ histories: [[Double]], _ place: SeriesPlace, steps: Int) throws -> [[Double]] {
    if case .boosted(let rule) = self { return try rule.paths(histories, place, steps: steps) }
    return try histories.map { try path($0, place, steps: steps) }
  }

  /// What would have been said of each value one step before.
  func fitted(_ values: [Double], _ place: SeriesPlace) throws -> [Double] {
    switch self {
    case .seasonalNaive(let period):
      var season = [Double](repeating: .nan, count: period)
      var last = values.first ?? 0
      return values.indices.map { index in
        let said = season[index % period].isNaN ? last : season[index % period]
        if !values[index].isNaN { (season[index % period], last) = (values[index], values[index]) }
        return said
      }
    case .smoothing(let models): return models[place.series].fitted(values)
    case .boosted(let rule): return try rule.fitted(values, place)
    }
  }

  /// For each phase that follows `values`, the last value known of it; else the last value known at all.
  private static func lastSeason(_ values: [Double], _ period: Int) -> [Double] {
    let last = values.last { !$0.isNaN } ?? 0
    return (0..<period).map { phase in
      var place = values.count + phase - period
      while place >= 0, values[place].isNaN { place -= period }
      return place >= 0 ? values[place] : last
    }
  }
}

/// Which series is meant and where on the grid its first value is.
struct SeriesPlace: Sendable {
  let series: Int
  let start: Int
  let grid: TimeGrid
}
