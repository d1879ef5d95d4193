public import Basics
public import Modeling

/// Gradient-boosted trees on lags, rolling means and the calendar, one model for all series.
///
/// A value is learnt as its distance from the mean of the last season (8 steps without a season) in units of the
/// series' own spread, so that trends and series of any size can be followed. With `direct_steps` = 1 the forecast is
/// recursive: each step uses the ones before. With more, each of the first so many steps has a model of its own. Gaps
/// are missing lags. Columns besides moments and series names are not used; moments as in `SeasonalNaive`. Intervals
/// come from a second model that saw only the first 70 % of each series.
///
/// - Source: Januschowski et al., *Forecasting with trees*, International Journal of Forecasting 38(4), 2022;
///   Ben Taieb et al., *A review and comparison of strategies for multi-step ahead time series forecasting*, 2012.
public struct BoostedLags: IterativeEstimator {
  /// Name, settings and source.
  public static let card = Card(
    name: "boosted-lags", summary: "Boosted trees on lags and the calendar: strong for long and for many series.",
    tasks: [.forecasting], capabilities: [.weights],
    hyperparameters: ForecastSettings.columns + [
      .init(
        "lag_count", "Last values each forecast looks at.", .integer(1...1000, logarithmic: true),
        search: .integer(3...60, logarithmic: true)),
      .init(
        "direct_steps", "Steps ahead with a model of their own; 1: recursive.", .integer(1...400, logarithmic: true)),
      .init(
        "iteration_count", "Trees of each model.", .integer(1...100_000, logarithmic: true),
        search: .integer(50...1000, logarithmic: true)),
      .init(
        "learning_rate", "Share of each tree's step that is taken.", .real(1e-6...1, logarithmic: true),
        search: .real(0.01...0.3, logarithmic: true)),
      .init(
        "leaf_count", "Leaves a tree has at most.", .integer(2...65536, logarithmic: true),
        search: .integer(4...63, logarithmic: true)),
    ], source: "Januschowski et al., Forecasting with trees, International Journal of Forecasting 38(4), 2022")

  /// Column of moments; empty: found by itself.
  public var time = ""
  /// Column of series names; empty: found by itself.
  public var series = ""
  /// Steps in a season; 0: found by autocorrelation.
  public var period = 0
  /// Last values each forecast looks at.
  public var lagCount = 12
  /// Steps ahead with a model of their own.
  public var directSteps = 1
  /// Trees of each model.
  public var iterationCount = 150
  /// Share of each tree's step that is taken.
  public var learningRate = 0.05
  /// Leaves a tree has at most.
  public var leafCount = 15

  enum CodingKeys: String, CodingKey {
    case time, series, period
    case lagCount = "lag_count"
    case directSteps = "direct_steps"
    case iterationCount = "iteration_count"
    case learningRate = "learning_rate"
    case leafCount = "leaf_count"
  }

  /// Recursive, 150 trees.
  public init() {}

  /// The same settings with exactly `count` trees a model.
  public func withIterationCount(_ count: Int) -> BoostedLags {
    var copy = self
    copy.iterationCount = max(1, count)
    return copy
  }

  /// The trees' settings.
  var trees: GradientBoostedTrees {
    var out = GradientBoostedTrees()
    out.iterationCount = iterationCount
    out.learningRate = learningRate
    out.leafCount = leafCount
    out.earlyStoppingRounds = 0
    return out
  }

  /// Fits on the beginning to measure errors, then on everything.
  ///
  /// - Throws: `.schemaMismatch` without a time column, `.invalidParameter`, `.invalidData` for classes or series too
  ///    short to learn from, `.cancelled`.
  public func fit(_ data: TrainingData, in context: FitContext) throws -> SeriesModel {
    try context.checkCancellation()
    try Configuration.validate(self)
    let known = try SeriesData(data, time: time, series: series, owner: Self.card.name)
    let period = ForecastSettings.period(self.period, known)
    let rule = try BoostedRule(self, known, period: period, context)
    var quiet = context
    quiet.progress = { _ in }
    let early = known.truncated(0.7)
    let judged = (try? BoostedRule(self, early, period: period, quiet)) ?? rule
    try context.checkCancellation()
    return try SeriesModel(
      known, rule: .boosted(rule), errors: HorizonErrors(.boosted(judged), known, from: 0.7, context.workers))
  }
}
