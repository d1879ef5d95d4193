public import Basics
public import Modeling

/// Exponential smoothing with error, trend and season chosen for each series by Akaike's criterion (ETS).
///
/// Tried are additive and multiplicative errors, no, additive and damped trend, no, additive and multiplicative
/// season (the last with multiplicative errors only; multiplicative forms for positive series only). The season is
/// given or found by autocorrelation; it must fit twice into a series to be used there. Parameters and start states
/// are found by a deterministic search. A missing value leaves the state to drift. Columns besides moments and series
/// names are not used; moments as in `SeasonalNaive`. Intervals come from backtests with the parameters of the whole
/// series.
///
/// - Source: Hyndman, Koehler, Ord and Snyder, *Forecasting with exponential smoothing: the state space approach*,
///   2008.
public struct ExponentialSmoothing: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "exponential-smoothing", summary: "Level, trend and season that follow the data: strong for single series.",
    tasks: [.forecasting], capabilities: [.weights],
    hyperparameters: ForecastSettings.columns + [
      .init("error", "How errors enter; automatic: by the criterion.", .choice(choices(SmoothingForm.Error.self))),
      .init("trend", "Kind of trend; automatic: by the criterion.", .choice(choices(SmoothingForm.Trend.self))),
      .init("season", "Kind of season; automatic: by the criterion.", .choice(choices(SmoothingForm.Season.self))),
    ], source: "Hyndman, Koehler, Ord and Snyder, Forecasting with exponential smoothing, 2008; statsmodels ETSModel")

  private static func choices<T: RawRepresentable & CaseIterable>(_ type: T.Type) -> [String]
  where T.RawValue == String {
    ["automatic"] + type.allCases.map(\.rawValue)
  }

  /// Column of moments; empty: found by itself.
  public var time = ""
  /// Column of series names; empty: found by itself.
  public var series = ""
  /// Steps in a season; 0: found by autocorrelation.
  public var period = 0
  /// `automatic`, `additive` or `multiplicative`.
  public var error = "automatic"
  /// `automatic`, `none`, `additive` or `damped`.
  public var trend = "automatic"
  /// `automatic`, `none`, `additive` or `multiplicative`.
  public var season = "automatic"

  enum CodingKeys: String, CodingKey { case time, series, period, error, trend, season }

  /// Everything by the criterion.
  public init() {}

  /// Fits all forms that are allowed to each series and keeps the best.
  ///
  /// - Throws: `.schemaMismatch` without a time column, `.invalidParameter`, `.invalidData` for classes, no rows, or
  ///   a series that no allowed form can follow, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> SeriesModel {
    try context.checkCancellation()
    try Configuration.validate(self)
    let known = try SeriesData(data, time: time, series: series, owner: Self.card.name)
    let period = ForecastSettings.period(self.period, known)
    let tasks = known.values.indices.flatMap { series in forms(known.values[series], period).map { (series, $0) } }
    let found = try context.workers.map(tasks.count) { index -> (model: SmoothingModel, criterion: Double)? in
      try context.checkCancellation()
      let (series, form) = tasks[index]
      let model = SmoothingFit(values: known.values[series], form: form, period: period).best()
      return model.map { ($0, $0.criterion(known.values[series])) }
    }
    var best = [(model: SmoothingModel, criterion: Double)?](repeating: nil, count: known.values.count)
    for (task, result) in zip(tasks, found) {
      guard let result else { continue }
      if let present = best[task.0], present.criterion <= result.criterion { continue }
      best[task.0] = result
    }
    let models = try best.enumerated().map { index, entry in
      guard let entry else {
        throw MLError(
          .invalidData,
          "exponential-smoothing: no allowed form can follow series \(index + 1) of \(known.names.count).",
          hint: "Leave 'error', 'trend' and 'season' out; multiplicative forms need positive numbers.")
      }
      return entry.model
    }
    let rule = ForecastRule.smoothing(models)
    return try SeriesModel(known, rule: rule, errors: HorizonErrors(rule, known, from: 0.5, context.workers))
  }

  /// Forms to try for a series, simplest first.
  private func forms(_ values: [Double], _ period: Int) -> [SmoothingForm] {
    let isPositive = values.allSatisfy { $0.isNaN || $0 > 0 }
    let isSeasonal = period > 1 && values.count >= 2 * period && values.count > period + 4
    var out: [SmoothingForm] = []
    for season in SmoothingForm.Season.allCases where self.season == "automatic" || self.season == season.rawValue {
      for trend in SmoothingForm.Trend.allCases where self.trend == "automatic" || self.trend == trend.rawValue {
        for error in SmoothingForm.Error.allCases where self.error == "automatic" || self.error == error.rawValue {
          if season != .none, !isSeasonal { continue }
          if season == .multiplicative, error == .additive { continue }
          if season == .multiplicative || error == .multiplicative, !isPositive { continue }
          if trend != .none, values.count < 4 { continue }
          out.append(SmoothingForm(error: error, trend: trend, season: season))
        }
      }
    }
    return out
  }
}
