import Basics

/// A member of the exponential smoothing family: how errors, trend and season enter.
package struct SmoothingForm: Sendable, Hashable {
  /// How the level moves on.
  package enum Trend: String, Sendable, Hashable, Codable, CaseIterable { case none, additive, damped }
  /// How the season enters.
  package enum Season: String, Sendable, Hashable, Codable, CaseIterable { case none, additive, multiplicative }
  /// How errors enter.
  package enum Error: String, Sendable, Hashable, Codable, CaseIterable { case additive, multiplicative }

  var error: Error
  var trend: Trend
  var season: Season

  /// Names a form.
  package init(error: Error, trend: Trend, season: Season) {
    (self.error, self.trend, self.season) = (error, trend, season)
  }

  /// Smoothing parameters: level, then trend, season, damping as far as there are any.
  var parameterCount: Int { 1 + (trend == .none ? 0 : 1) + (season == .none ? 0 : 1) + (trend == .damped ? 1 : 0) }

  /// Numbers estimated in all, the variance of the errors among them.
  func freedom(_ period: Int) -> Int {
    parameterCount + 1 + (trend == .none ? 0 : 1) + (season == .none ? 0 : period - 1) + 1
  }
}

/// Exponential smoothing in state space form with one source of error.
///
/// - Source: Hyndman, Koehler, Ord and Snyder, *Forecasting with exponential smoothing*, 2008, table 2.2 and 2.3.
package struct SmoothingModel: Sendable, Hashable {
  var form: SmoothingForm
  /// Positions in a season.
  var period: Int
  /// α, β, γ (in the book's error-correction form) and φ.
  var level: Double
  var trend: Double
  var season: Double
  var damping: Double
  /// State before the first value: level, slope, and the season's share of each phase, first value's phase first.
  var start: SmoothingState

  /// A model of `form` with α, β, γ, φ in this order.
  package init(form: SmoothingForm, period: Int, parameters: [Double], start: SmoothingState) {
    (self.form, self.period, self.start) = (form, period, start)
    (level, trend, season, damping) = (parameters[0], parameters[1], parameters[2], parameters[3])
  }

  /// Errors' sum of squares, the sum of `log |said|` (multiplicative errors), and how many values there were.
  struct Score: Sendable {
    var squares = 0.0
    var logs = 0.0
    var count = 0
    var isSound = true
  }

  /// Runs through `values`; `said` gets each value's one-step forecast. NaN values leave the state to drift.
  func run(_ values: [Double], from state: inout SmoothingState, said: (Int, Double, Double) -> Void) -> Score {
    var score = Score()
    for index in values.indices {
      let phase = index % period
      let forecast = expected(state, phase)
      let isKnown = !values[index].isNaN
      var error = isKnown ? values[index] - forecast : 0
      if form.error == .multiplicative {
        if !(forecast > 0) { score.isSound = false }
        error /= forecast
        if isKnown { score.logs += Mathematics.log(abs(forecast)) }
      }
      said(index, forecast, error)
      if isKnown {
        score.squares += error * error
        score.count += 1
      }
      advance(&state, phase, error)
    }
    if !(score.squares + score.logs).isFinite { score.isSound = false }
    return score
  }

  private func expected(_ state: SmoothingState, _ phase: Int) -> Double {
    let base = state.level + damping * state.slope
    switch form.season {
    case .none: return base
    case .additive: return base + state.season[phase]
    case .multiplicative: return base * state.season[phase]
    }
  }

  private func advance(_ state: inout SmoothingState, _ phase: Int, _ error: Double) {
    let base = state.level + damping * state.slope
    var (levelGain, slopeGain, seasonGain) = (level, trend, season)
    if form.error == .multiplicative {
      let size = form.season == .additive ? base + state.season[phase] : base
      (levelGain, slopeGain) = (level * size, trend * size)
      seasonGain = form.season == .additive ? season * size : season * (form.season == .none ? 0 : state.season[phase])
    }
    state.level = base + levelGain * error
    state.slope = damping * state.slope + slopeGain * error
    if form.season != .none { state.season[phase] += seasonGain * error }
  }

  /// What was said of each value one step before.
  package func fitted(_ values: [Double]) -> [Double] {
    var state = start
    var out = [Double](repeating: 0, count: values.count)
    _ = run(values, from: &state) { index, forecast, _ in out[index] = forecast }
    return out
  }

  /// The next `steps` values after `values`.
  package func path(_ values: [Double], steps: Int) -> [Double] {
    var state = start
    _ = run(values, from: &state) { _, _, _ in }
    return (0..<steps).map { step in
      let phase = (values.count + step) % period
      let forecast = expected(state, phase)
      advance(&state, phase, 0)
      return forecast
    }
  }

  /// Errors of `run` alone, 0 where a value is missing.
  func errors(_ values: [Double]) -> (errors: [Double], score: Score) {
    var state = start
    var out = [Double](repeating: 0, count: values.count)
    let score = run(values, from: &state) { index, _, error in out[index] = error }
    return (out, score)
  }

  /// Minus twice the log-likelihood but for constants: `n · log(Σ e²) + 2 Σ log |said|`; infinite for a bad state.
  func deviance(_ values: [Double]) -> Double {
    var state = start
    return Self.deviance(run(values, from: &state) { _, _, _ in })
  }

  static func deviance(_ score: Score) -> Double {
    guard score.isSound, score.count > 0 else { return .infinity }
    let count = Double(score.count)
    return count * Mathematics.log(max(score.squares, 1e-24 * count)) + 2 * score.logs
  }

  /// Log-likelihood with normal errors of the variance that fits best.
  package func logLikelihood(_ values: [Double]) -> Double {
    var state = start
    let score = run(values, from: &state) { _, _, _ in }
    let count = Double(score.count)
    let deviance = Self.deviance(score)
    return -0.5 * (deviance + count * (Mathematics.log(2 * .pi) + 1 - Mathematics.log(count)))
  }

  /// Akaike's criterion, corrected for short series; infinite when there are too few values.
  func criterion(_ values: [Double]) -> Double {
    let count = Double(values.count { !$0.isNaN })
    let freedom = Double(form.freedom(period))
    guard count - freedom - 1 > 0 else { return .infinity }
    return 2 * freedom - 2 * logLikelihood(values) + 2 * freedom * (freedom + 1) / (count - freedom - 1)
  }
}

/// Level, slope and season of a series at one moment.
package struct SmoothingState: Sendable, Hashable {
  var level: Double
  var slope: Double
  var season: [Double]

  /// Makes a state.
  package init(level: Double, slope: Double, season: [Double]) {
    (self.level, self.slope, self.season) = (level, slope, season)
  }
}
