public import Basics
public import Modeling

/// Says what was one season before: what any forecaster must beat.
///
/// The season is given or found by autocorrelation; without one it says the last value. Where the value of a season
/// before is missing, the season before that counts. Columns besides moments and series names are not used. Several
/// rows at one moment count as their mean; gaps stay gaps; irregular moments are put on a grid of the most frequent
/// distance.
public struct SeasonalNaive: Estimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "seasonal-naive", summary: "Forecasts what was one season before: what a forecaster must beat.",
    tasks: [.forecasting], capabilities: [.weights], hyperparameters: ForecastSettings.columns,
    source: "Hyndman and Athanasopoulos, Forecasting: principles and practice, 3rd edition, section 5.2")

  /// Column of moments; empty: found by itself.
  public var time = ""
  /// Column of series names; empty: found by itself.
  public var series = ""
  /// Steps in a season; 0: found by autocorrelation.
  public var period = 0

  enum CodingKeys: String, CodingKey { case time, series, period }

  /// Finds the season by itself.
  public init() {}

  /// Finds the season and measures errors.
  ///
  /// - Throws: `.schemaMismatch` without a time column, `.invalidParameter`, `.invalidData` for classes or no rows,
  ///    `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> SeriesModel {
    try context.checkCancellation()
    try Configuration.validate(self)
    let known = try SeriesData(data, time: time, series: series, owner: Self.card.name)
    let rule = ForecastRule.seasonalNaive(period: ForecastSettings.period(period, known))
    try context.checkCancellation()
    return try SeriesModel(known, rule: rule, errors: HorizonErrors(rule, known, from: 0.3, context.workers))
  }
}
