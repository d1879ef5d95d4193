import Basics
public import Modeling

extension SeriesModel: DecomposableForecaster {
  /// Level, trend and season of exponential smoothing; the value one season before; what lags, seasons, recent means
  /// and the calendar add in boosted trees (exact TreeSHAP, summed by kind).
  public func components(steps: Int) throws -> [[[AnswerPart]]] {
    let forecasts = try forecast(steps: steps, coverage: 0.9)
    return try names.indices.map { series in
      let place = SeriesPlace(series: series, start: starts[series], grid: grid)
      let parts = try rule.components(values[series], place, steps: steps)
      return zip(parts, forecasts[series].values).map { parts, said in
        let scaled = parts.map { AnswerPart(name: $0.name, value: $0.value * scales[series]) }
        let sum = scaled.reduce(0) { $0 + $1.value }
        // Where nothing finite came out the last known value answers.
        return sum.isFinite ? scaled : [AnswerPart(name: "last value", value: said)]
      }
    }
  }
}

extension ForecastRule {
  /// Parts of the next `steps` values after `values`, scaled.
  func components(_ values: [Double], _ place: SeriesPlace, steps: Int) throws -> [[AnswerPart]] {
    switch self {
    case .seasonalNaive(let period):
      let name = period > 1 ? "same moment one season before" : "last value"
      return try path(values, place, steps: steps).map { [AnswerPart(name: name, value: $0)] }
    case .smoothing(let models): return models[place.series].components(values, steps: steps)
    case .boosted(let rule): return try rule.components(values, place, steps: steps)
    }
  }
}

extension SmoothingModel {
  /// Level at the last value, what the trend has added since, and the season's share; a season that multiplies has the
  /// share it changes the rest by.
  func components(_ values: [Double], steps: Int) -> [[AnswerPart]] {
    var state = start
    _ = run(values, from: &state) { _, _, _ in }
    let level = state.level
    return (0..<steps).map { step in
      let phase = (values.count + step) % period
      let base = state.level + damping * state.slope
      var parts = [AnswerPart(name: "level", value: level)]
      if form.trend != .none { parts.append(.init(name: "trend", value: base - level)) }
      switch form.season {
      case .none: break
      case .additive: parts.append(.init(name: "season", value: state.season[phase]))
      case .multiplicative: parts.append(.init(name: "season", value: base * (state.season[phase] - 1)))
      }
      state.level = base
      state.slope *= damping
      return parts
    }
  }
}

extension BoostedRule {
  /// Kinds of features, in the order they are listed.
  private static let kinds = ["lags", "season", "recent", "calendar", "series"]

  private static func kind(_ feature: String) -> String {
    if feature.hasPrefix("lag_") { return "lags" }
    if feature.hasPrefix("season_") || feature == "phase" { return "season" }
    if feature.hasPrefix("mean_") || feature.hasPrefix("spread_") { return "recent" }
    return feature == "series" ? "series" : "calendar"
  }

  /// The mean of the last season with what trees expect, then what each kind of feature adds; steps beyond the models
  /// start again from forecasts, as `paths` does.
  func components(_ values: [Double], _ place: SeriesPlace, steps: Int) throws -> [[AnswerPart]] {
    let features = LagFeatures(period: period, lagCount: lagCount)
    let spread = spreads[place.series]
    var known = values
    var out: [[AnswerPart]] = []
    while out.count < steps {
      var next: [Double] = []
      for ahead in 1...min(models.count, steps - out.count) {
        var rows = LagRows(features)
        let center = rows.add(
          known, origin: known.count - 1, target: known.count - 1 + ahead, place, spread: spread)
        let found = try models[ahead - 1].contributions(rows.frame(spreads.count), background: nil)
        guard found.link == .identity, found.outputs.count == 1 else {
          throw MLError(.internalFailure, "components: trees of a forecaster must say numbers.")
        }
        var sums: [String: Double] = [:]
        for (feature, share) in zip(found.features, found.shares(row: 0, output: 0)) {
          sums[Self.kind(feature.field), default: 0] += share * spread
        }
        let parts =
          [AnswerPart(name: "level", value: center + found.baseline[0] * spread)]
          + Self.kinds.compactMap { kind in sums[kind].map { AnswerPart(name: kind, value: $0) } }
        next.append(parts.reduce(0) { $0 + $1.value })
        out.append(parts)
      }
      known += next
    }
    return out
  }
}
