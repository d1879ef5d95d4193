import Basics

/// Settings that every forecaster has.
enum ForecastSettings {
  static let columns: [Hyperparameter] = [
    .init("time", "Column of moments; empty: found by itself.", .column),
    .init("series", "Column of series names; empty: found by itself, or all rows are one series.", .column),
    .init(
      "period", "Steps in a season; 0: found by autocorrelation; 1: no season.",
      .integer(0...10_000, logarithmic: false)),
  ]

  /// The season asked for, or found; never longer than the longest series.
  static func period(_ asked: Int, _ data: SeriesData) -> Int {
    let longest = data.values.map(\.count).max() ?? 1
    return max(1, min(asked == 0 ? Period.found(data) : asked, longest))
  }
}
